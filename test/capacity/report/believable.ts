// Twenty pools that could be somebody's, for tests and for looking at reports: growth, season, shift, promotion, leak, a
// name in Chinese, a very long one, one without history, one with holes, one that may give back. Called by tests of reports.
import { readDay } from '../../../capacity/days.ts'
import type { Finding, Forecast, ForecastAsked } from '../../../capacity/forecast.ts'
import type { History } from '../../../capacity/history.ts'
import type { Plan, WhatIf } from '../../../capacity/plan.ts'
import { makePlan } from '../../../capacity/planning.ts'
import { type Line, lineKey, type Pool, type Resource } from '../../../capacity/pool.ts'
import type { Basis, Request } from '../../../capacity/request.ts'
import { onOrder } from '../planned.ts'

export const asOfDay = readDay('2026-11-24')!
export const nowMs = Date.parse('2026-11-25T01:00:00Z')
const days = 60

// The same every time.
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

type Shape = (day: number, noise: number) => number
const grows =
  (from: number, perDay: number, spread = 0.02): Shape =>
  (day, noise) =>
    (from + perDay * day) * (1 + spread * noise)
const weekly =
  (from: number, perDay: number, share: number): Shape =>
  (day, noise) =>
    (from + perDay * day) * (1 + ((day + 2) % 7 < 2 ? -share : share / 3) + 0.012 * noise)

type Sketch = Readonly<{
  pool: Pool
  shapes: Readonly<Record<string, Shape>>
  supply: Readonly<Record<string, (day: number) => number>>
  parts?: Readonly<Record<string, number>>
  findings?: Readonly<Record<string, readonly Finding[]>>
}>

type Told = Readonly<{ unit?: string; lead?: number; price?: number; currency?: string; owner?: string }>

function pool(
  name: string,
  resources: readonly [Resource, ...Resource[]],
  told: Told,
  more: Partial<Pool> = {},
): Pool {
  const { unit = 'server', lead = 30, price = 4_200, currency = 'USD', owner = 'payments' } = told
  return {
    ...{
      name,
      labels: { owner, module: name.split(' ')[0]! },
      unit,
      resources,
      by: [],
      partsMax: 200,
      units: undefined,
    },
    ...{
      spare: { kind: 'units', units: 1 },
      leadDays: lead,
      cost: price === 0 ? undefined : { perUnit: price, currency },
    },
    ...{ events: [], method: 'linear', daily: 'peak', windowDays: days, advice: undefined },
    ...more,
  }
}

const resource = (name: string, unit: string, unitCapacity: number, waterline: number): Resource => ({
  name,
  usage: `sum(${name}_used)`,
  supply: { kind: 'live', units: 'count(up == 1)', unitCapacity },
  unit,
  waterline,
})

const event = (name: string, from: string, to: string, factor: number) => ({
  name,
  fromDay: readDay(from)!,
  toDay: readDay(to)!,
  factor,
})
const found = (
  kind: Finding['kind'],
  from: string | null,
  to: string | null,
  size: number | null,
): Finding => ({
  kind,
  fromDay: from === null ? null : readDay(from)!,
  toDay: to === null ? null : readDay(to)!,
  size,
})

const cpu = resource('cpu', 'cores', 32, 0.7)
const memory = resource('memory', 'bytes', 128e9, 0.8)
const disk = resource('disk', 'bytes', 8e12, 0.8)
const cny = { price: 38_000, currency: 'CNY' }
const flat = (value: number) => () => value

