// What the store holds just now, for the front page, the benchmarks and whoever wonders about a disk. Counted by
// engine.ts, asked for through messages.ts.

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
