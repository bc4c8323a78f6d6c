// The mission's line for very many lines at once: least squares and its back-test in the calling thread. Inner loops: sums
// that grow with each day instead of fits begun anew, one array of errors for all lines; bench/capacity.ts holds 10 000 lines
// of 60 days to 0.1 s. linear.ts is its twin, and a test holds them equal. Called by forecaster.ts.
import { noSums, type Sums } from './errors.ts'
import { lastKnown, type Origins, originsOf } from './origins.ts'
import type { Prepared } from './prepare.ts'
import { scaleOfLine, type Tried } from './tried.ts'

export type Wanted = Readonly<{ line: Prepared; horizonDays: number }>

export function bulkLinear(wanted: readonly Wanted[]): Tried[] {
  const origins = wanted.map(({ line, horizonDays }) => originsOf(line.values.length, horizonDays))
  const room = new Float64Array(origins.reduce((sum, { day }) => sum + day.length, 0))
  let used = 0
  return wanted.map(({ line }, at) => {
    const own = origins[at]!
    const errors = room.subarray(used, used + own.day.length)
    used += errors.length
    return tryLine(line, own, errors)
  })
}

function tryLine({ values, known }: Prepared, origins: Origins, errors: Float64Array): Tried {
  const sums = noSums()
  const comparing = { values, origins, errors, sums }
  begin()
  let seen = 0
  let at = 0
  for (const trained of origins.trained) {
    add(values, seen, trained)
    seen = trained
    fitNow(trained - 1, values[0]!)
    at = compareAhead(comparing, trained, at)
  }
  add(values, seen, values.length)
  if (known === 0) fit.level = fit.slope = Number.NaN
  else fitNow(values.length - 1, values[0]!)
  return {
    method: 'linear',
    fit: { level: fit.level, slopePerDay: fit.slope, weekly: null },
    ahead: null,
    origins,
    errors,
    sums,
    ...scaleOfLine(values, sums, origins),
  }
}

// Of one fit: where it ends and how it goes on.
const fit = { level: 0, slope: 0 }

// Sums over known days: x counts from the first day, y from the first value, so that little is lost where values are large.
const sum = { n: 0, x: 0, xx: 0, y: 0, xy: 0 }

function begin(): void {
  sum.n = sum.x = sum.xx = sum.y = sum.xy = 0
}

function add(values: Float64Array, from: number, to: number): void {
  const base = values[0]!
  let { n, x, xx, y, xy } = sum
  for (let at = from; at < to; at++) {
    const value = values[at]! - base
    // A gap.
    if (Number.isNaN(value)) continue
    n++
    x += at
    xx += at * at
    y += value
    xy += at * value
  }
  sum.n = n
  sum.x = x
  sum.xx = xx
  sum.y = y
  sum.xy = xy
}

function fitNow(last: number, base: number): void {
  const { n, x, xx, y, xy } = sum
  fit.slope = n < 2 ? 0 : (xy - (x * y) / n) / (xx - (x * x) / n)
  fit.level = base + y / n + fit.slope * (last - x / n)
}

type Comparing = Readonly<{ values: Float64Array; origins: Origins; errors: Float64Array; sums: Sums }>

// Gives back where the errors of the next origin begin.
function compareAhead({ values, origins, errors, sums }: Comparing, trained: number, begin: number): number {
  const naive = lastKnown(values, trained)
  const { level, slope } = fit
  const days = Math.min(origins.horizon, values.length - trained)
  let count = 0
  let error = 0
  let off = 0
  let size = 0
  let symmetric = 0
  let naiveOff = 0
  for (let ahead = 1; ahead <= days; ahead++) {
    const came = values[trained + ahead - 1]!
    const said = level + slope * ahead
    const wrong = said - came
    errors[begin + ahead - 1] = wrong
    if (Number.isNaN(wrong)) continue
    const both = Math.abs(said) + Math.abs(came)
    count++
    error += wrong
    off += Math.abs(wrong)
    size += Math.abs(came)
    naiveOff += Math.abs(naive - came)
    if (both > 0) symmetric += (2 * Math.abs(wrong)) / both
  }
  // Once for each origin: a field of an object is dearer than a variable.
  sums.count += count
  sums.error += error
  sums.off += off
  sums.came += size
  sums.symmetric += symmetric
  sums.naiveOff += naiveOff
  return begin + days
}
