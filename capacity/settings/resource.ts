// One resource of a pool, as it is written: how much is used, how much there is. Called by pool.ts.
import { z } from 'zod'
import { text } from '#core/config/values.ts'
import type { Resource, Supply } from '../pool.ts'
import { positive, question, share } from './values.ts'

export const resource = z.strictObject({
  usage: question.describe('How much is used: a question of PromQL, with the labels of `by`.'),
  capacity: question.optional().describe('How much there is, where something measures it.'),
  units: question
    .optional()
    .describe('How many units live. A broken one is no supply: `count(up{module="web"} == 1)`.'),
  unit_capacity: positive().optional().describe('How much one unit has.'),
  waterline: share.prefault('70%').describe('The share of the supply that may be used.'),
  unit: text.describe('What is measured, like `cores` or `bytes`.'),
})

export type WrittenResource = z.output<typeof resource>

// Undefined where nothing says how much there is.
export function resourceOf(
  name: string,
  { usage, unit, waterline, ...of }: WrittenResource,
  hasUnits: boolean,
): Resource | undefined {
  const supply = supplyOf(of, hasUnits)
  return supply === undefined ? undefined : { name, usage, supply, unit, waterline }
}

type Stated = Pick<WrittenResource, 'capacity' | 'units' | 'unit_capacity'>

function supplyOf(
  { capacity, units, unit_capacity: unitCapacity }: Stated,
  hasUnits: boolean,
): Supply | undefined {
  if (capacity !== undefined) return { kind: 'capacity', capacity, unitCapacity, units }
  if (unitCapacity === undefined) return undefined
  if (units !== undefined) return { kind: 'live', units, unitCapacity }
  return hasUnits ? { kind: 'stated', unitCapacity } : undefined
}
