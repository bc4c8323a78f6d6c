// Why is an alert not found any more where it was: is the condition over, or its data? Called by kernel-rule.ts and
// sets.ts.
import { isStale } from '#core/stale.ts'
import type { Head } from '../head.ts'

// Its series say otherwise; they have ended; or nothing comes of one of them, and nobody has said that it has ended.
export type Absence = 'untrue' | 'ended' | 'silent'

export function absenceOf(head: Head, slots: readonly number[], nowMs: number): Absence {
  if (!slots.every(slot => head.isSilent(slot, nowMs))) return 'untrue'
  return slots.length > 0 && slots.every(slot => hasEnded(head, slot)) ? 'ended' : 'silent'
}

function hasEnded({ strips: { values, begins, ends } }: Head, slot: number): boolean {
  const last = ends[slot]! - 1
  return last >= begins[slot]! && isStale(values, last)
}
