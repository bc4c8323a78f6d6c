// Which number of a day's row is the demand, as `daily` of a pool says. Called by whoever reads rows of use.
import type { DemandOf } from '../pool.ts'
import type { Field } from './day-numbers.ts'

export const demandField = {
  peak: 'max',
  p95: 'p95',
  busy_hour: 'busyHour',
} as const satisfies Record<DemandOf, Field>
