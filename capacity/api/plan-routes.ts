// /api/plimsoll/v1/capacity: every pool with its level and dates, one of them with everything that its numbers were made
// of, and both as they would be if something were otherwise. Called by bin/.
import { z } from 'zod'
import { Failure } from '#core/errors.ts'
import { text, texts } from '#core/http/parameters.ts'
import { type Route, route } from '#core/http/route.ts'
import { guessed } from '#core/nearest.ts'
import type { Plan, PoolPlan } from '../plan.ts'
import type { Planner } from '../planner.ts'
import { readWhatIf, type Supposed } from '../what-if.ts'
import { planJson, poolJson } from './plan-json.ts'
import { openTurns } from './turns.ts'

const supposed = {
  growth: text('What demand is multiplied by, like 1.2, or a share like 20%.'),
  event: texts('Days and a factor: 2026-11-10..2026-11-12=2.5, with a name before them.'),
  waterline: text('Another one for every resource, like 70%.'),
  lead_time: text('Between order and use, like 30d.'),
  unit_capacity: texts('What a new unit has of a resource: cpu=64.'),
}
const ofPools = z.object({
  ...supposed,
  pool: texts('Only these.').optional(),
  by: texts('Also the parts of pools that fall into parts by this label, like zone.').optional(),
})
const ofOne = z.object(supposed)

export const planRoutes = ({ planner }: Readonly<{ planner: Planner }>): readonly Route[] => {
  const turns = openTurns({ atOnce: 2, what: 'other plans of what would be are' })
  // As it is, all of it is made at once and kept; otherwise no more than is asked for.
  const planOf = (said: Supposed, pools: readonly string[], signal: AbortSignal): Promise<Plan> => {
    const whatIf = readWhatIf(said)
    if (Object.keys(whatIf).length === 0) return planner.present({ signal })
    const only = pools.length > 0 && { pools }
    return turns.take(() => planner.suppose({ ...whatIf, ...only }, { signal }), signal)
  }
  return [
    route({
      method: 'GET',
      path: '/api/plimsoll/v1/capacity/making',
      scope: 'read',
      summary: 'How far the plan is that is being made just now.',
      handle: () => ({ body: { making: planner.making() } }),
    }),
    route<z.output<typeof ofPools>, unknown>({
      method: 'GET',
      path: '/api/plimsoll/v1/capacity/pools',
      scope: 'read',
      summary: 'Every pool: how full it is, when it meets its waterline, how many units it needs.',
      query: ofPools,
      async handle({ query, signal }) {
        const { pool: names = [], by = [] } = query
        const plan = await planOf(query, names, signal)
        const pools = names.map(name => poolOf(plan, name))
        return { body: planJson(pools.length === 0 ? plan : { ...plan, pools }, by) }
      },
    }),
    route<z.output<typeof ofOne>, unknown>({
      method: 'GET',
      path: '/api/plimsoll/v1/capacity/pools/:name',
      scope: 'read',
      summary: 'A pool with all that its numbers were made of: days, fit, alternatives, errors, decisions.',
      query: ofOne,
      async handle({ params, query, signal }) {
        const name = params['name'] ?? ''
        const plan = await planOf(query, [name], signal)
        return { body: poolJson(plan, poolOf(plan, name)) }
      },
    }),
  ]
}

function poolOf({ pools }: Plan, name: string): PoolPlan {
  const found = pools.find(({ pool }) => pool.name === name)
  if (found !== undefined) return found
  const names = pools.map(({ pool }) => pool.name)
  throw new Failure('not_found', `no pool is called ${name}${guessed(name, names)}`)
}
