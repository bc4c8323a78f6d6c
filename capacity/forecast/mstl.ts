// MSTL with an ETS trend: the days are taken apart into trend, week and rest by repeated local regression (Bandara,
// Hyndman and Bergmeir 2021), the trend goes on by the exponential smoothing that AIC likes best, the last week repeats.
// By augurs, compiled to WASM.
//
//   y = trend + week + rest      forecast[h] = ETS(trend)[h] + week[last − 6 + (h − 1) mod 7]
//
// It survives slow changes of the week's shape. A level shift or a burst near the end it may take for a trend, without
// damping. Gaps are bridged by straight lines before. Needs three weeks. The dearest of all: 4 ms for 60 days; memory of
// each model is given back by hand.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { initSync, MSTL } from '@bsull/augurs/mstl'
import { type Fitted, known, lineOf, type Method, meanOf, weekDays } from './method.ts'

const leastDays = 3 * weekDays
// Beyond it the trend goes on straight. Whole weeks.
const askedDays = 63

let isReady = false

function getReady(): void {
  if (isReady) return
  const code = new URL('mstl_bg.wasm', import.meta.resolve('@bsull/augurs/mstl'))
  initSync({ module: readFileSync(fileURLToPath(code)) })
  isReady = true
}

export const mstl: Method = past => {
  if (known(past) < leastDays) return null
  getReady()
  const model = MSTL.ets([weekDays])
  try {
    model.fit(bridged(past))
    return fittedOf(Float64Array.from(model.predict(askedDays).point))
  } catch {
    // It says `no model found` of some short lines: for them it is no method.
    return null
  } finally {
    model.free()
  }
}

function fittedOf(points: Float64Array): Fitted | null {
  if (!points.every(Number.isFinite)) return null
  const last = points.subarray(-weekDays)
  const slopePerWeek = meanOf(last) - meanOf(points.subarray(-2 * weekDays, -weekDays))
  return {
    ...lineOf(points),
    ahead: days =>
      Float64Array.from({ length: days }, (_, at) => {
        if (at < points.length) return points[at]!
        const beyond = at - points.length
        return last[beyond % weekDays]! + slopePerWeek * (Math.floor(beyond / weekDays) + 1)
      }),
  }
}

// Gaps by straight lines from known day to known day; what is missing at an end takes the nearest.
export function bridged(past: Float64Array): Float64Array {
  const whole = past.slice()
  let before = -1
  for (let at = 0; at <= past.length; at++) {
    if (at < past.length && !Number.isFinite(past[at]!)) continue
    const [from, to] = [past[before], past[at]]
    for (let gap = before + 1; gap < at; gap++) {
      const share = (gap - before) / (at - before)
      whole[gap] = from === undefined ? to! : to === undefined ? from : from + (to - from) * share
    }
    before = at
  }
  return whole
}
