// Plans side by side: as it is, and as it would be under each thing that somebody supposes. Pure. Called by the what-if page
// and its route.
import { Failure } from '#core/errors.ts'
import type { Plan, PoolPlan, WhatIf } from '../plan.ts'
import { readWhatIf, type Supposed } from '../what-if.ts'
import type { Words } from '../words.ts'
import { byUnit, type Counted } from './figures.ts'
import { isUrgent, mayGiveBack, type PoolReport, poolReport } from './pool-report.ts'
import { costsOf, type Money } from './report-model.ts'

export type Variant = Readonly<{ name: string; plan: Plan }>

export type Comparison = Readonly<{
  names: readonly string[]
  // One for each plan, in their order; the first is as it is.
  totals: readonly Totals[]
  // Pools of which one plan says something else, the largest difference first.
  pools: readonly Compared[]
  // How many are the same in all.
  same: number
  missed: readonly Missed[]
}>

// Under this assumption an order of today comes too late for these events, which it would reach as things are: they no
// longer count, so that a longer lead time may order less.
export type Missed = Readonly<{ name: string; events: readonly string[]; pools: number }>

export type Totals = Readonly<{
  // So many of each kind, the most first.
  orders: readonly Counted[]
  back: readonly Counted[]
  costs: readonly Money[]
  // That are above their waterline, or may be before new units can be there.
  risks: number
}>

// Null: a plan does not have the pool.
export type Compared = Readonly<{ name: string; unit: string; cells: readonly (ComparedCell | null)[] }>
export type ComparedCell = Pick<PoolReport, 'units' | 'cost' | 'likelyDay' | 'binding' | 'risk'>

export function compare(variants: readonly Variant[]): Comparison {
  const columns = variants.map(({ plan }) => plan.pools.map(each => poolReport(each, plan.asOfDay, [])))
  const [first = []] = columns
  const byName = columns.map(pools => new Map(pools.map(each => [each.name, each])))
  const rows = first.map(({ name, unit }) => ({
    ...{ name, unit },
    cells: byName.map(pools => pools.get(name) ?? null),
  }))
  const pools = rows.filter(isDifferent).toSorted((a, b) => differenceOf(b) - differenceOf(a))
  return {
    names: variants.map(({ name }) => name),
    totals: columns.map(totalsOf),
    pools,
    same: rows.length - pools.length,
    missed: missedOf(variants),
  }
}

function missedOf([first, ...others]: readonly Variant[]): readonly Missed[] {
  const leads = new Map(first?.plan.pools.map(({ pool }) => [pool.name, pool.leadDays]))
  return others.flatMap(({ name, plan }): readonly Missed[] => {
    const late = plan.pools
      .map(each => missedBy(each, leads.get(each.pool.name), plan.asOfDay + 1))
      .filter(events => events.length > 0)
    return late.length === 0 ? [] : [{ name, events: [...new Set(late.flat())], pools: late.length }]
  })
}

const missedBy = ({ pool }: PoolPlan, leadDays: number | undefined, today: number): readonly string[] =>
  pool.events
    .filter(({ toDay }) => toDay >= today + (leadDays ?? pool.leadDays) && toDay < today + pool.leadDays)
    .map(({ name }) => name)

const isDifferent = ({ cells }: Compared): boolean => {
  const [first, ...others] = cells
  return others.some(
    each =>
      each?.units !== first?.units || each?.likelyDay !== first?.likelyDay || each?.risk !== first?.risk,
  )
}

const differenceOf = ({ cells }: Compared): number => {
  const [first, ...others] = cells.map(each => each?.units ?? 0)
  return Math.max(0, ...others.map(each => Math.abs(each - (first ?? 0))))
}

function totalsOf(pools: readonly PoolReport[]): Totals {
  const orders = pools.filter(({ units }) => units > 0)
  return {
    orders: byUnit(orders),
    back: byUnit(pools.filter(mayGiveBack).map(({ unit, units }) => ({ unit, units: -units }))),
    costs: costsOf(orders),
    risks: pools.filter(isUrgent).length,
  }
}

// Each is a plan of its own, made while somebody waits.
const singlesMost = 8

export type Assumption = Readonly<{ name: string; whatIf: WhatIf }>

// Each thing by itself, and all of them together where there are several.
export function assumptionsOf(said: Supposed, { whatIf: say }: Words): Assumption[] {
  const one = (name: string, part: Supposed): Assumption => ({ name, whatIf: readWhatIf(part) })
  const isSaid = (text: string | undefined): text is string => text !== undefined && text.trim() !== ''
  const { growth, waterline, lead_time, event = [], unit_capacity = [] } = said
  const singles = [
    ...(isSaid(growth) ? [one(say.growthName(growth), { growth })] : []),
    ...event.filter(isSaid).map(each => one(say.eventName(each), { event: [each] })),
    ...(isSaid(waterline) ? [one(say.waterlineName(waterline), { waterline })] : []),
    ...(isSaid(lead_time) ? [one(say.leadName(lead_time), { lead_time })] : []),
    ...unit_capacity.filter(isSaid).map(each => one(say.unitName(each), { unit_capacity: [each] })),
  ]
  if (singles.length > singlesMost) {
    const found = `wanted at most ${singlesMost} things to compare, found ${singles.length}`
    throw new Failure('bad_request', found)
  }
  return singles.length > 1 ? [...singles, one(say.together, said)] : singles
}
