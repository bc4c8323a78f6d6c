// How errors grow with the days ahead: by how much of what a line varies by adds up from day to day (a walk), and how much
// is noise that stays where it is. Pure; called by finish.ts and tried.ts.
//
//   v = ( mean|r[t] − r[t−1]| / mean|r[t]| )²        r: the line without its trend and its week; 2 of noise, 16/n of most walks
//   λ = (2 − v) / (v·n/26 − 1) + 0.01                what a day adds to the walk by what is noise, as variances; p = λ / (1 + λ)
//   g(h)² = (1−p)·(1 + (4 + 12·x + 12·x²)/n) + p·(2n/15 + 1.1·h + 1.2·h²/n)         of a fit of n days; x = h/n
//
// Both brackets are how far a least-squares line is off h days after it: of noise hardly more than today; of a walk faster than
// the root of time, since the walk bends the slope. 26 and not 16, as four of five walks have less; 0.01 is for what no sixty
// days show. Fewer than three weeks cannot tell one from the other: λ is 1/3. Wild days weigh little, as nothing is squared; a level shift
// and a promotion of many days look like a walk, and widen. Measured on lines of many kinds, 30 to 90 days ahead. O(n).
import { known, weekDays } from './method.ts'
import type { Origins } from './origins.ts'
import { withoutLine } from './without-line.ts'

// How far anybody may ask.
export const horizonMax = 1_500

const leastDays = 3 * weekDays
const unknownLambda = 1 / 3
// A line through two days would be off by any amount.
const leastFitted = 3
const leastLambda = 0.01

// √p in steps, so that lines share what is computed.
const steps = 32

export function walkOf(values: Float64Array): number {
  const lambda = lambdaOf(values)
  return Math.round(steps * Math.sqrt(lambda / (1 + lambda))) / steps
}

function lambdaOf(values: Float64Array): number {
  const count = known(values)
  if (count < leastDays) return unknownLambda
  const rest = withoutLine(values)
  let [off, stepped, compared, before] = [0, 0, 0, Number.NaN]
  for (let at = 0; at < values.length; at++) {
    const now = rest[at]!
    // A gap.
    if (Number.isNaN(now)) continue
    off += Math.abs(now)
    if (!Number.isNaN(before)) {
      stepped += Math.abs(now - before)
      compared++
    }
    before = now
  }
  const v = ((stepped / compared) * (count / off)) ** 2
  // A line without any noise has none that adds up.
  if (!(v < 2)) return leastLambda
  const less = (v * count) / 26 - 1
  return less > 0 ? (2 - v) / less + leastLambda : Number.MAX_VALUE
}

// `walk`: √p.
function growthOf(walk: number, days: number, ahead: number): number {
  const n = Math.max(days, leastFitted)
  const x = ahead / n
  const ofNoise = 1 + (4 + 12 * x + 12 * x * x) / n
  const ofWalk = n * (2 / 15 + 1.1 * x + 1.2 * x * x)
  return Math.sqrt((1 - walk * walk) * ofNoise + walk * walk * ofWalk)
}

const found = new Map<number, Float64Array>()
const foundMax = 500

// By days ahead, from 0, of a fit of so many days.
export function growthAhead(walk: number, days: number): Float64Array {
  const key = days * (steps + 1) + walk * steps
  const kept = found.get(key)
  if (kept !== undefined) return kept
  if (found.size >= foundMax) found.clear()
  const growth = Float64Array.from({ length: horizonMax + 1 }, (_, ahead) => growthOf(walk, days, ahead))
  found.set(key, growth)
  return growth
}

type Tried = Readonly<{ each: Float64Array; mean: number }>
const tried = new WeakMap<Origins, Map<number, Tried>>()

// Of each comparison of a back-test, whose fits saw fewer days.
export function growthTried(walk: number, origins: Origins): Tried {
  const own = tried.get(origins) ?? new Map<number, Tried>()
  const kept = own.get(walk)
  if (kept !== undefined) return kept
  const each = Float64Array.from(origins.ahead, (ahead, at) =>
    growthOf(walk, origins.day[at]! - ahead + 1, ahead),
  )
  const made = { each, mean: each.reduce((sum, one) => sum + one, 0) / each.length }
  tried.set(origins, own.set(walk, made))
  return made
}
