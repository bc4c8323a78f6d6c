// `plimsoll alerts`: what is failing now. Called by run.ts.
import { labelsOf } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import { type AlertLine, alertsText, inOrder } from '../alerts-view.ts'
import { openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { matchersOf } from '../matcher-words.ts'
import { paintFor } from '../paint.ts'

export const command: Command = async call => {
  const { args, on, io } = call
  const matchers = matchersOf(args)
  const { data } = (await openAsk(call).send('GET', '/api/v1/alerts')) as {
    data: { alerts: readonly AlertLine[] }
  }
  const isMet = ({ labels }: AlertLine): boolean =>
    matches({ name: '', labels: labelsOf(Object.entries(labels)) }, matchers)
  const met = data.alerts.filter(isMet)
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
