// How wrong may it be? A band that held the truth nine times of ten when the line's own past, and that of the lines asked
// together with it, was forecast again (conformal prediction; Vovk 2005, Romano 2019 for scaled scores).
//
//   ratio[i,h] = error[i,h] / (scale[i] · g(h))           of each line i and each day h ahead that could be compared
//   edge[i,h]  = forecast[i,h] + quantile(ratios) · scale[i] · g(h)      at 5 % and at 95 %
//   g(h) = √(1 + h/12)
//
// scale is what makes lines comparable: the geometric mean of how far the method was off when it forecast this line again and how
// far the line is from itself a week before. One line alone compares too little (75 days, neighbours of each other), so
// its quantiles are drawn towards those of typical lines (`typical`), as if these were three lines more. g says how errors grow:
// by the root of time, as of a walk on top of noise; it is also the stated rule beyond the days that can be compared (with
// 60 days of history: beyond 30). Measured by `npm run accuracy`: docs/forecasting.md.
//
// It survives errors of any shape, skew too: both edges are found by themselves. It does not know what never happened in
// the window. Finding two quantiles of at most 50 000 ratios costs 1 ms.
import { quantileOf } from './middle.ts'

// How far ahead dates are looked for; and how far anybody may ask.
export const daysAhead = 400
export const horizonMax = 1_500

const share = 0.9

// Edges in ratios.
export type Band = Readonly<{ low: number; high: number }>

// Of the ratios of methods with a back-test of 60 days, pooled over synthetic lines of many kinds and public series.
const typical: Band = { low: -1.8, high: 1.8 }
const typicalLines = 3
// The scale comes of the very errors that it divides, so they look smaller than those to come: by as much, as measured.
const widened = 1.05

// By days ahead, from 0.
export const growth: Float64Array = Float64Array.from({ length: horizonMax + 1 }, (_, ahead) =>
  Math.sqrt(1 + ahead / 12),
)

// Puts the ratios into another order. `lines` is how many they come from.
export function bandOf(ratios: Float64Array, lines: number): Band {
  if (ratios.length === 0) return typical
  const own = lines / (lines + typicalLines)
  const mixed = (edge: number, base: number): number => own * edge * widened + (1 - own) * base
  return {
    low: mixed(quantileOf(ratios, (1 - share) / 2), typical.low),
    high: mixed(quantileOf(ratios, (1 + share) / 2), typical.high),
  }
}

// `off`: the mean absolute error of the back-test, NaN where there was none; `weekly`: the mean absolute difference to a week before.
export function scaleOf(off: number, weekly: number): number {
  if (!(off > 0)) return Math.max(0, weekly || 0)
  return weekly > 0 ? Math.sqrt(off * weekly) : off
}
