// How right were they? Each request of a past month against what came on the day that it was for: what the forecast said,
// what people made of it, what was delivered, and what would have been enough. Pure; called by judging.ts.
//
//   enough = ceil(used / waterline / unit + spare − supply / unit − on order)
//
// which is the formula of the plan with what was used in the place of the forecast.
import { Breath } from '#core/breath.ts'
import type { History } from '../history.ts'
import type { Line, Pool } from '../pool.ts'
import type { Basis, Request, RequestFact } from '../request.ts'

export type Judged = Readonly<{
  request: number
  month: string
  pool: string
  resource: string
  ofDay: number
  forecast: Readonly<{ likely: number; low: number; high: number }>
  // In units, less than 0: to give back. What the formula gave, what it was after people had edited it (all pieces, without
  // what was merged into it), and what came of it.
  formulaUnits: number
  askedUnits: number
  editedBy: string | null
  deliveredUnits: number
  // Null where nothing was measured on that day.
  used: number | null
  enoughUnits: number | null
}>

// Positive: more was forecast, or asked for, than it took.
export type PoolBias = Readonly<{
  pool: string
  count: number
  // (forecast − used) / used, on average.
  demand: number
  units: number
}>
export type PlannerBias = Readonly<{ who: string; count: number; formulaUnits: number; askedUnits: number }>

export type Judgement = Readonly<{
  requests: readonly Judged[]
  pools: readonly PoolBias[]
  // Of those whose number somebody has changed: how far the formula was off, and how far he.
  planners: readonly PlannerBias[]
}>

// What is known of a request whose day is over, whatever was used on it.
export type Asked = Readonly<{
  said: Omit<Judged, 'used' | 'enoughUnits'>
  // What its number is measured by.
  line: Line
  terms: Pick<Basis, 'waterline' | 'unitCapacity' | 'spareUnits' | 'supply' | 'onOrderUnits'>
}>

export type JudgeOptions = Readonly<{
  history: Pick<History, 'demand'>
  // By name.
  pools: ReadonlyMap<string, Pool>
}>

// In pieces, as asked() is: half a year of a large fleet is a second's work.
export async function judge(all: readonly Asked[], options: JudgeOptions): Promise<Judgement> {
  const judged: Judged[] = []
  const breath = new Breath()
  for (const { said, line, terms } of all) {
    const used = usedOn(line, said.ofDay, options)
    judged.push({ ...said, used, enoughUnits: used === null ? null : enough(used, terms) })
    if (breath.isDue) await breath.taken()
  }
  return { requests: judged, pools: poolsOf(judged), planners: plannersOf(judged) }
}

// `untilDay`: the last whole day. `edits`: of all requests.
export async function asked(
  requests: readonly Request[],
  { untilDay, edits }: Readonly<{ untilDay: number; edits: readonly RequestFact[] }>,
): Promise<readonly Asked[]> {
  const around: Around = {
    children: Map.groupBy(requests, ({ splitFrom }) => splitFrom),
    merged: Map.groupBy(requests, ({ mergedInto }) => mergedInto),
    edits: Map.groupBy(edits, ({ request }) => request),
  }
  const found: Asked[] = []
  const breath = new Breath()
  for (const each of requests) {
    if (isJudged(each) && each.basis.targetDay <= untilDay) found.push(askedOf(each, around))
    if (breath.isDue) await breath.taken()
  }
  return found
}

type Around = Readonly<{
  children: ReadonlyMap<number | null, readonly Request[]>
  merged: ReadonlyMap<number | null, readonly Request[]>
  edits: ReadonlyMap<number, readonly RequestFact[]>
}>

function askedOf(request: WithBasis, { children, merged, edits }: Around): Asked {
  const { basis, number, month, pool, part } = request
  const family = familyOf(request, children)
  const alive = family.filter(({ state }) => state !== 'withdrawn' && state !== 'rejected')
  const added = family.flatMap(each => merged.get(each.number) ?? [])
  const sign = request.kind === 'expand' ? 1 : -1
  const edited = edits.get(number)?.findLast(({ details }) => 'units' in details)
  const { likely, low, high, resource, targetDay: ofDay } = basis
  const { waterline, unitCapacity, spareUnits, supply, onOrderUnits } = basis
  return {
    said: {
      ...{ request: number, month, pool, resource, ofDay },
      ...{ forecast: { likely, low, high }, formulaUnits: basis.units, editedBy: edited?.who ?? null },
      askedUnits: sign * (alive.length === 0 ? 0 : sum(alive, 'units') - sum(added, 'units')) + 0,
      deliveredUnits: sign * sum(family, 'deliveredUnits') + 0,
    },
    line: { pool, resource, part },
    terms: { waterline, unitCapacity, spareUnits, supply, onOrderUnits },
  }
}

type WithBasis = Request & Readonly<{ basis: Basis }>

// What was split is judged once, in the one that kept the number.
export const isJudged = (request: Request): request is WithBasis =>
  request.basis !== null && request.splitFrom === null

function familyOf(one: Request, children: ReadonlyMap<number | null, readonly Request[]>): Request[] {
  const family = [one]
  for (const each of family) family.push(...(children.get(each.number) ?? []))
  return family
}

const sum = (some: readonly Request[], name: 'units' | 'deliveredUnits'): number =>
  some.reduce((all, each) => all + each[name], 0)

function usedOn(line: Line, day: number, { history, pools }: JudgeOptions): number | null {
  const pool = pools.get(line.pool)
  if (pool === undefined) return null
  const used = history.demand(line, pool.daily, { toDay: day, days: 1 }).values.at(-1) ?? Number.NaN
  return Number.isFinite(used) ? used : null
}

function enough(
  used: number,
  { waterline, unitCapacity, spareUnits, supply, onOrderUnits }: Asked['terms'],
): number | null {
  const units = (used / waterline - supply) / unitCapacity + spareUnits - onOrderUnits
  return Number.isFinite(units) ? Math.ceil(units - 1e-9 * Math.max(1, Math.abs(units))) + 0 : null
}

type Measured = Judged & Readonly<{ used: number; enoughUnits: number }>

const isMeasured = (each: Judged): each is Measured => each.used !== null && each.enoughUnits !== null

const mean = (values: readonly number[]): number =>
  values.reduce((all, each) => all + each, 0) / values.length

function poolsOf(judged: readonly Judged[]): readonly PoolBias[] {
  const byPool = Map.groupBy(judged.filter(isMeasured), ({ pool }) => pool)
  return [...byPool].map(([pool, some]) => {
    // What used nothing has no share of it.
    const shares = some
      .filter(({ used }) => used !== 0)
      .map(({ forecast, used }) => (forecast.likely - used) / used)
    const units = mean(some.map(({ formulaUnits, enoughUnits }) => formulaUnits - enoughUnits))
    return { pool, count: some.length, demand: shares.length === 0 ? 0 : mean(shares), units }
  })
}

function plannersOf(judged: readonly Judged[]): readonly PlannerBias[] {
  const byWho = Map.groupBy(judged.filter(isMeasured), ({ editedBy }) => editedBy)
  return [...byWho].flatMap(([who, some]) => {
    if (who === null) return []
    const off = (name: 'formulaUnits' | 'askedUnits'): number =>
      mean(some.map(each => each[name] - each.enoughUnits))
    return [{ who, count: some.length, formulaUnits: off('formulaUnits'), askedUnits: off('askedUnits') }]
  })
}
