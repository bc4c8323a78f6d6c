// A line and one method that was tried on it: what it says of the next days, and how wrong it would have been before. Made
// by bulk.ts and trial.ts; calibrated and finished by finish.ts.
import type { Forecast } from '../forecast.ts'
import type { MethodName } from '../pool.ts'
import { scaleOf } from './bands.ts'
import type { Sums } from './errors.ts'
import { weekDays } from './method.ts'
import type { Origins } from './origins.ts'

export type Tried = Readonly<{
  method: MethodName
  fit: Forecast['fit']
  // As far as dates are looked for; null: the straight line of `fit`.
  ahead: Float64Array | null
  origins: Origins
  // What was said less what came, in the order of `origins`; NaN where nothing came.
  errors: Float64Array
  sums: Sums
  scale: number
}>

// What makes lines comparable.
export const scaleOfLine = (values: Float64Array, { off, count }: Sums): number =>
  scaleOf(off / count, weeklyDistance(values))

function weeklyDistance(values: Float64Array): number {
  let sum = 0
  let count = 0
  for (let at = weekDays; at < values.length; at++) {
    const distance = Math.abs(values[at]! - values[at - weekDays]!)
    // A gap.
    if (Number.isNaN(distance)) continue
    sum += distance
    count++
  }
  return count === 0 ? Number.NaN : sum / count
}
