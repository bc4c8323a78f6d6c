// The plan as numbers, so that rules and dashboards read it like anything else: forecasts, days left, units. Every five
// minutes, by bin/; rules/packs/capacity.yml stands on them.
import { labelsOf } from '#core/labels.ts'
import type { MetricName } from '#core/metrics.ts'
import type { Labels, Sample } from '#core/model.ts'
import type { LinePlan, Plan, PoolPlan } from './plan.ts'
import { isWhole } from './pool.ts'

// A number that is not known is left out, and so are days left where the waterline is not met within 400 days.
export function samplesOf(plan: Plan, nowMs: number): Sample[] {
  const today = plan.asOfDay + 1
  return plan.pools
    .flatMap(pool => [...ofPool(pool), ...pool.lines.flatMap(line => ofLine(pool, line, today))])
    .filter(({ value }) => Number.isFinite(value))
    .map(({ name, labels, value }) => ({ series: { name, labels }, tMs: nowMs, value }))
}

type Number = Readonly<{ name: MetricName; labels: Labels; value: number }>

function ofPool({ pool, units, binding, lines }: PoolPlan): Number[] {
  const labels = labelsOf([...Object.entries(pool.labels), ['pool', pool.name]])
  const whole = lines.find(({ line }) => isWhole(line.part) && line.resource === binding)
  return [
    { name: 'capacity_lead_days', labels, value: pool.leadDays },
    // Where nothing binds, nobody knows how many.
    { name: 'capacity_units_needed', labels, value: binding === null ? Number.NaN : units },
    { name: 'capacity_on_order_units', labels, value: whole?.onOrderUnits ?? Number.NaN },
    ...lines.flatMap(line => (units <= 0 && isWhole(line.line.part) ? lateOrder(line, labels) : [])),
  ]
}

// Where more is to be ordered, days left and units needed say enough.
function lateOrder({ line, short }: LinePlan, labels: Labels): Number[] {
  const { likelyDay = null, dueDay = null } = short ?? {}
  if (likelyDay === null || dueDay === null || dueDay <= likelyDay) return []
  const own = labelsOf([...Object.entries(labels), ['resource', line.resource]])
  return [{ name: 'capacity_order_late_days', labels: own, value: dueDay - likelyDay }]
}

// Of parts only what differs from the whole in kind: how full they are and for how long they will do.
function ofLine({ pool }: PoolPlan, plan: LinePlan, today: number): Number[] {
  const { line, level, forecast } = plan
  const pairs: (readonly [string, string])[] = [
    ...Object.entries(pool.labels),
    ...Object.entries(line.part),
    ['pool', pool.name],
    ['resource', line.resource],
  ]
  const labels = labelsOf(pairs)
  const { earlyDay = null, likelyDay = null, lateDay = null } = forecast?.meets ?? {}
  const edges = { early: earlyDay, likely: likelyDay, late: lateDay }
  const left = Object.entries(edges).map(([edge, day]) => ({
    name: 'capacity_days_left' as const,
    labels: labelsOf([...pairs, ['edge', edge]]),
    value: day === null ? Number.NaN : Math.max(0, day - today),
  }))
  const levels: Number[] = [{ name: 'capacity_level_ratio', labels, value: level }, ...left]
  return isWhole(line.part) ? [...levels, ...ofWhole(plan, pairs, today)] : levels
}

function ofWhole(plan: LinePlan, pairs: readonly (readonly [string, string])[], today: number): Number[] {
  const { forecast, target, waterline, demand, past } = plan
  const labels = labelsOf(pairs)
  const days = demand.values.filter(value => !Number.isNaN(value)).length
  const lastAt = demand.values.findLastIndex(value => !Number.isNaN(value))
  const numbers: Readonly<Partial<Record<MetricName, number>>> = {
    capacity_waterline_ratio: waterline,
    ...(target !== null && {
      capacity_forecast: target.likely,
      capacity_forecast_low: target.low,
      capacity_forecast_high: target.high,
    }),
    capacity_forecast_error_ratio: forecast?.errors.smape ?? Number.NaN,
    capacity_forecast_missed_ratio: past === null ? Number.NaN : (past.likely - past.actual) / past.actual,
    capacity_history_days: days,
    // Yesterday is the newest day that can be there.
    capacity_history_age_days: lastAt < 0 ? Number.NaN : today - 1 - (demand.firstDay + lastAt),
  }
  const kinds = new Set(forecast?.findings.map(({ kind }) => kind))
  return [
    ...Object.entries(numbers).map(([name, value]) => ({ name: name as MetricName, labels, value })),
    ...Array.from(kinds, kind => ({
      name: 'capacity_finding' as const,
      labels: labelsOf([...pairs, ['finding', kind]]),
      value: 1,
    })),
  ]
}
