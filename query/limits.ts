// How much one question may cost. The configuration says it under limits.query; these are its defaults. Read by the
// routes.

export type QueryLimits = Readonly<{
  // Read for one answer, and held at one time while it is made.
  samples: number
  // That one selector may find.
  series: number
  // Of one series in one answer.
  points: number
  timeMs: number
  // Questions that are answered at one time.
  concurrent: number
}>

export const defaultLimits: QueryLimits = {
  samples: 10_000_000,
  series: 200_000,
  points: 11_000,
  timeMs: 60_000,
  concurrent: 4,
}
