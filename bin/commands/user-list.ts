// `plimsoll user list`: who may log in, and what they may do. Called by run.ts.
import { openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { tableText } from '../table.ts'
import { timeText } from '../when.ts'

type User = Readonly<{ name: string; scopes: readonly string[]; createdAtMs: number; disabledAtMs?: number }>

const columns = ['name', 'scopes', 'made'].map(title => ({ title }))

export const command: Command = async call => {
  const { on, io } = call
  const { users } = (await openAsk(call).send('GET', '/api/plimsoll/v1/users')) as { users: readonly User[] }
  if (on.has('json')) io.out(`${JSON.stringify({ users }, null, 2)}\n`)
  else if (users.length === 0)
    io.err('There is nobody yet. The first start prints a link that makes the administrator.\n')
  else {
    const made = (tMs: number): string => timeText(Math.floor(tMs / 1_000) * 1_000, io.timeZone)
    io.out(
      tableText(
        columns,
        users.map(each => [each.name, each.scopes.join(','), made(each.createdAtMs)]),
      ),
    )
  }
  return 0
}
