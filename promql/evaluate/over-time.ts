// The functions `…_over_time`: what was a series like within a window? Called by functions.ts.
import { meanOf, sumOf } from './kahan.ts'
import { quantileOf } from './quantile.ts'
import { slidingBest, slidingMean, slidingSum } from './sliding.ts'
import type { RangeFunction, Window } from './windows.ts'

const ofOne = (each: (window: Window) => number): RangeFunction => ({ atLeast: 1, each })

export const sumOverTime: RangeFunction = {
  atLeast: 1,
  each: ({ v, lo, hi }) => sumOf(v, lo, hi),
  slide: slidingSum,
}

export const avgOverTime: RangeFunction = {
  atLeast: 1,
  each: ({ v, lo, hi }) => meanOf(v, lo, hi),
  slide: slidingMean,
}

// NaN gives way to any number. Two loops, because one that calls a function for each sample takes three times as long.
export const minOverTime: RangeFunction = {
  atLeast: 1,
  each({ v, lo, hi }) {
    let known = v[lo]!
    for (let at = lo + 1; at < hi; at++) if (v[at]! < known || Number.isNaN(known)) known = v[at]!
    return known
  },
  slide: sweep => slidingBest(sweep, -1),
}

export const maxOverTime: RangeFunction = {
  atLeast: 1,
  each({ v, lo, hi }) {
    let known = v[lo]!
    for (let at = lo + 1; at < hi; at++) if (v[at]! > known || Number.isNaN(known)) known = v[at]!
    return known
  },
  slide: sweep => slidingBest(sweep, 1),
}

// The newest of equal ones counts.
function timeOfBest(wins: (value: number, known: number) => boolean): RangeFunction {
  return ofOne(({ t, v, lo, hi }) => {
    let known = lo
    for (let at = lo; at < hi; at++) if (wins(v[at]!, v[known]!) || Number.isNaN(v[known]!)) known = at
    return t[known]! / 1_000
  })
}

export const timeOfMin = timeOfBest((value, known) => value <= known)
export const timeOfMax = timeOfBest((value, known) => value >= known)
export const timeOfFirst = ofOne(({ t, lo }) => t[lo]! / 1_000)
export const timeOfLast = ofOne(({ t, hi }) => t[hi - 1]! / 1_000)

export const countOverTime = ofOne(({ lo, hi }) => hi - lo)
export const presentOverTime = ofOne(() => 1)
export const firstOverTime: RangeFunction = { atLeast: 1, each: ({ v, lo }) => v[lo]!, keepsName: true }
export const lastOverTime: RangeFunction = { atLeast: 1, each: ({ v, hi }) => v[hi - 1]!, keepsName: true }

// p is the share.
export const quantileOverTime = ofOne(({ v, lo, hi, p }) => quantileOf(p, v.slice(lo, hi)))

export const madOverTime = ofOne(({ v, lo, hi }) => {
  for (let at = lo; at < hi; at++) if (Number.isNaN(v[at]!)) return Number.NaN
  const middle = quantileOf(0.5, v.slice(lo, hi))
  return quantileOf(
    0.5,
    v.subarray(lo, hi).map(value => Math.abs(value - middle)),
  )
})

export const stdvarOverTime = ofOne(varianceOf)
export const stddevOverTime = ofOne(window => Math.sqrt(varianceOf(window)))

// Welford's, with both sums as Kahan keeps them.
function varianceOf({ v, lo, hi }: Window): number {
  let [mean, meanRest, squares, squaresRest, count] = [0, 0, 0, 0, 0]
  for (let at = lo; at < hi; at++) {
    const value = v[at]!
    count++
    const delta = value - (mean + meanRest)
    const part = delta / count
    const nextMean = mean + part
    meanRest = Number.isFinite(nextMean) ? meanRest + rest(mean, part, nextMean) : 0
    mean = nextMean
    const square = delta * (value - (mean + meanRest))
    const nextSquares = squares + square
    squaresRest = Number.isFinite(nextSquares) ? squaresRest + rest(squares, square, nextSquares) : 0
    squares = nextSquares
  }
  return (squares + squaresRest) / count
}

const rest = (sum: number, value: number, next: number): number =>
  Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
