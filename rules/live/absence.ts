// Why is an alert not found any more where it was: is the condition over, or its data? Called by kernel-rule.ts and
// sets.ts.
import { isStale } from '#core/stale.ts'
import type { Head } from '../head.ts'

// Its series say otherwise; they have ended; nothing comes of one of them, and nobody has said that it has ended; or
// there is not enough of them to say.
export type Absence = 'untrue' | 'ended' | 'silent' | 'unsure'

// Series that a rule looks at in one way. `windowMs` is the shortest of its windows; 0 where it has none.
export type Read = Readonly<{ slots: readonly number[]; windowMs: number }>

const neededInWindow = 2

export function absenceOf(head: Head, reads: readonly Read[], nowMs: number): Absence {
  let speaking = 0
  let ended = 0
  let silent = 0
  let isShort = false
  for (const { slots, windowMs } of reads) {
    // After a start those may not even be known.
    if (slots.length === 0) isShort = true
    for (const slot of slots) {
      if (!head.isSilent(slot, nowMs)) {
        speaking++
        isShort ||= windowMs > 0 && !isEnough(head, slot, { windowMs, nowMs })
      } else if (hasEnded(head, slot)) ended++
      else silent++
    }
  }
  if (speaking === 0) return silent === 0 && ended > 0 ? 'ended' : 'silent'
  return isShort || silent > 0 ? 'unsure' : 'untrue'
}

function hasEnded({ strips: { values, begins, ends } }: Head, slot: number): boolean {
  const last = ends[slot]! - 1
  return last >= begins[slot]! && isStale(values, last)
}

type Look = Readonly<{ windowMs: number; nowMs: number }>

// A rate needs as many.
function isEnough({ strips }: Head, slot: number, { windowMs, nowMs }: Look): boolean {
  const { tMs, values, begins, ends } = strips
  const last = ends[slot]! - 1
  // One that is ahead is as of now.
  const afterMs = Math.max(nowMs, tMs[last]!) - windowMs
  let count = 0
  for (let at = last; at >= begins[slot]! && tMs[at]! > afterMs && count < neededInWindow; at--) {
    if (!isStale(values, at)) count++
  }
  return count === neededInWindow
}
