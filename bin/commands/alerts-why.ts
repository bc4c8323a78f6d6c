// `plimsoll alerts why`: who was told of an alert, and who was not, and why. Called by run.ts.
import { type Ask, openAsk } from '../ask.ts'
import { type Command, Stop } from '../command.ts'
import { filtersOf } from '../matcher-words.ts'
import { paintFor } from '../paint.ts'
import { type WhyLine, whyText } from '../why-view.ts'

const alertsMax = 20

export const command: Command = async call => {
  const { args, on, io } = call
  const ask = openAsk(call)
  const found = await printsOf(args, ask)
  const whys: WhyLine[] = []
  for (const alert of found.slice(0, alertsMax)) {
    const path = `/api/plimsoll/v1/why?${new URLSearchParams({ alert, language: 'en' })}`
    whys.push((await ask.send('GET', path)) as WhyLine)
  }
  if (on.has('json')) io.out(`${JSON.stringify({ alerts: whys }, null, 2)}\n`)
  else io.out(whys.map(each => whyText(each, { timeZone: io.timeZone, paint: paintFor(io) })).join('\n'))
  const left = found.length - whys.length
  if (left > 0) io.err(`${left} more meet all of this; more matchers say which are meant.\n`)
  return 0
}

// A fingerprint, or matchers of alerts that fire.
async function printsOf(args: readonly string[], { send }: Ask): Promise<readonly string[]> {
  const [first = ''] = args
  if (args.length === 1 && /^[\da-f]{16}$/.test(first)) return [first]
  const asked = filtersOf(args)
  const alerts = (await send('GET', `/api/v2/alerts?${asked}`)) as readonly { fingerprint: string }[]
  if (alerts.length > 0) return alerts.map(({ fingerprint }) => fingerprint)
  throw new Stop('no alert that fires meets all of this. One that has ended is found by its fingerprint.')
}
