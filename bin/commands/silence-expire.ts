// `plimsoll silence expire`: ends silences now. Called by run.ts.
import { openAsk } from '../ask.ts'
import { type Command, Stop } from '../command.ts'
import { type SilenceLine, silencePath, silencesPath } from '../silence-view.ts'

const form = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

export const command: Command = async call => {
  const { args, on, io } = call
  for (const id of args)
    if (!form.test(id))
      throw new Stop(`wanted the id of a silence, as \`plimsoll silence query\` shows it, found ${id}`, 2)
  const { send } = openAsk(call)
  const known = ((await send('GET', silencesPath)) as readonly SilenceLine[]).map(({ id }) => id)
  const unknown = args.filter(id => !known.includes(id.toLowerCase()))
  if (unknown.length > 0) throw new Stop(`nothing has ended: there is no silence ${unknown.join(', ')}`)
  for (const id of args) await send('DELETE', silencePath(id))
  if (on.has('json')) io.out(`${JSON.stringify({ expired: args })}\n`)
  else io.err(`${args.length === 1 ? 'It has' : `All ${args.length} have`} ended.\n`)
  return 0
}
