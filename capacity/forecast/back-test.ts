// A method tried on a line's own past: fitted again on the days before each origin, and held against what came. Called by
// trial.ts for each method, in a worker.
import { compare, noSums, type Sums } from './errors.ts'
import type { Fitted, Method } from './method.ts'
import { lastKnown, type Origins } from './origins.ts'

// What was said from each origin, for the days that are compared; null where there was too little to fit.
export type Said = readonly (Float64Array | null)[]

// The fit of today, and those of then.
export type Trial = Readonly<{ fitted: Fitted; said: Said }>

export function tryMethod(method: Method, values: Float64Array, { trained, horizon }: Origins): Trial | null {
  const fitted = method(values)
  if (fitted === null) return null
  const said = trained.map(days => {
    const then = method(values.subarray(0, days))
    return then === null ? null : then.ahead(Math.min(horizon, values.length - days))
  })
  return { fitted, said }
}

type Judged = Readonly<{ errors: Float64Array; sums: Sums }>

// Errors in the order of the origins; NaN where nothing was said or came.
export function judge(said: Said, values: Float64Array, origins: Origins): Judged {
  const errors = new Float64Array(origins.day.length)
  const sums = noSums()
  let at = 0
  for (const [origin, days] of origins.trained.entries()) {
    const ahead = said[origin]
    const naive = lastKnown(values, days)
    const until = Math.min(values.length, days + origins.horizon)
    for (let day = days; day < until; day++, at++) {
      const [came, then] = [values[day]!, ahead?.[day - days] ?? Number.NaN]
      errors[at] = then - came
      if (Number.isFinite(errors[at]!)) compare(sums, came, then, naive)
    }
  }
  return { errors, sums }
}
