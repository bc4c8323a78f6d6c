// From which days of its own past a line is forecast again, to see how wrong a method would have been: five, from the
// middle of the window to a tenth before its end, so that a fit sees at least half of what it sees today. Called by
// bulk.ts and trial.ts, which therefore judge alike.

const originsMax = 5
// A fit of fewer days is no fit.
const leastTrained = 10

export type Origins = Readonly<{
  // How many days each fit sees, rising.
  trained: readonly number[]
  // The farthest day ahead that is compared.
  horizon: number
  // The day of the window, and how far ahead of its origin it lies, of each comparison, one origin after the other.
  day: Uint16Array
  ahead: Uint16Array
}>

const found = new Map<number, Origins>()
const foundMax = 1_000

export function originsOf(days: number, horizonDays: number): Origins {
  const horizon = Math.max(0, Math.min(horizonDays, days - firstOf(days)))
  const key = days * 10_000 + horizon
  const kept = found.get(key)
  if (kept !== undefined) return kept
  if (found.size >= foundMax) found.clear()
  const origins = laidOut(days, horizon)
  found.set(key, origins)
  return origins
}

const firstOf = (days: number): number => Math.max(leastTrained, Math.ceil(days / 2))

function laidOut(days: number, horizon: number): Origins {
  const first = firstOf(days)
  const step = Math.max(1, Math.floor((days - first) / originsMax))
  const trained = Array.from({ length: originsMax }, (_, at) => first + at * step).filter(each => each < days)
  const compared = trained.flatMap(each =>
    Array.from({ length: Math.min(horizon, days - each) }, (_, ahead) => [each + ahead, ahead + 1] as const),
  )
  return {
    trained,
    horizon,
    day: Uint16Array.from(compared, ([day]) => day),
    ahead: Uint16Array.from(compared, ([, ahead]) => ahead),
  }
}

// What the naive forecast says from then on.
export function lastKnown(values: Float64Array, before: number): number {
  let at = before - 1
  while (at > 0 && Number.isNaN(values[at]!)) at--
  return values[at]!
}
