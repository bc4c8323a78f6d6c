// `plimsoll silence query`: what nobody is told of, until when and why. Called by run.ts.
import { openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { filtersOf } from '../matcher-words.ts'
import { type SilenceLine, silencesPath, silencesText } from '../silence-view.ts'

export const command: Command = async call => {
  const { args, on, io } = call
  const asked = filtersOf(args)
  const path = asked.size === 0 ? silencesPath : `${silencesPath}?${asked}`
  const found = (await openAsk(call).send('GET', path)) as readonly SilenceLine[]
  const silences = found.filter(({ status }) => (status.state === 'expired') === on.has('expired'))
  if (on.has('json')) io.out(`${JSON.stringify({ silences }, null, 2)}\n`)
  else if (silences.length > 0) io.out(silencesText(silences, io.timeZone))
  else io.err(on.has('expired') ? 'No silence ended lately.\n' : 'Nothing is silenced.\n')
  return 0
}
