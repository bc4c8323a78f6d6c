// Every method that fits a line by itself; `combined` is made of them (combined.ts), and chosen among them by `auto`
// (choose.ts). To add one: its file, a line here, its name in ../pool.ts. Called by trial.ts and by the accuracy tables.
import type { MethodName } from '../pool.ts'
import { damped } from './damped.ts'
import { linear } from './linear.ts'
import type { Method } from './method.ts'
import { mstl } from './mstl.ts'
import { naive } from './naive.ts'
import { seasonalLinear } from './seasonal-linear.ts'
import { seasonalNaive } from './seasonal-naive.ts'
import { theilSen } from './theil-sen.ts'

export type SingleName = Exclude<MethodName, 'combined'>

export const methods: Readonly<Record<SingleName, Method>> = {
  linear,
  theil_sen: theilSen,
  seasonal_linear: seasonalLinear,
  damped,
  mstl,
  naive,
  seasonal_naive: seasonalNaive,
}
