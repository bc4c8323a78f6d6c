// Pools, histories and forecasts for tests of the room: made of a few numbers, like the ones that are measured.
import type { Coming } from '../../capacity/coming.ts'
import type { Forecast, ForecastAsked } from '../../capacity/forecast.ts'
import type { Days, History } from '../../capacity/history.ts'
import type { Line, Pool, Resource } from '../../capacity/pool.ts'
import { lineKey } from '../../capacity/pool.ts'

export const cpu: Resource = {
  name: 'cpu',
  usage: 'sum(cores_used)',
  supply: { kind: 'live', units: 'count(up == 1)', unitCapacity: 10 },
  unit: 'cores',
  waterline: 0.7,
}

export const pool = (change: Partial<Pool> = {}): Pool => ({
  name: 'web',
  labels: {},
  unit: 'server',
  resources: [cpu],
  by: [],
  partsMax: 200,
  units: undefined,
  spare: { kind: 'units', units: 0 },
  leadDays: 30,
  cost: undefined,
  events: [],
  method: 'linear',
  daily: 'peak',
  windowDays: 60,
  advice: undefined,
  ...change,
})

export type Told = Readonly<{ line: Line; demand: (day: number) => number; supply: (day: number) => number }>

// So many units on order; overdue, unless a day is said.
export const onOrder = (units: number, day = 0): readonly Coming[] =>
  units === 0 ? [] : [{ request: 1, units, day, isDelivered: false }]

// What was measured, as functions of the day.
export function historyOf(told: readonly Told[]): History {
  const known = new Map(told.map(each => [lineKey(each.line), each]))
  const days = (of: ((day: number) => number) | undefined, toDay: number, count: number): Days => {
    const firstDay = toDay - count + 1
    const values = Float64Array.from({ length: count }, (_, at) => of?.(firstDay + at) ?? Number.NaN)
    return { firstDay, values }
  }
  return {
    lines: () => told.map(({ line }) => line),
    demand: (line, _, { toDay, days: count }) => days(known.get(lineKey(line))?.demand, toDay, count),
    supply: (line, { toDay, days: count }) => days(known.get(lineKey(line))?.supply, toDay, count),
    rows: () => [],
  }
}

// A straight line through the first and the last day, a tenth of it to either side.
export function straight({ demand, horizonDays, factors, limit }: ForecastAsked): Forecast {
  const { firstDay, values } = demand
  const slope = (values.at(-1)! - values[0]!) / (values.length - 1)
  const next = firstDay + values.length
  const at = (ahead: number): number =>
    (values.at(-1)! + slope * (ahead + 1)) * (factors.get(next + ahead) ?? 1)
  const likely = Float64Array.from({ length: horizonDays }, (_, ahead) => at(ahead))
  const meets = (factor: number): number | null => {
    const ahead = Array.from({ length: 400 }, (_, each) => each).find(each => at(each) * factor >= limit)
    return ahead === undefined ? null : next + ahead
  }
  const errors = { count: 0, horizonDays, bias: 0, smape: 0, mase: 0, coverage: 0.9 }
  return {
    ...{ firstDay: next, likely, low: likely.map(each => each * 0.9), high: likely.map(each => each * 1.1) },
    ...{ method: 'linear', chosen: { by: 'configured', among: [] }, errors, findings: [] },
    fit: { level: values.at(-1)!, slopePerDay: slope, weekly: null },
    meets: { earlyDay: meets(1.1), likelyDay: meets(1), lateDay: meets(0.9) },
  }
}
