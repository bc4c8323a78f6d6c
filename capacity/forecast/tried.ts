// A line and one method that was tried on it: what it says of the next days, and how wrong it would have been before. Made
// by bulk.ts and trial.ts; calibrated and finished by finish.ts.
import type { Forecast } from '../forecast.ts'
import type { MethodName } from '../pool.ts'
import { scaleOf } from './bands.ts'
import type { Sums } from './errors.ts'
import { growthTried, walkOf } from './growth.ts'
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
  // How much of what it varies by adds up from day to day: growth.ts.
  walk: number
}>

// What makes lines comparable.
export function scaleOfLine(
  values: Float64Array,
  { off, count }: Sums,
  origins: Origins,
): Pick<Tried, 'scale' | 'walk'> {
  const walk = walkOf(values)
  // Of fewer than two weeks hardly a day has one a week before: the known day before it then.
  const isShort = values.length < 2 * weekDays
  const apart = isShort ? 1 : weekDays
  const from = isShort ? values.filter(each => !Number.isNaN(each)) : values
  const usual = distance(from, apart) / Math.sqrt(2 + (apart - 2) * walk * walk)
  return { walk, scale: scaleOf(off / count / growthTried(walk, origins).mean, usual) }
}

function distance(values: Float64Array, apart: number): number {
  let sum = 0
  let count = 0
  for (let at = apart; at < values.length; at++) {
    const each = Math.abs(values[at]! - values[at - apart]!)
    // A gap.
    if (Number.isNaN(each)) continue
    sum += each
    count++
  }
  return count === 0 ? Number.NaN : sum / count
}
