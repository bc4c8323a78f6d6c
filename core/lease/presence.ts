// Which of those that once took part in a kind of work do so now? Those whose row was seen to change within six seconds
// in which it was looked at. Pure; called by members.ts after each look.
import { type LeaseRow, nobody } from './lease-rows.ts'
import { timing } from './timing.ts'

// For how long it was looked at without a change. Who was silent stays it until something changes.
export type Presence = Readonly<{ row: LeaseRow; quietMs: number }>

export type Presences = ReadonlyMap<string, Presence>

// `passedMs` since the last look. It counts for a beat at most: while the state was away nobody could show that he
// lives, and before their first look all of them have just been seen.
export function present(before: Presences, rows: readonly LeaseRow[], passedMs: number): Presences {
  const countedMs = Math.min(passedMs, timing.beatMs)
  return new Map(
    rows.map(row => {
      const last = before.get(row.name)
      const quietMs = last !== undefined && isSame(last.row, row) ? last.quietMs + countedMs : 0
      return [row.name, { row, quietMs }]
    }),
  )
}

export const isPresent = ({ row, quietMs }: Presence): boolean =>
  row.owner !== nobody && quietMs < timing.silentMs

const isSame = (one: LeaseRow, other: LeaseRow): boolean =>
  one.owner === other.owner && one.epoch === other.epoch && one.beat === other.beat
