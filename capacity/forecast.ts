// What will be used: the words of a forecast. Mathematics is in forecast/, one file a method; forecast/forecaster.ts is its
// door. Called by plan.ts, which makes units of it.
import type { Days } from './history.ts'
import type { MethodName } from './pool.ts'

export type ForecastAsked = Readonly<{
  // Demand up to the last whole day.
  demand: Days
  // What there was on the same days, for findings like saturation; and what may be used of it, as a number of demand.
  supply: Days
  limit: number
  // For each of the next days.
  horizonDays: number
  method: MethodName | 'auto'
  // By what demand is multiplied, past and coming; days that are not named have 1.
  factors: ReadonlyMap<number, number>
}>

export type Forecast = Readonly<{
  // The first day after the window.
  firstDay: number
  // One for each day of the horizon; the band holds the truth nine times of ten.
  likely: Float64Array
  low: Float64Array
  high: Float64Array
  method: MethodName
  // Why this one; it stands first among what was tried.
  chosen: Readonly<{ by: 'configured' | 'back-test' | 'too little data'; among: readonly Tried[] }>
  // What the line looks like, for whoever wants to draw or check it: where it ends on the last day of the window without its
  // week, how far it goes from there to the next day, and what each day of the week adds, from Sunday. Events are not in it.
  fit: Readonly<{ level: number; slopePerDay: number; weekly: readonly number[] | null }>
  // Of past forecasts at the same horizon, as the back-test made them.
  errors: Errors
  findings: readonly Finding[]
  // When the limit is met: `early` by the upper edge, `late` by the lower; null: not within the days that are looked at.
  meets: Readonly<{ earlyDay: number | null; likelyDay: number | null; lateDay: number | null }>
}>

export type Tried = Readonly<{ method: MethodName; errors: Errors }>

export type Errors = Readonly<{
  // How many forecasts were compared, at which horizon.
  count: number
  horizonDays: number
  // Relative to what came: mean, signed (positive: too much was forecast) and absolute; NaN where nothing was compared.
  bias: number
  smape: number
  // Mean absolute error by that of the naive forecast (the last day repeated) on the same days: below 1 is better than that.
  mase: number
  // The share of truths within the band; NaN for methods that were tried and not taken, which got none.
  coverage: number
}>

// What makes a line unsafe. Days and sizes say where and how much.
export type Finding = Readonly<{
  kind: FindingKind
  fromDay: number | null
  toDay: number | null
  // Of a shift: how far; of a season: its share of what varies; of gaps, outliers: how many.
  size: number | null
}>

export const findingKinds = [
  'too_short',
  'gaps',
  'stale',
  'constant',
  'level_shift',
  'reset',
  'outliers',
  'weekly_season',
  'saturated',
  'counter',
  'supply_changed',
  'event_inside',
  'not_a_number',
] as const
export type FindingKind = (typeof findingKinds)[number]
