import { expect, test } from 'vitest'
import { metrics } from '#core/metrics.ts'
import type { Finding, Forecast } from '../../capacity/forecast.ts'
import type { LinePlan, Plan } from '../../capacity/plan.ts'
import { samplesOf } from '../../capacity/samples.ts'
import { pool } from './import/pools.ts'

const today = 20_778
const nowMs = today * 86_400_000 + 300_000

const found = (kind: Finding['kind']): Finding => ({ kind, fromDay: null, toDay: null, size: null })
const forecast: Forecast = {
  firstDay: today,
  ...{ likely: new Float64Array(1), low: new Float64Array(1), high: new Float64Array(1) },
  method: 'linear',
  chosen: { by: 'configured', among: [] },
  fit: { level: 0, slopePerDay: 0, weekly: null },
  errors: { count: 9, horizonDays: 30, bias: 0, smape: 0.08, mase: 1, coverage: 0.9 },
  findings: [found('level_shift'), found('gaps'), found('level_shift')],
  meets: { earlyDay: today - 3, likelyDay: today + 12, lateDay: null },
}
const line = (change: Partial<LinePlan> = {}): LinePlan => ({
  line: { pool: 'web', resource: 'cpu', part: {} },
  demand: { firstDay: today - 4, values: Float64Array.of(1, Number.NaN, 3, Number.NaN) },
  supply: { firstDay: today - 4, values: Float64Array.of(9, 9, 9, 9) },
  ...{ usedNow: 60, supplyNow: 100, level: 0.6, unitCapacity: 10, waterline: 0.7 },
  ...{ presentCapacity: 10, short: null },
  ...{ onOrderUnits: 2, spareUnits: 0, forecast, why: null, units: 3 },
  target: { day: today + 60, likely: 80, low: 70, high: 90 },
  past: { madeDay: today - 30, ofDay: today - 1, likely: 90, low: 80, high: 100, actual: 60 },
  ...change,
})
const planOf = (lines: readonly LinePlan[], binding: string | null = 'cpu'): Plan => ({
  asOfDay: today - 1,
  madeAtMs: nowMs,
  month: '2026-12',
  pools: [
    {
      pool: pool('web', { labels: { owner: 'shop' }, by: ['zone'] }),
      ...{ targetDay: today + 60, binding, units: 3, cost: null, lines, ordersSeen: [] },
    },
  ],
})
const shown = (plan: Plan) =>
  samplesOf(plan, nowMs).map(({ series, tMs, value }) => {
    expect(tMs).toBe(nowMs)
    expect(series.labels).toMatchObject({ pool: 'web', owner: 'shop' })
    const { pool: _, owner, resource, ...more } = series.labels
    return `${series.name}${resource === undefined ? '' : ` ${resource}`}${Object.values(more)
      .map(each => ` ${each}`)
      .join('')} = ${value}`
  })

test('a plan is a number of each kind, with the labels of its pool', () => {
  expect(shown(planOf([line()]))).toEqual([
    'capacity_lead_days = 30',
    'capacity_units_needed = 3',
    'capacity_on_order_units = 2',
    'capacity_level_ratio cpu = 0.6',
    // Met already by the upper edge; by the lower one, not within what is looked at.
    'capacity_days_left cpu early = 0',
    'capacity_days_left cpu likely = 12',
    'capacity_waterline_ratio cpu = 0.7',
    'capacity_forecast cpu = 80',
    'capacity_forecast_low cpu = 70',
    'capacity_forecast_high cpu = 90',
    'capacity_forecast_error_ratio cpu = 0.08',
    'capacity_forecast_missed_ratio cpu = 0.5',
    'capacity_history_days cpu = 2',
    'capacity_history_age_days cpu = 1',
    'capacity_finding cpu level_shift = 1',
    'capacity_finding cpu gaps = 1',
  ])
})

test('of a part only how full it is and for how long', () => {
  const part = line({ line: { pool: 'web', resource: 'cpu', part: { zone: 'a' } } })
  expect(shown(planOf([part])).filter(each => each.includes(' cpu'))).toEqual([
    'capacity_level_ratio cpu a = 0.6',
    'capacity_days_left cpu early a = 0',
    'capacity_days_left cpu likely a = 12',
  ])
})

test('what is not known is not said', () => {
  const unknown = line({
    ...{ forecast: null, target: null, past: null, level: Number.NaN, why: 'no_history', units: 0 },
    demand: { firstDay: today - 2, values: Float64Array.of(Number.NaN, Number.NaN) },
  })
  expect(shown(planOf([unknown], null))).toEqual([
    'capacity_lead_days = 30',
    'capacity_waterline_ratio cpu = 0.7',
    'capacity_history_days cpu = 0',
  ])
})

test('every name stands in the table', () => {
  for (const { series } of samplesOf(planOf([line()]), nowMs)) expect(metrics).toHaveProperty(series.name)
})

test('an order that comes too late is a number, where nothing more is to be ordered', () => {
  const late = (units: number, dueDay: number | null) => {
    const short = { earlyDay: today + 5, likelyDay: today + 12, dueDay }
    const plan = planOf([line({ short })])
    const [web] = plan.pools
    return shown({ ...plan, pools: [{ ...web!, units }] }).filter(each => each.includes('order_late'))
  }
  expect(late(0, today + 15)).toEqual(['capacity_order_late_days cpu = 3'])
  // By the line, not by the upper edge.
  expect(late(0, today + 12)).toEqual([])
  expect(late(2, today + 15)).toEqual([])
  expect(late(0, null)).toEqual([])
})
