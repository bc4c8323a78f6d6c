// A report as it is kept: as JSON that reads as the same report years later. Days stand in it for the pools that a page shows
// in full, numbers of all. Pure. Called by kept-reports.ts, which writes and reads its pieces.
import { Failure } from '#core/errors.ts'
import type { Forecast } from '../forecast.ts'
import { lineKey } from '../pool.ts'
import type { Request } from '../request.ts'
import { inFullUsual } from './in-full.ts'
import type { LineReport, PoolReport } from './pool-report.ts'
import type { Report, Summary } from './report-model.ts'

// What is said of them all, with places in the list of pools where the report has the pools themselves.
type Head = Readonly<{
  v: 1
  month: string
  asOfDay: number
  madeAtMs: number
  summary: Omit<Summary, Lists | 'accuracy'> &
    Readonly<Record<Lists, readonly number[]>> &
    Readonly<{ accuracy: KeptAccuracy }>
  requests: readonly Request[]
}>
type Lists = 'orders' | 'risks' | 'reclaims' | 'contradicted'
type KeptAccuracy = Omit<Summary['accuracy'], 'lines'> &
  Readonly<{ lines: readonly Readonly<{ pool: number; line: string; error: number; isWithin: boolean }>[] }>
type KeptPool = Omit<PoolReport, 'requests'>

// More of the furthest off nobody is shown.
const comparedMost = 20

const placed = (some: readonly PoolReport[], places: ReadonlyMap<string, number>): readonly number[] =>
  some.map(({ name }) => places.get(name)!)

export function headText({ pools, summary, ...rest }: Report): string {
  const places = new Map(pools.map(({ name }, at) => [name, at]))
  const { orders, risks, reclaims, contradicted, accuracy } = summary
  const lines = accuracy.lines.slice(0, comparedMost).map(({ line: { line }, ...each }) => ({
    ...each,
    ...{ pool: places.get(line.pool)!, line: lineKey(line) },
  }))
  const head: Head = {
    ...rest,
    summary: {
      ...summary,
      ...{ orders: placed(orders, places), risks: placed(risks, places) },
      ...{ reclaims: placed(reclaims, places), contradicted: placed(contradicted, places) },
      accuracy: { ...accuracy, lines },
    },
  }
  return JSON.stringify(head, written)
}

// Some of the pools, of which the first stands at `at` among all.
export function poolsText(pools: readonly PoolReport[], at: number): string {
  const kept = pools.map(({ requests: _, ...pool }, nth): KeptPool => {
    const keep = at + nth < inFullUsual ? whole : short
    return { ...pool, resources: pool.resources.map(keep), parts: pool.parts.map(keep) }
  })
  return JSON.stringify(kept, written)
}

const whole = (line: LineReport): LineReport =>
  withForecast(line, line.plan.forecast && said(line.plan.forecast))

const noValues = new Float64Array()
const noDays = { firstDay: 0, values: noValues }

// What a line of the table and the files say of it.
function short(line: LineReport): LineReport {
  const { plan } = line
  const forecast = plan.forecast && {
    ...said(plan.forecast),
    ...{ likely: noValues, low: noValues, high: noValues },
    chosen: { ...plan.forecast.chosen, among: [] },
  }
  return withForecast({ ...line, plan: { ...plan, demand: noDays, supply: noDays } }, forecast)
}

const withForecast = (line: LineReport, forecast: Forecast | null): LineReport => ({
  ...line,
  plan: { ...line.plan, forecast },
})

// By name, as findings are looked for when they are read, and are no field that JSON would see.
function said(forecast: Forecast): Forecast {
  const { firstDay, likely, low, high, method, chosen, fit, errors, findings, meets } = forecast
  return { firstDay, likely, low, high, method, chosen, fit, errors, findings, meets }
}

export function readHead(text: string): Head {
  const head = read(JSON.parse(text)) as Head
  if (head.v === 1) return head
  throw new Failure(
    'state_corrupt',
    `wanted a kept report that this version can read, v 1, found v ${JSON.stringify(head.v)}`,
  )
}

export const readPools = (text: string): readonly KeptPool[] => read(JSON.parse(text)) as KeptPool[]

export function reportFrom({ summary, ...head }: Head, kept: readonly KeptPool[]): Report {
  const byPool = Map.groupBy(head.requests, ({ pool }) => pool)
  const pools = kept.map((pool): PoolReport => ({ ...pool, requests: byPool.get(pool.name) ?? [] }))
  const at = (places: readonly number[]): readonly PoolReport[] => places.map(each => pools[each]!)
  const { orders, risks, reclaims, contradicted, accuracy } = summary
  const lines = accuracy.lines.map(({ pool, line, ...each }) => {
    const found = pools[pool]!.resources.find(({ plan }) => lineKey(plan.line) === line)!
    return { ...each, line: found.plan }
  })
  return {
    ...head,
    summary: {
      ...summary,
      ...{ orders: at(orders), risks: at(risks), reclaims: at(reclaims), contradicted: at(contradicted) },
      accuracy: { ...accuracy, lines },
    },
    pools,
  }
}

// JSON has no NaN, and lists where there were typed arrays: '#NaN' is the number, '##NaN' the text '#NaN'.
function written(_: string, value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : `#${value}`
  if (typeof value === 'string') return value.startsWith('#') ? `#${value}` : value
  return value instanceof Float64Array ? Array.from(value) : value
}

const series: ReadonlySet<string> = new Set(['values', 'likely', 'low', 'high'])

// In place, and not as JSON.parse() offers to do it, which takes seconds for ten thousand pools.
function read(value: unknown, name = ''): unknown {
  if (typeof value === 'string') {
    if (!value.startsWith('#')) return value
    return value.startsWith('##') ? value.slice(1) : Number(value.slice(1))
  }
  if (typeof value !== 'object' || value === null) return value
  const inside = value as Record<string, unknown>
  for (const key of Object.keys(inside)) inside[key] = read(inside[key], key)
  return Array.isArray(value) && series.has(name) ? Float64Array.from(value) : value
}