function sketches(): Sketch[] {
  const plain = (name: string, shape: Shape, there: number, told: Told = {}): Sketch => ({
    pool: pool(name, [cpu], told),
    shapes: { cpu: shape },
    supply: { cpu: flat(there) },
  })
  return [
    {
      pool: pool(
        'checkout',
        [cpu, memory],
        { owner: 'payments' },
        { by: ['zone', 'machine_type'], method: 'auto' },
      ),
      shapes: { cpu: grows(3_150, 21), memory: grows(9.1e12, 2.5e10) },
      supply: { cpu: flat(6_720), memory: flat(2.3e13) },
      parts: { 'eu-1a|c7': 0.42, 'eu-1b|c7': 0.33, 'eu-1b|c6': 0.05, 'eu-1c|c7': 0.2 },
    },
    {
      pool: pool(
        'search',
        [cpu, disk],
        { owner: 'discovery', lead: 45 },
        { by: ['zone'], spare: { kind: 'zone' } },
      ),
      shapes: { cpu: weekly(1_900, 7, 0.24), disk: grows(1.9e14, 1.4e12, 0.004) },
      supply: { cpu: day => (day < 31 ? 3_840 : 4_160), disk: flat(4.4e14) },
      parts: { 'zone-1': 0.36, 'zone-2': 0.34, 'zone-3': 0.3 },
      findings: {
        cpu: [
          found('weekly_season', null, null, 0.71),
          found('supply_changed', '2026-10-27', '2026-10-27', 320),
        ],
      },
    },
    {
      pool: pool(
        '订单中心',
        [cpu],
        { ...cny, unit: '台', owner: '交易平台', lead: 14 },
        {
          events: [
            event('双十二', '2026-12-10', '2026-12-12', 1.8),
            event('双十一', '2026-11-10', '2026-11-12', 2.2),
          ],
        },
      ),
      shapes: {
        cpu: (day, noise) => (900 + 3.2 * day) * (day >= 45 && day <= 47 ? 2.2 : 1) * (1 + 0.02 * noise),
      },
      supply: { cpu: flat(1_920) },
      findings: { cpu: [found('event_inside', '2026-11-10', '2026-11-12', 2.2)] },
    },
    {
      pool: pool('logs', [disk], { owner: 'platform', unit: 'storage node', price: 9_800, lead: 60 }),
      shapes: { disk: grows(4.1e14, 5.1e12, 0.006) },
      supply: { disk: flat(1.06e15) },
    },
    {
      pool: pool('session-cache', [memory], { owner: 'identity', price: 3_900 }),
      shapes: { memory: (day, noise) => (2.1e12 + ((day * 5.2e10) % 8.9e11)) * (1 + 0.008 * noise) },
      supply: { memory: flat(4.1e12) },
      findings: { memory: [found('reset', '2026-10-13', '2026-11-16', 3)] },
    },
    {
      pool: pool('recommendation', [cpu], { owner: 'discovery', lead: 21 }),
      shapes: { cpu: (day, noise) => (day < 38 ? 640 : 905) * (1 + 0.03 * noise) },
      supply: { cpu: flat(1_600) },
      findings: { cpu: [found('level_shift', '2026-11-03', null, 265), found('outliers', null, null, 2)] },
    },
    {
      pool: pool('video-transcoding-for-the-international-marketing-sites-and-partners', [cpu], {
        owner: 'media-production-and-brand-communication-europe',
        price: 12_500,
      }),
      shapes: { cpu: weekly(2_700, 11, 0.3) },
      supply: { cpu: flat(6_080) },
      findings: { cpu: [found('weekly_season', null, null, 0.82)] },
    },
    plain('brand-new', grows(0, 0), 96, { owner: 'growth' }),
    {
      pool: pool('metrics-ingest', [cpu], { owner: 'platform' }),
      shapes: {
        cpu: (day, noise) =>
          day % 9 === 4 || (day > 20 && day < 25) ? Number.NaN : (310 + 0.8 * day) * (1 + 0.03 * noise),
      },
      supply: { cpu: flat(640) },
      findings: { cpu: [found('not_a_number', null, null, 6), found('gaps', '2026-10-17', '2026-10-20', 4)] },
    },
    {
      pool: pool('legacy-batch', [cpu, memory], { owner: 'finance', price: 2_600 }),
      shapes: { cpu: grows(820, -5.4), memory: grows(2.2e12, -9e9) },
      supply: { cpu: flat(1_920), memory: flat(7.68e12) },
    },
    plain('mail-out', grows(44, 0.05), 96, { owner: 'platform', price: 0 }),
    plain('fraud-scoring', grows(420, 4.4), 800, { owner: 'risk', lead: 14 }),
    {
      pool: pool(
        'ledger-db',
        [disk, cpu],
        { owner: 'finance', unit: 'database host', price: 27_000, lead: 75 },
        { spare: { kind: 'units', units: 2 } },
      ),
      shapes: { disk: grows(5.4e13, 3.1e11, 0.003), cpu: grows(180, 0.3, 0.05) },
      supply: { disk: flat(9.6e13), cpu: flat(384) },
    },
    plain('api-gateway', grows(1_010, 3.1), 1_984, { owner: 'platform' }),
    plain('notifications', grows(120, 0.4), 320, { owner: 'identity' }),
    plain('image-resize', grows(540, 1.1), 1_056, { owner: 'media' }),
    plain('warehouse-sync', grows(66, 0.0), 192, { owner: 'logistics' }),
    plain('geo-lookup', grows(210, -0.2), 640, { owner: 'discovery' }),
    plain('feature-flags', grows(14, 0.02, 0.06), 64, { owner: 'platform' }),
    {
      pool: pool('unmeasured-supply', [cpu], { owner: 'labs' }),
      shapes: { cpu: grows(75, 0.9) },
      supply: { cpu: flat(Number.NaN) },
    },
  ]
}

