// What the store holds, for people and for its own metrics. Counted by engine.ts.

export type Size = Readonly<{
  segments: number
  // Calendar days (UTC) that have segments.
  days: number
  // In segments, and not in one yet.
  samples: number
  recentSamples: number
  segmentBytes: number
  recentBytes: number
  journalBytes: number
}>
