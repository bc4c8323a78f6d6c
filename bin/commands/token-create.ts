// `plimsoll token create`: a new token, shown once. Called by run.ts.
import { readDuration } from '#core/duration.ts'
import { openAsk } from '../ask.ts'
import { type Call, type Command, Stop } from '../command.ts'
import { tokensPath } from '../token-view.ts'

export const command: Command = async call => {
  const { args, on, io } = call
  const [name = ''] = args
  const body = { name, scopes: scopesOf(call), ...expiryOf(call) }
  const made = await openAsk(call).send('POST', tokensPath, body)
  const { id, secret } = made as { id: string; secret: string }
  if (on.has('json')) {
    io.out(`${JSON.stringify(made)}\n`)
    return 0
  }
  // The secret alone goes out, so that `TOKEN=$(plimsoll token create …)` has it.
  io.out(`${secret}\n`)
  io.err(
    `This is the token ${name} (${id}). It is shown this once; \`plimsoll token revoke ${id}\` ends it.\n`,
  )
  return 0
}

function scopesOf({ text }: Call): string[] {
  const list = text['scopes']?.split(',').map(each => each.trim())
  if (list === undefined) throw new Stop('wanted --scopes, like --scopes read,write', 2)
  return [...new Set(list)]
}

function expiryOf({ text, io }: Call): { expiresAtMs?: number } {
  const given = text['expires']
  if (given === undefined) return {}
  const ms = readDuration(given)
  if (ms === undefined || ms === 0) throw new Stop(`--expires: wanted a duration like 90d, found ${given}`, 2)
  return { expiresAtMs: io.clock.nowMs() + ms }
}
