// What is known of a series that rules write: its value, since when, who writes it, and whether that has times of its
// own. Kept by recorder.ts.

// `atMs` is since when it has the value, `wroteMs` when it was last given out, `by` the place of the rule. One that has
// lapsed would have been written again, had its rule not failed. One that is timed is in the head at the times of a
// group, and at no others.
export type Written = {
  value: number
  atMs: number
  wroteMs: number
  by: number
  hasLapsed: boolean
  isTimed: boolean
}

// What a rule would write.
export type Turn = Readonly<{ by: number; value: number; nowMs: number }>

// Before all rules, and, until rules that were read anew put it, behind all of them.
export const noRule = -1
export const nobody = Number.POSITIVE_INFINITY

export const begun = (value: number, nowMs: number): Written => ({
  value,
  atMs: nowMs,
  wroteMs: nowMs,
  by: nobody,
  hasLapsed: false,
  isTimed: false,
})
