// `plimsoll user password`: a new password for somebody who has forgotten theirs, shown once. Called by run.ts.
import { openAsk } from '../ask.ts'
import type { Command } from '../command.ts'

export const command: Command = async call => {
  const { args, on, io } = call
  const name = args[0] ?? ''
  const path = `/api/plimsoll/v1/users/${encodeURIComponent(name)}/password`
  const given = (await openAsk(call).send('POST', path)) as { name: string; password: string }
  if (on.has('json')) io.out(`${JSON.stringify(given)}\n`)
  else {
    io.out(`${given.password}\n`)
    io.err(`This is the new password of ${given.name}. It is shown this once; their sessions have ended.\n`)
  }
  return 0
}
