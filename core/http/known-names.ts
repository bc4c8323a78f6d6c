// Does the query of a request to one of our own addresses say something that the address does not know? Whoever mistypes
// a filter would be answered as if nothing had been said. What others have defined ignores it, as it does elsewhere.
// Called by answer.ts.
import { Failure } from '../errors.ts'
import { askedOf } from './open-api.ts'
import type { Route } from './route.ts'

export type CheckNames = (query: Readonly<Record<string, unknown>>) => void

// Who asks (../auth/credentials.ts): said at any address.
const credentials: ReadonlySet<string> = new Set(['u', 'p'])

// Services that call back at an open address add what they like.
const isOurs = ({ path, scope }: Route): boolean => path.startsWith('/api/plimsoll/') && scope !== 'open'

export function checkNames(route: Route): CheckNames {
  if (!isOurs(route)) return () => {}
  // Made when it is first asked for.
  let known: readonly string[] | 'any' | undefined
  return query => {
    const said = Object.keys(query).filter(name => !credentials.has(name))
    if (said.length === 0) return
    known ??= knownOf(route)
    if (known === 'any') return
    const unknown = said.filter(name => !known!.includes(name))
    if (unknown.length === 0) return
    const all = known.length === 0 ? 'none is known here' : `known here: ${known.join(', ')}`
    throw new Failure('bad_request', `query: unknown: ${unknown.slice(0, 20).join(', ')}; ${all}`)
  }
}

function knownOf({ query }: Route): readonly string[] | 'any' {
  if (query === undefined) return []
  const { properties = {}, additionalProperties } = askedOf(query)
  const takesAny = additionalProperties !== undefined && additionalProperties !== false
  return takesAny ? 'any' : Object.keys(properties)
}
