// Which pools, resources and parts may be named. What no pool has is refused at once: nobody would ever read it. Called by
// the readers of this folder and by import-routes.ts.
import { labelsOf, noLabels } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { guessed } from '#core/nearest.ts'
import type { Line, Pool } from '../pool.ts'

type Named = Readonly<{ pool: string; resource: string; part: Labels }>

// Of what people write. They mean a part or the whole, and have forgotten a label where they give some.
export function writtenLineIn(pools: readonly Pool[], named: Named): Line | string {
  const line = lineIn(pools, named)
  if (typeof line === 'string') return line
  const by = pools.find(({ name }) => name === named.pool)?.by ?? []
  const count = Object.keys(line.part).length
  const isWanting = count > 0 && count < by.length
  return isWanting ? `all labels of \`by\` of ${named.pool}, or none: ${by.join(', ')}` : line
}

// A text says what was wanted. Series that lack a label are parts as well.
export function lineIn(pools: readonly Pool[], { pool, resource, part }: Named): Line | string {
  const known = pools.find(({ name }) => name === pool)
  if (known === undefined)
    return `the name of a pool${oneOf(
      pool,
      pools.map(({ name }) => name),
    )}`
  const resources = known.resources.map(({ name }) => name)
  if (!resources.includes(resource)) return `a resource of ${pool}${oneOf(resource, resources)}`
  const names = Object.keys(part)
  const strange = names.find(name => !known.by.includes(name))
  if (strange !== undefined) return `a label of \`by\` of ${pool}${oneOf(strange, known.by)}`
  return { pool, resource, part: names.length === 0 ? noLabels : labelsOf(Object.entries(part)) }
}

const shownMax = 8

function oneOf(found: string, names: readonly string[]): string {
  if (names.length === 0) return ', and there is none'
  const meant = guessed(found, names)
  if (meant !== '') return meant
  return `: ${names.slice(0, shownMax).join(', ')}${names.length > shownMax ? ', …' : ''}`
}