type Columns = ReadonlyMap<string, Readonly<{ line: Line; demand: Float64Array; supply: Float64Array }>>

function columnsOf(all: readonly Sketch[]): Columns {
  const columns = new Map<string, { line: Line; demand: Float64Array; supply: Float64Array }>()
  for (const [seed, { pool, shapes, supply, parts = {} }] of all.entries()) {
    for (const { name } of pool.resources) {
      const random = randomOf(seed * 17 + name.length)
      const isEmpty = pool.name === 'brand-new'
      const demand = Float64Array.from({ length: days }, (_, day) =>
        isEmpty ? Number.NaN : shapes[name]!(day, random() + random() + random() - 1.5),
      )
      const there = Float64Array.from({ length: days }, (_, day) => supply[name]!(day))
      const whole: Line = { pool: pool.name, resource: name, part: {} }
      columns.set(lineKey(whole), { line: whole, demand, supply: there })
      for (const [part, share] of Object.entries(parts)) {
        const values = part.split('|')
        const line: Line = {
          ...whole,
          part: Object.fromEntries(pool.by.map((label, at) => [label, values[at] ?? ''])),
        }
        const even = 1 / Object.keys(parts).length
        columns.set(lineKey(line), {
          line,
          demand: demand.map(value => value * share),
          supply: there.map(value => value * (share * 0.6 + even * 0.4)),
        })
      }
    }
  }
  return columns
}

function historyOf(columns: Columns): History {
  const firstDay = asOfDay - days + 1
  const nothing = new Float64Array(days).fill(Number.NaN)
  return {
    lines: () => [...columns.values()].map(({ line }) => line),
    demand: line => ({ firstDay, values: columns.get(lineKey(line))?.demand ?? nothing }),
    supply: line => ({ firstDay, values: columns.get(lineKey(line))?.supply ?? nothing }),
    rows: () => [],
  }
}

// A line through what is known, with a band as wide as what it misses.
function forecastOf(
  { demand, limit, horizonDays, factors }: ForecastAsked,
  findings: readonly Finding[],
): Forecast {
  const isWeekly = findings.some(({ kind }) => kind === 'weekly_season')
  const known = [...demand.values]
    .map((value, at) => [at, value / (factors.get(demand.firstDay + at) ?? 1)] as const)
    .filter(([, value]) => Number.isFinite(value))
  const whole = known.reduce((sum, [, value]) => sum + value, 0) / known.length
  const weekdays = Array.from({ length: 7 }, (_, weekday) => {
    const own = known.filter(([at]) => at % 7 === weekday)
    return isWeekly ? own.reduce((sum, [, value]) => sum + value, 0) / own.length / whole : 1
  })
  const points = known.map(([at, value]) => [at, value / weekdays[at % 7]!] as const)
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, each) => sum + of(each), 0) / points.length
  const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)]
  const slope = mean(([x, y]) => (x - mx) * (y - my)) / mean(([x]) => (x - mx) ** 2)
  const level = my - slope * mx
  const spread = 1.9 * Math.sqrt(mean(([x, y]) => (y - level - slope * x) ** 2))
  const firstDay = demand.firstDay + demand.values.length
  const line = (side: number) => (day: number) => {
    const ahead = Math.max(0, day - firstDay)
    const middle = level + slope * (day - demand.firstDay)
    return (
      Math.max(0, middle + side * spread * (1 + ahead / 70)) *
      (factors.get(day) ?? 1) *
      weekdays[(day - demand.firstDay) % 7]!
    )
  }
  const column = (side: number) =>
    Float64Array.from({ length: horizonDays }, (_, at) => line(side)(firstDay + at))
  const meets = (side: number): number | null => {
    for (let day = firstDay; day <= firstDay + 400; day++) if (line(side)(day) >= limit) return day
    return null
  }
  const errors = (mase: number) => ({
    count: 12,
    horizonDays: 30,
    bias: 0.013,
    smape: 0.042 * mase,
    mase,
    coverage: 0.91,
  })
  const isChosen = slope > 20
  return {
    ...{ firstDay, likely: column(0), low: column(-1), high: column(1), method: 'linear', findings },
    chosen: isChosen
      ? {
          by: 'back-test',
          among: [
            { method: 'linear', errors: errors(0.71) },
            { method: 'damped', errors: errors(0.84) },
            { method: 'naive', errors: errors(1) },
          ],
        }
      : { by: 'configured', among: [] },
    fit: { level, slopePerDay: slope, weekly: isWeekly ? weekdays : null },
    errors: errors(0.71),
    meets: { earlyDay: meets(1), likelyDay: meets(0), lateDay: meets(-1) },
  }
}

