// How wrong may it be? A band that held the truth nine times of ten when the line's own past, and that of the lines asked
// together with it, was forecast again (conformal prediction; Vovk 2005, Romano 2019 for scaled scores).
//
//   ratio[i,h] = error[i,h] / (scale[i] · g[i](h))           of each line i and each day h ahead that could be compared
//   edge[i,h]  = forecast[i,h] + quantile(ratios) · widened[i] · scale[i] · g[i](h)      at 5 % and at 95 %
//
// g says how the errors of the line grow with the days ahead (growth.ts); it is also the stated rule beyond the days that can be
// compared (with 60 days of history: beyond 30). scale is what makes lines comparable, both parts by what g makes of them: the
// geometric mean of how far the method was off when it forecast this line again and how far the line is from itself a week
// before; the former alone where it is more, since the method then misses something, like a week that it does not know. One
// line alone compares too little (75 days, neighbours of each other), so its quantiles are drawn towards those of typical lines
// (`typical`), as if these were three lines more. Measured by `npm run accuracy`: docs/forecasting.md.
//
// It survives errors of any shape, skew too: both edges are found by themselves. It does not know what never happened in
// the window. Finding two quantiles of at most 50 000 ratios costs 1 ms.
import { quantileOf } from './middle.ts'

// How far ahead dates are looked for.
export const daysAhead = 400

const share = 0.9

// Edges in ratios.
export type Band = Readonly<{ low: number; high: number }>

// Of the ratios of methods with a back-test of 60 days, pooled over synthetic lines of many kinds and public series.
const typical: Band = { low: -1.8, high: 1.8 }
const typicalLines = 3

// The scale comes of the very errors that it divides, so they look smaller than those to come: by as much, as measured. All
// the more of a walk, whose errors are few, as they go on into the same direction.
const widened = 1.05
const widenedByWalk = 0.4
export const widthOf = (scale: number, walk: number): number => scale * (1 + widenedByWalk * walk)

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

// `off`: by the mean absolute error of the back-test, NaN where there was none; `usual`: by the mean absolute difference to a week
// before.
export function scaleOf(off: number, usual: number): number {
  if (!(off > 0)) return Math.max(0, usual || 0)
  return usual > off ? Math.sqrt(off * usual) : off
}
