// `plimsoll token revoke`: from now on the token opens nothing. Called by run.ts.
import { openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { tokensPath } from '../token-view.ts'

export const command: Command = async call => {
  const { args, on, io } = call
  const [id = ''] = args
  await openAsk(call).send('DELETE', `${tokensPath}/${encodeURIComponent(id)}`)
  if (on.has('json')) io.out(`${JSON.stringify({ id, revoked: true })}\n`)
  else io.err(`The token ${id} opens nothing any more.\n`)
  return 0
}
