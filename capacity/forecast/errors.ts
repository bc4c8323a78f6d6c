// How wrong were the forecasts of a line's own past, in the numbers that people compare. Called by bulk.ts and back-test.ts.
import type { Errors } from '../forecast.ts'

// Grows with each comparison; plain sums, so that ten thousand lines cost nothing.
export type Sums = {
  count: number
  error: number
  off: number
  came: number
  symmetric: number
  naiveOff: number
  // Known when there is a band; NaN before.
  within: number
}

export const noSums = (): Sums => ({
  count: 0,
  error: 0,
  off: 0,
  came: 0,
  symmetric: 0,
  naiveOff: 0,
  within: Number.NaN,
})

export function compare(sums: Sums, came: number, said: number, naive: number): void {
  const off = Math.abs(said - came)
  const size = Math.abs(said) + Math.abs(came)
  sums.count++
  sums.error += said - came
  sums.off += off
  sums.came += Math.abs(came)
  if (size > 0) sums.symmetric += (2 * off) / size
  sums.naiveOff += Math.abs(naive - came)
}

const ratio = (part: number, of: number): number => (of > 0 ? part / of : Number.NaN)

export const errorsOf = (sums: Sums, horizonDays: number): Errors => ({
  count: sums.count,
  horizonDays: sums.count === 0 ? 0 : horizonDays,
  bias: ratio(sums.error, sums.came),
  smape: ratio(sums.symmetric, sums.count),
  mase: ratio(sums.off, sums.naiveOff),
  coverage: ratio(sums.within, sums.count),
})
