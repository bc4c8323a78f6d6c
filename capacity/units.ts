// How many units does a line need, and on which day is that decided? The one place where a forecast becomes a number to
// order. Pure; called by planning.ts, and by reports
// and requests for the day on which units are needed.
//
//   units = ceil((forecast / waterline + spare − supply − on order) / unit)
//
// on the target day: the end of next month plus the lead time. A negative result may be given back; rounding up gives
// back less rather than more. Two days can decide in its place, and the plan names the one that did: where the forecast
// has a weekly pattern, the highest of the seven days that end with the target day (it may be a Sunday); and a day of a
// planned event before it, if an order of today can be there by then. Of these the one decides on which most is missing,
// as an order that comes after an event does not help on it. The week stands for its last day, so orders within it count.
import { type Expected, netBy } from './coming.ts'
import type { Forecast } from './forecast.ts'
import type { LinePlan, PoolPlan } from './plan.ts'
import { isWhole, type Pool } from './pool.ts'

// Above zero: to order; below: may be given back; 0 where it is not known.
export function unitsOf(plan: Omit<LinePlan, 'units'>): number {
  const { target, waterline, supplyNow, unitCapacity, presentCapacity, onOrderUnits, spareUnits } = plan
  if (target === null || Number.isNaN(supplyNow) || !(unitCapacity > 0)) return 0
  const wanted = target.likely / waterline + spareUnits * presentCapacity
  const units = (wanted - supplyNow - onOrderUnits * presentCapacity) / unitCapacity
  // 12.000000000000002 is twelve; and there is no -0 of anything.
  return Number.isFinite(units) ? Math.ceil(units - 1e-9 * Math.max(1, Math.abs(units))) + 0 : 0
}

type Deciding = Readonly<{
  pool: Pool
  targetDay: number
  expected: readonly Expected[]
  waterline: number
  presentCapacity: number
}>

// The forecast on the day that decides, and what is on order by then.
export function targetOf({ firstDay, likely, low, high, fit }: Forecast, deciding: Deciding) {
  const { pool, targetDay, expected, waterline, presentCapacity } = deciding
  const week = fit.weekly === null ? 1 : 7
  const days = Array.from({ length: week }, (_, back) => ({ day: targetDay - back, byDay: targetDay }))
  const soonest = firstDay + pool.leadDays
  for (const { fromDay, toDay } of pool.events) {
    for (let day = Math.max(fromDay, soonest); day <= Math.min(toDay, targetDay); day++)
      days.push({ day, byDay: day })
  }
  const at = (day: number): number => likely[day - firstDay] ?? Number.NaN
  const wanted = ({ day, byDay }: (typeof days)[number]): number =>
    at(day) / waterline - netBy(expected, byDay) * presentCapacity
  const { day, byDay } = days.reduce((most, each) => (wanted(each) > wanted(most) ? each : most))
  const [least, most] = [low[day - firstDay], high[day - firstDay]]
  return {
    target: { day, likely: at(day), low: least ?? Number.NaN, high: most ?? Number.NaN },
    onOrderUnits: netBy(expected, byDay),
  }
}

// When units of a pool must serve: as soon as one of its waterlines may be met in spite of what is on order, by the upper
// edge of the band; at once where it is met; and by the day that decides, so that they count on it. The same in the report
// and in the request that comes of it.
export function neededDayOf({ lines, targetDay }: PoolPlan, asOfDay: number): number {
  const today = asOfDay + 1
  const whole = lines.filter(({ line }) => isWhole(line.part))
  if (whole.some(({ level, waterline }) => level >= waterline)) return today
  const early = whole.flatMap(({ short, forecast }) => (short ?? forecast?.meets)?.earlyDay ?? [])
  const deciding = whole.filter(({ units }) => units > 0).flatMap(({ target }) => target?.day ?? [])
  return Math.max(today, Math.min(targetDay, ...deciding, ...early))
}
