// `plimsoll capacity run`: makes the month's drafts now. Called by run.ts.
import { openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { runsPath } from '../requests-view.ts'

type Made = Readonly<{
  run: Readonly<{ month: string }>
  drafts: Readonly<Record<'made' | 'changed' | 'noted' | 'withdrawn', number>>
}>

export const command: Command = async call => {
  const { on, io } = call
  const made = (await openAsk(call).send('POST', runsPath)) as Made
  if (on.has('json')) {
    io.out(`${JSON.stringify(made, null, 2)}\n`)
    return 0
  }
  const { made: fresh, changed, noted, withdrawn } = made.drafts
  io.out(
    `Drafts for ${made.run.month}: ${fresh} new, ${changed} made anew, ${withdrawn} taken back; ${noted} of people have a note of another number.\n`,
  )
  io.err('`plimsoll capacity requests` shows them.\n')
  return 0
}
