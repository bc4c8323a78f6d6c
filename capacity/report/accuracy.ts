// How right was it? What was forecast a month ago against what came, and what was requested against what was needed.
// Pure. Called by report-model.ts.
import type { LinePlan, Plan } from '../plan.ts'
import { isWhole, lineKey } from '../pool.ts'
import type { Request } from '../request.ts'
import { isJudged, type Judged } from '../requests/judged.ts'

export type Accuracy = Readonly<{
  // Pools' resources that were forecast a month ago and measured since.
  count: number
  // Of what came: the mean, signed (positive: too much was forecast), the median without sign, and how many were within
  // the band; NaN where nothing was compared.
  bias: number
  typical: number
  within: number
  // The furthest off first.
  lines: readonly Compared[]
}>

export type Compared = Readonly<{
  line: LinePlan
  // Of what came.
  error: number
  isWithin: boolean
}>

export function accuracyOf({ pools }: Plan): Accuracy {
  const lines = pools
    .flatMap(each => each.lines)
    .filter(({ line }) => isWhole(line.part))
    .flatMap(comparedOf)
    .toSorted((a, b) => Math.abs(b.error) - Math.abs(a.error))
  const count = lines.length
  const middle = lines[Math.floor(count / 2)]
  return {
    count,
    bias: lines.reduce((sum, { error }) => sum + error, 0) / count,
    typical: middle === undefined ? Number.NaN : Math.abs(middle.error),
    within: lines.filter(({ isWithin }) => isWithin).length / count,
    lines,
  }
}

function comparedOf(line: LinePlan): Compared[] {
  if (line.past === null) return []
  const { likely, low, high, actual } = line.past
  const error = (likely - actual) / Math.abs(actual)
  return Number.isFinite(error) ? [{ line, error, isWithin: low <= actual && actual <= high }] : []
}

// What was asked for, what came of it, and what would have been enough. Units below 0 were to be given back.
export type Requested = Readonly<{
  number: number
  pool: string
  unit: string
  requestedUnits: number
  deliveredUnits: number
  neededUnits: number
  // The day that it was for has come. Before that, `neededUnits` is of the highest day so far.
  isDue: boolean
}>

const judgedDays = 200

// Those whose day has come as the book of requests judges them, and behind them those that are on their way.
export function requestedOf(
  plan: Plan,
  requests: readonly Request[],
  judged: readonly Judged[],
): Requested[] {
  const unitOf = new Map(requests.map(({ number, unit }) => [number, unit]))
  const due = judged
    .filter(({ ofDay }) => ofDay >= plan.asOfDay - judgedDays)
    .flatMap(({ request, pool, askedUnits, deliveredUnits, enoughUnits }): Requested[] => {
      if (enoughUnits === null) return []
      const unit = unitOf.get(request) ?? ''
      const units = { requestedUnits: askedUnits, deliveredUnits, neededUnits: enoughUnits }
      return [{ number: request, pool, unit, ...units, isDue: true }]
    })
  return [...due, ...soFar(plan, requests)].toSorted((a, b) => b.number - a.number)
}

// What is only a draft has not been asked of anybody.
const asked: ReadonlySet<Request['state']> = new Set(['approved', 'ordered', 'delivered', 'closed'])

function soFar({ pools, asOfDay }: Plan, requests: readonly Request[]): Requested[] {
  const byName = new Map(pools.map(each => [each.pool.name, each.lines]))
  return requests.flatMap((request): Requested[] => {
    const { basis, kind, state, pool, part } = request
    if (basis === null || !isJudged(request) || kind !== 'expand' || !asked.has(state)) return []
    if (basis.asOfDay >= asOfDay || basis.targetDay <= asOfDay) return []
    const line = byName.get(pool)?.find(each => isOf(each, basis.resource, part))
    const peak = line === undefined ? Number.NaN : peakSince(line, basis.asOfDay)
    const { supply, waterline, unitCapacity, spareUnits, onOrderUnits } = basis
    const wanted = (peak / waterline - supply) / unitCapacity + spareUnits - onOrderUnits
    if (!Number.isFinite(wanted)) return []
    const { number, unit, units: requestedUnits, deliveredUnits } = request
    const neededUnits = Math.max(0, Math.ceil(wanted - 1e-9))
    return [{ number, pool, unit, requestedUnits, deliveredUnits, neededUnits, isDue: false }]
  })
}

const isOf = ({ line }: LinePlan, resource: string, part: Request['part']): boolean =>
  lineKey(line) === lineKey({ pool: line.pool, resource, part })

// Days without a number are none.
function peakSince({ demand }: LinePlan, day: number): number {
  const since = demand.values.subarray(Math.max(0, day + 1 - demand.firstDay))
  return since.reduce((most, value) => (value > most || Number.isNaN(most) ? value : most), Number.NaN)
}
