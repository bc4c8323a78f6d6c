// What a group looks like at a flush: which alerts may be told as firing, which are held, which have ended. The same for
// all integrations. Called by flush.ts.
import { isResolved } from '../alert.ts'
import type { Reason } from './outcome.ts'
import { perhapsMs } from './recall.ts'
import { type Moment, momentOf } from './stage.ts'
import { heldBy, heldByTime } from './stages.ts'
import type { Group, Seat, Told } from './state.ts'

export type Sight = Readonly<{
  firing: readonly Seat[]
  ended: readonly Seat[]
  // Of `ended`: nothing held them while they fired, nor now, but they were quicker than the flush.
  brief: readonly Seat[]
  // Whose reason is another one than before.
  held: readonly Holding[]
}>

export type Holding = readonly [Seat, Reason | null]

export function sightOf(group: Group, moment: Moment): Sight {
  const firing: Seat[] = []
  const ended: Seat[] = []
  const brief: Seat[] = []
  const held: Holding[] = []
  for (const seat of group.seats) {
    const isOver = isResolved(seat.known.alert, moment.nowMs)
    // Held when it was last looked at is held for good, once it has ended: nobody hears of it because a silence ends
    // a moment later.
    const now = isOver && seat.held !== null ? seat.held : heldBy(seat, moment)
    const reason = now ?? (isOver ? heldThen(seat, moment) : null)
    if (!isOver && reason === null) firing.push(seat)
    if (isOver) ended.push(seat)
    if (isOver && reason === null) brief.push(seat)
    // An end that somebody hears of is not held, whatever holds beginnings by now.
    if (!isSame(reason, seat.held) && !(isOver && isTold(group, seat))) held.push([seat, reason])
  }
  return { firing, ended, brief, held }
}

export const hasHeard = (told: Told | undefined, { known }: Seat): boolean =>
  told?.firing.has(known.alert.fingerprint) ?? false

// Not only perhaps.
export const hasSurelyHeard = (told: Told | undefined, { known }: Seat): boolean =>
  (told?.firing.get(known.alert.fingerprint) ?? perhapsMs) !== perhapsMs

export const isTold = ({ told }: Group, seat: Seat): boolean =>
  told.values().some(each => hasHeard(each, seat))

// Of one that has ended: it still fired when its group was to speak, and nobody was there to do it.
export const wasMissed = (seat: Seat): boolean => seat.known.alert.endsAtMs! > missedMs(seat)

// The first flush that could have told it, which may be one of several that were missed.
function missedMs({ known, group: { dueMs, intervalMs } }: Seat): number {
  const nth = Math.ceil((known.alert.startsAtMs - dueMs) / Math.max(intervalMs, 1))
  return dueMs + Math.max(0, nth) * intervalMs
}

// What was missed would have been held, by what times alone decide, at the first of the flushes and at the last.
function heldThen(seat: Seat, { rules }: Moment): Reason | null {
  if (!wasMissed(seat)) return null
  const { known, group } = seat
  const firstMs = missedMs(seat)
  const lived = Math.ceil((known.alert.endsAtMs! - firstMs) / Math.max(group.intervalMs, 1)) - 1
  const held = heldByTime(seat, momentOf(rules, firstMs))
  if (held === null || lived <= 0) return held
  return heldByTime(seat, momentOf(rules, firstMs + lived * group.intervalMs))
}

function isSame(one: Reason | null, other: Reason | null): boolean {
  if (one === null || other === null) return one === other
  return (
    one.kind === other.kind &&
    one.by.length === other.by.length &&
    one.by.every((name, at) => name === other.by[at])
  )
}
