// Holt's exponential smoothing with a damped trend: level and slope follow the days, the newest most, and the slope fades
// as it is carried forward. Few methods are beaten less often over a month (Gardner and McKenzie 1985; the M competitions).
//
//   level[t] = α·y[t] + (1 − α)·(level[t−1] + φ·slope[t−1])
//   slope[t] = β·(level[t] − level[t−1]) + (1 − β)·φ·slope[t−1]
//   forecast[h] = level + (φ + φ² + … + φʰ)·slope + w[weekday of h]
//
// α, β and φ are those of a small grid that would have erred least, in absolute terms, over the next two weeks from each
// day after the first ten: one-step errors would choose an α that runs after noise. Absolute errors survive a few wild
// days; level shifts are followed within 1/α days; gaps are bridged by the forecast itself. O(n) for each of 45 points of
// the grid, 0.2 ms.
import { type Fitted, known, type Method, meanOf, weekDays } from './method.ts'
import { weekAhead, weekOf, withoutWeek } from './week.ts'

const alphas = [0.05, 0.1, 0.2, 0.4, 0.7]
const betas = [0, 0.05, 0.15]
const phis = [0.9, 0.96, 0.99]

const leastDays = 10
// How far ahead the grid is judged.
const judgedSteps = [1, 4, 7, 14]

type Smoothing = Readonly<{ alpha: number; beta: number; phi: number }>
type State = Readonly<{ level: number; slope: number; error: number }>

const grid: readonly Smoothing[] = alphas.flatMap(alpha =>
  betas.flatMap(beta => phis.map(phi => ({ alpha, beta, phi }))),
)

export const damped: Method = past => {
  if (known(past) < leastDays) return null
  const week = weekOf(past)
  const plain = week === null ? past : withoutWeek(past, week)
  let best: (State & Smoothing) | undefined
  for (const smoothing of grid) {
    const state = smooth(plain, smoothing)
    if (best === undefined || state.error < best.error) best = { ...state, ...smoothing }
  }
  return best === undefined ? null : fading(best, week && weekAhead(week, past.length))
}

function smooth(past: Float64Array, { alpha, beta, phi }: Smoothing): State {
  const steps = judgedSteps.map(ahead => ({ ahead, fades: fades(phi, ahead) }))
  let { level, slope } = start(past)
  let error = 0
  for (let at = 0; at < past.length; at++) {
    const expected = level + phi * slope
    const value = past[at]!
    const next = Number.isFinite(value) ? alpha * value + (1 - alpha) * expected : expected
    slope = beta * (next - level) + (1 - beta) * phi * slope
    level = next
    if (at < leastDays) continue
    for (const { ahead, fades } of steps) {
      const came = past[at + ahead]
      if (came !== undefined && Number.isFinite(came)) error += Math.abs(came - level - fades * slope)
    }
  }
  return { level, slope, error }
}

// The mean of the first week, and no direction.
const start = (past: Float64Array): Readonly<{ level: number; slope: number }> => ({
  level: meanOf(past.filter(Number.isFinite).subarray(0, weekDays)),
  slope: 0,
})

// φ + φ² + … + φʰ.
const fades = (phi: number, days: number): number => (phi * (1 - phi ** days)) / (1 - phi)

function fading({ level, slope, phi }: State & Smoothing, weekly: readonly number[] | null): Fitted {
  return {
    level,
    slopePerDay: phi * slope,
    weekly,
    ahead: days =>
      Float64Array.from(
        { length: days },
        (_, at) => level + fades(phi, at + 1) * slope + (weekly === null ? 0 : weekly[at % weekDays]!),
      ),
  }
}
