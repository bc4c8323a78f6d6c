// What delivery knows of an entry of the outbox while it is not told: by which ways it was tried, and when it is looked at
// again. In memory only: after a restart it begins with the first way again. Times are those of a clock that never goes
// back. Changed by delivery.ts and its parts.
import { lineOf } from '../outbox/line.ts'
import type { OutboxEntry } from '../outbox-entry.ts'

// For what it says, by a bare status; for where it goes, as its own labels have it; for what is said of all; or with
// others, for what any of them says.
export type Refusal = 'words' | 'place' | 'settings' | 'digest'

export type Item = {
  // As it was last heard of or taken.
  entry: OutboxEntry
  // Of its group and integration: one of them is on its way at a time.
  readonly line: string
  // It is not looked at before.
  dueMs: number
  isFlying: boolean
  // Those that took the last message that was tried, as missing.ts counts them.
  took: readonly Readonly<{ nth: number; receipts: readonly string[] }>[]
  // Where it waits, and since when it is that one's turn.
  way: string | undefined
  stepSinceMs: number
  // Ways that refused it for good, and those that were tried in this round.
  out: readonly string[]
  passed: readonly string[]
  // Why those did that may be asked again; nothing for those that did for good.
  refusals: ReadonlyMap<string, Refusal | undefined>
  // Ways whose service took it, while the receipt of none came: they are not asked again.
  told: readonly string[]
  // For what it says or where it goes, by one that may take it later: until then it waits for nothing but other words.
  isRefused: boolean
  // It was tried by an earlier run, and nobody knows what came of it.
  isRecalled: boolean
  // Something was merged into it while it was on its way.
  hasNews: boolean
  // As one that nobody was told of.
  isCounted: boolean
  // Why the last one failed.
  reason: string
  // By which way, as it is set: refused for what it says, so that only a short one is sent there.
  tooMuchFor: string | undefined
  // By which ways so many groups go in one message with it: one of more was refused there.
  groupsMaxBy: ReadonlyMap<string, number>
  // Ways by which a try with a picture failed: there it goes without.
  bareBy: readonly string[]
  // It was accepted, and its receipt is waited for.
  awaits: readonly string[]
}

// Of nearly all: it is shared, because a storm has many of them.
export const none: ReadonlyMap<string, never> = new Map<string, never>()

export const newItem = (entry: OutboxEntry, dueMs: number): Item => ({
  entry,
  line: lineOf(entry),
  dueMs,
  isFlying: false,
  took: [],
  way: undefined,
  stepSinceMs: dueMs,
  out: [],
  passed: [],
  refusals: none,
  told: [],
  isRefused: false,
  isRecalled: entry.tries > 0,
  hasNews: false,
  isCounted: false,
  reason: '',
  tooMuchFor: undefined,
  groupsMaxBy: none,
  bareBy: [],
  awaits: [],
})
