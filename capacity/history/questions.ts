// What is asked of the samples about each resource of a pool, read once. Called by measure.ts and fill.ts.
import { createHash } from 'node:crypto'
import type { Expr } from '#promql/ast.ts'
import { parse } from '#promql/parse.ts'
import type { Pool, Resource } from '../pool.ts'

export type Questions = Readonly<{
  resource: string
  usage: Expr
  // Nothing is asked where units are stated.
  supply: Expr | undefined
  // What an answer about units is multiplied by.
  factor: number
  // Another one when something else is asked.
  digest: string
}>

const known = new WeakMap<Pool, readonly Questions[]>()

export function questionsOf(pool: Pool): readonly Questions[] {
  const found = known.get(pool) ?? pool.resources.map(each => read(pool, each))
  known.set(pool, found)
  return found
}

function read({ by, units }: Pool, { name, usage, supply }: Resource): Questions {
  const text =
    supply.kind === 'capacity' ? supply.capacity : supply.kind === 'live' ? supply.units : undefined
  const factor = supply.kind === 'capacity' ? 1 : supply.unitCapacity
  const asked = JSON.stringify([by, usage, text ?? units ?? null, factor])
  return {
    resource: name,
    usage: parse(usage),
    supply: text === undefined ? undefined : parse(text),
    factor,
    digest: createHash('sha256').update(asked).digest('hex').slice(0, 16),
  }
}
