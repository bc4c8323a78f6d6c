// Requests, pools and plans as tests want them. Used by the tests of requests/.
import type { Forecast } from '../../../capacity/forecast.ts'
import type { LinePlan, Plan, PoolPlan } from '../../../capacity/plan.ts'
import type { Pool } from '../../../capacity/pool.ts'
import type { Basis, Request } from '../../../capacity/request.ts'
import type { Deed } from '../../../capacity/requests/life.ts'

// 2026-11-25 in UTC is day 20 782.
export const today = 20_782
export const dayMs = 86_400_000
export const nowMs = today * dayMs + 9 * 3_600_000

export const deed = (change: Partial<Deed> = {}): Deed => ({
  who: 'ann',
  why: 'because',
  atMs: nowMs,
  ...change,
})

export const requestOf = (change: Partial<Request> = {}): Request => ({
  ...{ number: 1, month: '2026-12', pool: 'web', part: {}, kind: 'expand', source: 'forecast' },
  ...{ application: null, state: 'draft', units: 12, unit: 'server', deliveredUnits: 0 },
  cost: { amount: 12_000, currency: 'CNY' },
  ...{ neededDay: today + 30, dueDay: null, why: 'cpu', basis: null, mergedInto: null, splitFrom: null },
  ...{ by: 'plimsoll', madeAtMs: nowMs, changedAtMs: nowMs, version: 1 },
  ...change,
})

export const basisOf = (change: Partial<Basis> = {}): Basis => ({
  ...{ resource: 'cpu', asOfDay: today - 1, targetDay: today + 66, likely: 84, low: 80, high: 90 },
  ...{ supply: 100, waterline: 0.7, unitCapacity: 10, spareUnits: 0, onOrderUnits: 0, method: 'linear' },
  ...{ smape: 0.05, earlyDay: today + 20, likelyDay: today + 30, lateDay: null, findings: [], units: 2 },
  ...{ resourceUnit: 'cores', parts: [], isAtRisk: false },
  ...change,
})

export const poolOf = (name: string, change: Partial<Pool> = {}): Pool => ({
  ...{
    name,
    labels: {},
    unit: 'server',
    by: [],
    partsMax: 200,
    units: undefined,
    spare: { kind: 'units', units: 0 },
  },
  resources: [
    {
      ...{ name: 'cpu', usage: 'u', unit: 'cores', waterline: 0.7 },
      supply: { kind: 'live', units: 'n', unitCapacity: 10 },
    },
  ],
  ...{ leadDays: 30, cost: { perUnit: 1_000, currency: 'CNY' }, events: [], method: 'linear' },
  ...{ daily: 'peak', windowDays: 60, advice: undefined },
  ...change,
})

const horizon = 70

export const forecastOf = (change: Partial<Forecast> = {}): Forecast => {
  const values = (from: number): Float64Array =>
    Float64Array.from({ length: horizon }, (_, at) => from + at / 10)
  const errors = { count: 9, horizonDays: 30, bias: 0, smape: 0.05, mase: 0.9, coverage: 0.9 }
  return {
    ...{ firstDay: today, likely: values(80), low: values(76), high: values(85), method: 'linear' },
    chosen: { by: 'configured', among: [] },
    fit: { level: 80, slopePerDay: 0.1, weekly: null },
    ...{ errors, findings: [] },
    meets: { earlyDay: today + 20, likelyDay: today + 40, lateDay: null },
    ...change,
  }
}

const days = { firstDay: today - 60, values: new Float64Array(60).fill(70) }

export const lineOf = (pool: string, units: number, change: Partial<LinePlan> = {}): LinePlan => ({
  line: { pool, resource: 'cpu', part: {} },
  ...{
    demand: days,
    supply: days,
    usedNow: 60,
    supplyNow: 100,
    level: 0.6,
    unitCapacity: 10,
    presentCapacity: 10,
    waterline: 0.7,
    short: null,
  },
  ...{ onOrderUnits: 0, spareUnits: 0, forecast: forecastOf(), why: null, units, past: null },
  target: { day: today + 66, likely: 84, low: 80, high: 90 },
  ...change,
})

export const pooled = (name: string, units: number, change: Partial<PoolPlan> = {}): PoolPlan => ({
  ...{ pool: poolOf(name), targetDay: today + 66, binding: 'cpu', units, cost: units * 1_000 },
  lines: [lineOf(name, units)],
  ordersSeen: [],
  ...change,
})

export const planOf = (pools: readonly PoolPlan[], change: Partial<Plan> = {}): Plan => ({
  ...{ asOfDay: today - 1, madeAtMs: nowMs, month: '2026-12', pools },
  ...change,
})
