// How many units does a line need, and on which day is that decided? The one place where a forecast becomes a number to
// order. Pure; called by planning.ts, and by reports
// and requests for the day on which units are needed.
//
//   units = ceil((forecast / waterline + spare − supply − on order) / unit)
//
// on the target day: the end of next month plus the lead time. A negative result may be given back; rounding up gives
// back less rather than more. Two days can decide in its place, and the plan names the one that did: where the forecast
// has a weekly pattern, the highest of the seven days that end with the target day (it may be a Sunday); and the highest
// day of a planned event before it, if an order of today can be there by then.
import type { Forecast } from './forecast.ts'
import type { LinePlan, PoolPlan } from './plan.ts'
import { isWhole, type Pool } from './pool.ts'

// Above zero: to order; below: may be given back; 0 where it is not known.
export function unitsOf(plan: Omit<LinePlan, 'units'>): number {
  const { target, waterline, supplyNow, unitCapacity, onOrderUnits, spareUnits } = plan
  if (target === null || Number.isNaN(supplyNow) || !(unitCapacity > 0)) return 0
  const wanted = target.likely / waterline + spareUnits * unitCapacity
  const units = (wanted - supplyNow - onOrderUnits * unitCapacity) / unitCapacity
  // 12.000000000000002 is twelve; and there is no -0 of anything.
  return Number.isFinite(units) ? Math.ceil(units - 1e-9 * Math.max(1, Math.abs(units))) + 0 : 0
}

export function targetOf({ firstDay, likely, low, high, fit }: Forecast, targetDay: number, pool: Pool) {
  const week = fit.weekly === null ? 1 : 7
  const days = Array.from({ length: week }, (_, back) => targetDay - back)
  const soonest = firstDay + pool.leadDays
  for (const { fromDay, toDay } of pool.events) {
    for (let day = Math.max(fromDay, soonest); day <= Math.min(toDay, targetDay); day++) days.push(day)
  }
  const at = (day: number): number => likely[day - firstDay] ?? Number.NaN
  const day = days.reduce((most, each) => (at(each) > at(most) ? each : most))
  return {
    day,
    likely: at(day),
    low: low[day - firstDay] ?? Number.NaN,
    high: high[day - firstDay] ?? Number.NaN,
  }
}

// When units of a pool must serve: as soon as one of its waterlines may be met, by the upper edge of the band; at once where
// it is met. The same in the report and in the request that comes of it.
export function neededDayOf({ lines, targetDay }: PoolPlan, asOfDay: number): number {
  const today = asOfDay + 1
  const whole = lines.filter(({ line }) => isWhole(line.part))
  if (whole.some(({ level, waterline }) => level >= waterline)) return today
  const early = whole.flatMap(({ forecast }) => forecast?.meets.earlyDay ?? [])
  return Math.max(today, Math.min(targetDay, ...early))
}
