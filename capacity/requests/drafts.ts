// What a plan asks for, pool by pool: the drafts of a month, each with what it stands on, so that it can be judged when the
// day has come. Called by runs.ts.
import { Breath } from '#core/breath.ts'
import type { LinePlan, Plan, PoolPlan } from '../plan.ts'
import { isWhole, resourceNamed } from '../pool.ts'
import { isUrgent, poolRisk } from '../report/pool-report.ts'
import type { Basis, Request } from '../request.ts'
import { neededDayOf } from '../units.ts'

export type Draft = Readonly<{ basis: Basis }> &
  Pick<Request, 'pool' | 'part' | 'kind' | 'units' | 'unit' | 'cost' | 'neededDay' | 'why'>

export type Drafts = Readonly<{
  drafts: readonly Draft[]
  // Pools of which nobody knows what they need: nothing is drafted of them and nothing taken back. One that is planned no
  // more needs nothing.
  unknown: ReadonlySet<string>
  // Requests that the plan has counted on.
  seen: ReadonlySet<number>
}>

export async function draftsOf(plan: Plan): Promise<Drafts> {
  const known = plan.pools.filter(each => each.binding !== null)
  const drafts: Draft[] = []
  // Of ten thousand pools it is a noticeable time.
  const breath = new Breath()
  for (const each of known) {
    if (breath.isDue) await breath.taken()
    drafts.push(...draftOf(each, plan))
  }
  return {
    drafts,
    unknown: new Set(plan.pools.filter(each => each.binding === null).map(({ pool }) => pool.name)),
    seen: new Set(known.flatMap(({ ordersSeen }) => ordersSeen)),
  }
}

export const bindingLine = ({ lines, binding }: PoolPlan): LinePlan | undefined =>
  lines.find(({ line }) => isWhole(line.part) && line.resource === binding)

function draftOf(pooled: PoolPlan, plan: Plan): readonly Draft[] {
  const { pool, units: net } = pooled
  const line = bindingLine(pooled)
  if (line === undefined || line.forecast === null || line.target === null || net === 0) return []
  const units = Math.abs(net)
  const basis = basisOf(pooled, line, plan)
  const kind = net > 0 ? ('expand' as const) : ('reclaim' as const)
  return [
    {
      ...{ pool: pool.name, part: {}, kind, units, unit: pool.unit, basis },
      cost: pool.cost === undefined ? null : costOf(net, pool.cost),
      // What is given back is not missed then.
      neededDay: kind === 'reclaim' ? pooled.targetDay : neededDayOf(pooled, plan.asOfDay),
      // Said when somebody reads it, in his language.
      why: '',
    },
  ]
}

// Less than 0: what is given back saves it.
const costOf = (units: number, { perUnit, currency }: Readonly<{ perUnit: number; currency: string }>) => ({
  amount: units * perUnit,
  currency,
})

function basisOf(pooled: PoolPlan, line: LinePlan, { asOfDay }: Plan): Basis {
  const { forecast, target } = line
  const { likely, low, high, day } = target!
  const { method, errors, meets, findings } = forecast!
  const orLikely = (value: number): number => (Number.isFinite(value) ? value : likely)
  return {
    ...{
      resource: line.line.resource,
      resourceUnit: resourceNamed(pooled.pool, line.line.resource).unit,
      asOfDay,
      targetDay: day,
      likely,
      low: orLikely(low),
      high: orLikely(high),
    },
    ...{ supply: line.supplyNow, waterline: line.waterline, unitCapacity: line.unitCapacity },
    ...{ spareUnits: line.spareUnits, onOrderUnits: line.onOrderUnits, method, units: pooled.units },
    smape: Number.isFinite(errors.smape) ? errors.smape : null,
    ...{ earlyDay: meets.earlyDay, likelyDay: meets.likelyDay, lateDay: meets.lateDay },
    findings: [...new Set(findings.map(({ kind }) => kind))],
    ...{ parts: partsOf(pooled, line), isAtRisk: isUrgent(poolRisk(pooled, asOfDay)) },
  }
}

const partsMax = 5

// Where it is needed most, for whoever places it.
function partsOf({ lines }: PoolPlan, { line: whole }: LinePlan): Basis['parts'] {
  return lines
    .filter(({ line, units }) => !isWhole(line.part) && line.resource === whole.resource && units > 0)
    .toSorted((a, b) => b.units - a.units)
    .slice(0, partsMax)
    .map(({ line, units }) => ({ part: line.part, units }))
}
