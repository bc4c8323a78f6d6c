// What was tried becomes a forecast: lines asked together share one calibration, then each gets its band, its dates, its
// errors and its findings. Called by forecaster.ts.
import { weekdayOf } from '../days.ts'
import type { Forecast, ForecastAsked, Tried as Other } from '../forecast.ts'
import { type Band, bandOf, widthOf } from './bands.ts'
import { type Drawn, draw, meetings } from './edges.ts'
import { errorsOf } from './errors.ts'
import { Finished } from './finished.ts'
import { growthAhead, growthTried, horizonMax } from './growth.ts'
import type { Prepared } from './prepare.ts'
import type { Tried } from './tried.ts'

// As many lines say enough about how wrong lines are.
const calibratedLines = 300

export function calibrate(tried: readonly Tried[]): Band {
  const fit = tried.filter(({ scale, sums }) => scale > 0 && sums.count > 0)
  const step = Math.ceil(fit.length / calibratedLines)
  const chosen = fit.filter((_, at) => at % step === 0)
  const ratios = new Float64Array(chosen.reduce((sum, each) => sum + each.sums.count, 0))
  let count = 0
  for (const { errors, origins, scale, walk } of chosen) {
    const growth = growthTried(walk, origins).each
    for (let at = 0; at < errors.length; at++) {
      // What came less what was said: how far the edge must be from what is said.
      const ratio = -errors[at]! / (scale * growth[at]!)
      if (!Number.isNaN(ratio)) ratios[count++] = ratio
    }
  }
  return bandOf(ratios.subarray(0, count), chosen.length)
}

export type Ready = Readonly<{
  asked: ForecastAsked
  line: Prepared
  tried: Tried
  by: Forecast['chosen']['by']
  // What else was tried; whether the truth lay in its band nobody knows, for it got none.
  others: readonly Other[]
}>

export function finish(ready: readonly Ready[], band: Band): Forecast[] {
  // One for all lines: thirty thousand small ones are dear.
  const room = new Float64Array(3 * ready.reduce((sum, { asked }) => sum + asked.horizonDays, 0))
  let used = 0
  const take = (days: number): Float64Array => {
    used += days
    return room.subarray(used - days, used)
  }
  return ready.map(each => {
    const days = each.asked.horizonDays
    return finishOne(each, band, { likely: take(days), low: take(days), high: take(days) })
  })
}

function finishOne(ready: Ready, band: Band, drawn: Drawn): Forecast {
  const { asked, line, tried, by } = ready
  const { ahead, fit, scale, walk, method, sums, origins } = tried
  const width = widthOf(scale, walk)
  const curve = {
    ahead,
    level: fit.level,
    slope: fit.slopePerDay,
    band: { low: band.low * width, high: band.high * width },
    growth: growthAhead(walk, line.values.length),
    least: line.isPositive ? 0 : Number.NEGATIVE_INFINITY,
    factors: factorsAhead(asked, line.firstDay),
  }
  draw(curve, drawn)
  sums.within = within(tried, curve.band)
  const errors = errorsOf(sums, origins.horizon)
  const said = {
    firstDay: line.firstDay,
    likely: drawn.likely,
    low: drawn.low,
    high: drawn.high,
    method,
    chosen: { by, among: [{ method, errors }, ...ready.others] },
    fit: fit.weekly === null ? fit : { ...fit, weekly: fromSunday(fit.weekly, line.firstDay) },
    errors,
    meets: meetings(curve, asked.limit, line.firstDay),
  }
  return new Finished(said, asked, line)
}

// Methods count the days of a week from the first day ahead.
const fromSunday = (weekly: readonly number[], firstDay: number): readonly number[] =>
  weekly.map((_, weekday) => weekly[(weekday - weekdayOf(firstDay) + weekly.length) % weekly.length]!)

function within({ errors, origins, walk }: Tried, { low, high }: Band): number {
  const growth = growthTried(walk, origins).each
  let count = 0
  for (let at = 0; at < errors.length; at++) {
    const off = -errors[at]! / growth[at]!
    if (off >= low && off <= high) count++
  }
  return count
}

type Ahead = Readonly<{ firstDay: number; values: Float64Array | null }>
// Many lines share their factors.
const found = new WeakMap<ForecastAsked['factors'], Ahead>()

// As far as anybody may ask; null: all are 1.
function factorsAhead({ factors }: ForecastAsked, firstDay: number): Float64Array | null {
  if (factors.size === 0) return null
  const known = found.get(factors)
  if (known?.firstDay === firstDay) return known.values
  const isPlain = [...factors.keys()].every(day => day < firstDay)
  const values = isPlain
    ? null
    : Float64Array.from({ length: horizonMax }, (_, at) => factors.get(firstDay + at) ?? 1)
  found.set(factors, { firstDay, values })
  return values
}
