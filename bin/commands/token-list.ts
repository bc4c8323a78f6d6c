// `plimsoll token list`: every token, what it may do and when it was last used. Called by run.ts.
import { openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { type TokenLine, tokensPath, tokensText } from '../token-view.ts'

export const command: Command = async call => {
  const { on, io } = call
  const { tokens } = (await openAsk(call).send('GET', tokensPath)) as { tokens: readonly TokenLine[] }
  if (on.has('json')) io.out(`${JSON.stringify({ tokens }, null, 2)}\n`)
  else if (tokens.length > 0) io.out(tokensText(tokens, io.clock.nowMs(), io.timeZone))
  else io.err('There are no tokens yet. `plimsoll token create NAME --scopes read` makes one.\n')
  return 0
}
