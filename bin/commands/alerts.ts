// `plimsoll alerts`: what is failing now, by our own rules and by whoever posts alerts. Called by run.ts.
import { labelsOf } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import { type AlertLine, alertsText, inOrder } from '../alerts-view.ts'
import { Absent, type Ask, openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { matchersOf } from '../matcher-words.ts'
import { paintFor } from '../paint.ts'
import { type ToldLine, together } from '../told-alerts.ts'

export const command: Command = async call => {
  const { args, on, io } = call
  const matchers = matchersOf(args)
  const isMet = ({ labels }: AlertLine): boolean =>
    matches({ name: '', labels: labelsOf(Object.entries(labels)) }, matchers)
  const met = (await askBoth(openAsk(call))).filter(isMet)
  const wanted = inOrder(met.filter(({ state }) => on.has('all') || state === 'firing'))
  if (on.has('json')) {
    io.out(`${JSON.stringify({ alerts: wanted }, null, 2)}\n`)
    return 0
  }
  if (wanted.length > 0) io.out(alertsText(wanted, { timeZone: io.timeZone, paint: paintFor(io) }))
  const pending = met.length - wanted.length
  // Beside the output, so that a pipe stays clean.
  const which = matchers.length === 0 ? '' : ' that meets all of this'
  if (wanted.length === 0) io.err(`No alert${which} ${on.has('all') ? 'is active' : 'fires'}.\n`)
  if (pending > 0) io.err(`${pending} ${pending === 1 ? 'is' : 'are'} pending; --all shows them too.\n`)
  return 0
}

// On a fleet a process may have one of the two roles; none of them is a refusal.
async function askBoth(ask: Ask): Promise<readonly AlertLine[]> {
  const [ruled, told] = await Promise.all([
    perhaps(ask, '/api/v1/alerts') as Promise<{ data: { alerts: readonly AlertLine[] } } | Absent>,
    perhaps(ask, '/api/v2/alerts') as Promise<readonly ToldLine[] | Absent>,
  ])
  if (ruled instanceof Absent) {
    if (told instanceof Absent) throw ruled
    return together([], told)
  }
  return together(ruled.data.alerts, told instanceof Absent ? [] : told)
}

async function perhaps(ask: Ask, path: string): Promise<unknown> {
  try {
    return await ask.send('GET', path)
  } catch (error) {
    if (error instanceof Absent) return error
    throw error
  }
}
