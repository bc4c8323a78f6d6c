// A pool that is renamed in the configuration, or taken out of it, leaves requests behind under its old name: they count for
// no pool. Which these are, and whether one may be carried over to another pool. Called by requests.ts, reports and runs.
import { Failure } from '#core/errors.ts'
import type { Labels } from '#core/model.ts'
import { guessed } from '#core/nearest.ts'
import type { Pool } from '../pool.ts'
import type { Request } from '../request.ts'
import type { Act } from './life.ts'
import { checkPart } from './part.ts'

const open: ReadonlySet<Request['state']> = new Set(['draft', 'submitted', 'approved', 'ordered'])

// Something may still be done to them: withdraw, close, carry over.
export const leftBehind = (requests: readonly Request[], planned: ReadonlySet<string>): readonly Request[] =>
  requests.filter(({ pool, state }) => open.has(state) && !planned.has(pool))

type Known = Readonly<{
  settings: () => Readonly<{ pools: readonly Pool[] }>
  partsOf?: ((pool: string) => readonly Labels[]) | undefined
}>

// Also to one without a name, which there is not.
export const isCarried = (act: Act): boolean => act.do === 'edit' && act.change.pool !== undefined

// Its units mean what they meant; a pool that is planned keeps its requests.
export function carrying(act: Act, { number, pool, part }: Request, { settings, partsOf }: Known): Act {
  if (act.do !== 'edit' || act.change.pool === undefined) return act
  const { pools } = settings()
  const { change } = act
  const names = pools.map(({ name }) => name)
  const to = pools.find(({ name }) => name === change.pool)
  if (to === undefined)
    throw new Failure('not_found', `no pool is called ${change.pool}${guessed(change.pool!, names)}`)
  if (names.includes(pool))
    throw new Failure(
      'bad_request',
      `pool: request ${number} is of ${pool}, which is planned; what is of a pool that is planned no more can be carried over`,
    )
  checkPart(part, to, partsOf?.(to.name) ?? [])
  return { do: 'edit', change: { ...change, pool: to.name, unit: to.unit } }
}
