// A report as JSON for programs: every pool, the summary and the requests; numbers that are not known are null, days are
// 2026-11-25. What was measured day by day is at /api/plimsoll/v1/capacity/pools/NAME. Called by routes.
import type { Language } from '#core/http/language.ts'
import { dayText } from '../days.ts'
import { type Request, signed } from '../request.ts'
import { leftBehind } from '../requests/carried.ts'
import { type RequestJson, requestJson } from '../requests/json.ts'
import { byUnit, cents } from './figures.ts'
import type { LineReport, PoolReport } from './pool-report.ts'
import { type Change, isRequestsCut, type Money, type Report } from './report-model.ts'

const day = (value: number | null): string | null => (value === null ? null : dayText(value))
const part = ({ plan, unit, isBinding }: LineReport) => ({
  resource: plan.line.resource,
  part: plan.line.part,
  measuredIn: unit,
  decides: isBinding,
  used: plan.usedNow,
  supply: plan.supplyNow,
  level: plan.level,
  waterline: plan.waterline,
  unitCapacity: plan.unitCapacity,
  onOrderUnits: plan.onOrderUnits,
  spareUnits: plan.spareUnits,
  units: plan.units,
  why: plan.why,
  target: plan.target === null ? null : { ...plan.target, day: dayText(plan.target.day) },
  meets:
    plan.forecast === null
      ? null
      : {
          early: day(plan.forecast.meets.earlyDay),
          likely: day(plan.forecast.meets.likelyDay),
          late: day(plan.forecast.meets.lateDay),
        },
  method: plan.forecast?.method ?? null,
  chosenBy: plan.forecast?.chosen.by ?? null,
  errors: plan.forecast?.errors ?? null,
  findings: (plan.forecast?.findings ?? []).map(({ kind, fromDay, toDay, size }) => ({
    ...{ kind, from: day(fromDay), to: day(toDay), size },
  })),
  past:
    plan.past === null
      ? null
      : {
          ...{ made: dayText(plan.past.madeDay), of: dayText(plan.past.ofDay), likely: plan.past.likely },
          ...{ low: plan.past.low, high: plan.past.high, actual: plan.past.actual },
        },
})

function likelyLeft({ risk, likelyDay }: PoolReport, asOfDay: number): number | null {
  if (risk === 'over') return 0
  return likelyDay === null ? null : Math.max(0, likelyDay - asOfDay - 1)
}

const inCents = <Of extends Money>(cost: Of): Of => ({ ...cost, amount: cents(cost.amount) })

// As in the other forms of a report, units that are given back are less than 0, as what they cost is.
const signedJson = (request: Request, language: Language): RequestJson => ({
  ...requestJson(request, language),
  ...{ units: signed(request), deliveredUnits: signed(request, request.deliveredUnits) },
  cost: request.cost === null ? null : inCents(request.cost),
})

const poolJson = (pool: PoolReport, asOfDay: number) => ({
  name: pool.name,
  labels: pool.pool.labels,
  unit: pool.unit,
  units: pool.units,
  cost: pool.cost === null ? null : inCents(pool.cost),
  binding: pool.binding,
  early: day(pool.earlyDay),
  likely: day(pool.likelyDay),
  late: day(pool.lateDay),
  // As at /api/plimsoll/v1/capacity/pools: by the upper edge, and by the line.
  daysLeftEarly: pool.daysLeft,
  daysLeftLikely: likelyLeft(pool, asOfDay),
  neededBy: day(pool.neededDay),
  orderBy: day(pool.orderByDay),
  soonest: dayText(pool.soonestDay),
  target: dayText(pool.targetDay),
  risk: pool.risk,
  unsafe: pool.unsafe,
  lines: [...pool.resources, ...pool.parts].map(part),
})

const changeJson = ({ pool, before, now }: Change) => {
  const side = (each: Change['now']) =>
    each === null ? null : { units: each.units, likely: day(each.likelyDay) }
  return { pool, before: side(before), now: side(now) }
}

// JSON writes NaN as null, which is what is meant.
export function reportJson(report: Report, language: Language): string {
  const { v, month, asOfDay, madeAtMs, summary, pools, requests } = report
  const { orders, costs, unpriced, risks, changes, accuracy, requested, planners } = summary
  const { count, bias, typical, within } = accuracy
  const nameOf = ({ name }: PoolReport): string => name
  return JSON.stringify({
    ...{ v, month, asOf: dayText(asOfDay), madeAtMs },
    summary: {
      ...{ orderUnits: byUnit(orders), costs: costs.map(inCents), unpriced, orders: orders.map(nameOf) },
      risks: risks.map(({ name, risk }) => ({ pool: name, risk })),
      ...{ reclaims: summary.reclaims.map(nameOf), contradicted: summary.contradicted.map(nameOf) },
      changes: changes === null ? null : { since: changes.month, pools: changes.pools.map(changeJson) },
      accuracy: { count, bias, typical, within },
      ...{ requested, planners },
      // Of pools that are planned no more; by number.
      leftBehind: leftBehind(requests, new Set(pools.map(nameOf))).map(({ number }) => number),
    },
    pools: pools.map(each => poolJson(each, asOfDay)),
    // Of all pools the newest alone.
    areRequestsCut: isRequestsCut(report),
    requests: requests.map(each => signedJson(each, language)),
  })
}
