// Several methods together: on each day the weighted median of what they say. Those weigh most that would have been least
// wrong on this very line. A month ahead no single method is the best for most lines, the middle of several nearly always
// is among the best (Bates and Granger 1969; the M competitions), and it takes most of a pool before a bad one decides.
//
//   weight[m] = 1 / error[m]²           error[m]: mean absolute error of the method's own back-test on the line
//   forecast[h] = weighted median of { forecast[m,h] }       between the two in the middle, as far as their weights say
//
// It survives any one method's weakness: a level shift, since the levels of two weeks and the naive ones follow it; wild
// days, since the medians do not see them; growth, since where there is any the level methods err and lose their weight. Its own
// back-test does not peek: at each origin it weighs by the origins before, as far as their days had come, and at the first
// all alike. It costs what its parts cost: 30 ms for 60 days with five origins, nearly all of it MSTL.
import type { Said, Trial } from './back-test.ts'
import { damped } from './damped.ts'
import { type Fitted, lineOf, type Method, weekDays } from './method.ts'
import { mstl } from './mstl.ts'
import { naive } from './naive.ts'
import type { Origins } from './origins.ts'
import { recentLevel } from './recent-level.ts'
import { seasonalLinear } from './seasonal-linear.ts'
import { seasonalNaive } from './seasonal-naive.ts'

export const parts: Readonly<Record<string, Method>> = {
  seasonal_linear: seasonalLinear,
  damped,
  mstl,
  naive,
  seasonal_naive: seasonalNaive,
  level_14: recentLevel(14),
  level_28: recentLevel(28),
  level_all: recentLevel(Number.POSITIVE_INFINITY),
}

export function combine(trials: readonly Trial[], values: Float64Array, origins: Origins): Trial {
  const { trained } = origins
  const said = trained.map((until, origin) => {
    const weights = weightsOf(trials, { values, origins, before: origin, until })
    return middleOf(
      trials.map(trial => trial.said[origin] ?? null),
      weights,
    )
  })
  const weights = weightsOf(trials, { values, origins, before: trained.length, until: values.length })
  return { fitted: fittedOf(trials, weights), said }
}

type Known = Readonly<{ values: Float64Array; origins: Origins; before: number; until: number }>

// A method that could not be judged as often as the others weighs as if it were as wrong as their middle.
function weightsOf(trials: readonly Trial[], known: Known): Float64Array {
  const offs = Float64Array.from(trials, ({ said }) => offOf(said, known))
  const judged = offs.filter(off => off > 0).sort()
  const usual = judged[judged.length >> 1] ?? 1
  // Nothing is infinitely better than the rest.
  const least = usual / 100
  return offs.map(off => Math.max(Number.isNaN(off) ? usual : off, least) ** -2)
}

function offOf(said: Said, { values, origins, before, until }: Known): number {
  let [sum, count] = [0, 0]
  for (let origin = 0; origin < before; origin++) {
    const ahead = said[origin]
    if (ahead == null) continue
    const from = origins.trained[origin]!
    for (let at = 0; at < ahead.length && from + at < until; at++) {
      const off = Math.abs(ahead[at]! - values[from + at]!)
      if (Number.isNaN(off)) continue
      sum += off
      count++
    }
  }
  return count === 0 ? Number.NaN : sum / count
}

function middleOf(curves: readonly (Float64Array | null)[], weights: Float64Array): Float64Array | null {
  const [first] = curves.filter(each => each !== null)
  if (first === undefined) return null
  const there = [...curves.keys()].filter(at => curves[at] !== null)
  const own = Float64Array.from(there, at => weights[at]!)
  return first.map((_, day) =>
    weightedMedian(
      Float64Array.from(there, at => curves[at]![day]!),
      own,
    ),
  )
}

// Each number stands in the middle of its weight; between two of them it is a straight line.
export function weightedMedian(numbers: Float64Array, weights: Float64Array): number {
  const order = [...numbers.keys()].sort((a, b) => numbers[a]! - numbers[b]!)
  const half = weights.reduce((sum, each) => sum + each, 0) / 2
  let [below, before, beforeAt] = [0, Number.NaN, 0]
  for (const at of order) {
    const middle = below + weights[at]! / 2
    if (middle >= half) {
      const share = (half - beforeAt) / (middle - beforeAt)
      return Number.isNaN(before) ? numbers[at]! : before + (numbers[at]! - before) * share
    }
    below += weights[at]!
    ;[before, beforeAt] = [numbers[at]!, middle]
  }
  return before
}

function fittedOf(trials: readonly Trial[], weights: Float64Array): Fitted {
  const ahead = (days: number): Float64Array =>
    middleOf(
      trials.map(({ fitted }) => fitted.ahead(days)),
      weights,
    ) ?? new Float64Array(days).fill(Number.NaN)
  return { ...lineOf(ahead(2 * weekDays)), ahead }
}
