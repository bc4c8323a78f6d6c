// What a command is: its row in the table, and what it is handed. Called by commands.ts, run.ts and every file
// in commands/.

import type { Clock } from '#core/clock.ts'
import type { Environment } from '#core/config.ts'

// 0 fine, 1 found problems, 2 wrong usage.
export type Exit = 0 | 1 | 2

// The world as a command sees it, so that tests can be one.
export type Io = Readonly<{
  out(text: string): void
  err(text: string): void
  env: Environment
  cwd: string
  // Whether standard output is one, how wide it is, and whether it wants colour.
  isTerminal: boolean
  columns: number
  hasColor: boolean
  timeZone: string
  clock: Clock
}>

export type Flag = Readonly<{
  says: string
  // The name of its value; left out: it has none.
  takes?: string
  short?: string
  values?: readonly string[]
  // May be said again.
  many?: true
  // Of those: what stands behind it up to the next flag belongs to it too, as a shell writes out `--rules *.yml`.
  isGreedy?: true
}>

export type Row = Readonly<{
  // `token create` is a command of two words.
  name: string
  // `SELECTOR`, `[FILE]`, `FILE…`: those in brackets may be left out, of those with dots there may be several.
  args: readonly string[]
  says: string
  about?: string
  examples?: readonly string[]
  flags: Readonly<Record<string, Flag>>
  // It reads its words itself, as another program does whose flags it takes.
  isForeign?: true
}>

export type Call = Readonly<{
  row: Row
  args: readonly string[]
  // Flags with a value, and those without.
  text: Readonly<Record<string, string | undefined>>
  // Of flags that may be said again, all values.
  lists: Readonly<Record<string, readonly string[] | undefined>>
  on: ReadonlySet<string>
  io: Io
}>

// What each file in commands/ exports as `command`.
export type Command = (call: Call) => Promise<Exit>

// An end that a person can do something about: its message is all that they see.
export class Stop extends Error {
  readonly exit: Exit
  constructor(message: string, exit: Exit = 1) {
    super(message)
    this.exit = exit
  }
}