export const pools = (): readonly Pool[] => sketches().map(each => each.pool)

export function believablePlan(whatIf: WhatIf = {}): Promise<Plan> {
  const all = sketches()
  const history = historyOf(columnsOf(all))
  const told = new Map(
    all.flatMap(({ pool, findings = {} }) =>
      pool.resources.map(({ name }) => [`${pool.name} ${name}`, findings[name] ?? []] as const),
    ),
  )
  const of = new Map(
    history.lines().map(line => [history.demand(line, 'peak', { toDay: 0, days: 0 }).values, line]),
  )
  return makePlan({
    ...{ pools: pools(), history, zone: 'Asia/Shanghai', nowMs, whatIf },
    forecaster: {
      forecast: async asked =>
        asked.map(each => {
          const line = of.get(each.demand.values)
          return forecastOf(each, told.get(`${line?.pool} ${line?.resource}`) ?? [])
        }),
      close: async () => {},
    },
    orders: {
      coming: (name, part) =>
        onOrder(name === 'checkout' && Object.keys(part).length === 0 ? 6 : 0, asOfDay + 5),
      past: (line, day) => {
        const { values } = history.demand(line, 'peak', { toDay: day, days })
        const said = values.at(-1)! * (1 + (((line.pool.length * 7) % 13) - 5) / 90)
        return line.pool === 'brand-new'
          ? null
          : { madeDay: day - 30, ofDay: day, likely: said, low: said * 0.95, high: said * 1.05 }
      },
    },
  })
}

const basis = (of: Partial<Basis>): Basis => ({
  ...{
    resource: 'cpu',
    asOfDay: asOfDay - 30,
    targetDay: asOfDay + 30,
    likely: 4_000,
    low: 3_800,
    high: 4_200,
  },
  ...{ supply: 5_760, waterline: 0.7, unitCapacity: 32, spareUnits: 1, onOrderUnits: 0, method: 'linear' },
  ...{ resourceUnit: 'cores', parts: [], isAtRisk: false },
  ...{ smape: 0.04, earlyDay: null, likelyDay: null, lateDay: null, findings: [], units: 8 },
  ...of,
})

const request = (number: number, of: Partial<Request>): Request => ({
  ...{ number, month: '2026-12', pool: 'checkout', part: {}, kind: 'expand', source: 'forecast' },
  ...{ application: null, state: 'draft', units: 8, unit: 'server', deliveredUnits: 0 },
  ...{
    cost: { amount: 33_600, currency: 'USD' },
    neededDay: asOfDay + 20,
    dueDay: null,
    why: 'cpu grows by 21 cores a day',
  },
  ...{
    basis: null,
    mergedInto: null,
    splitFrom: null,
    by: 'plimsoll',
    madeAtMs: nowMs,
    changedAtMs: nowMs,
    version: 1,
  },
  ...of,
})

export const requests = (): readonly Request[] => [
  request(41, {
    state: 'ordered',
    units: 6,
    dueDay: asOfDay + 12,
    month: '2026-11',
    basis: basis({ supply: 5_760 }),
    by: 'li.na',
  }),
  request(38, {
    state: 'delivered',
    pool: 'api-gateway',
    units: 4,
    deliveredUnits: 4,
    month: '2026-11',
    neededDay: asOfDay - 3,
    basis: basis({ supply: 1_700, units: 4 }),
  }),
  request(52, { units: 12 }),
  request(53, {
    pool: '订单中心',
    unit: '台',
    source: 'person',
    application: '秒杀',
    state: 'submitted',
    units: 10,
    cost: { amount: 380_000, currency: 'CNY' },
    by: '王芳',
    why: '双十二新增会场',
  }),
  request(54, {
    pool: 'legacy-batch',
    kind: 'reclaim',
    units: 20,
    cost: null,
    why: 'shrinks since September',
  }),
]
