// `plimsoll version`: ours, and of what runs it. Called by run.ts.
import type { Command } from '../command.ts'
import { version } from '../versions.ts'

export const command: Command = async ({ on, io }) => {
  const versions = { plimsoll: version(), node: process.versions.node }
  if (on.has('json')) io.out(`${JSON.stringify(versions)}\n`)
  else io.out(`Plimsoll ${versions.plimsoll}, Node.js ${versions.node}\n`)
  return 0
}
