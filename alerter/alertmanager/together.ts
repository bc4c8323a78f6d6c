// Which keys of a part exclude each other, and which are needed. Called by the shapes of its parts.
import { complain, type Keys, type Part, placeOf } from './form.ts'

// Empty text is none, and so is 0, as in Alertmanager.
export const isGiven = (value: unknown): boolean => value !== undefined && value !== '' && value !== 0

const givenOf = <K extends Keys>({ values }: Part<K>, keys: readonly (keyof K & string)[]): string[] =>
  keys.filter(key => isGiven(values[key]))

export function atMostOne<K extends Keys>(part: Part<K>, ...keys: (keyof K & string)[]): void {
  const [, second] = givenOf(part, keys)
  if (second === undefined) return
  const found = `${givenOf(part, keys).join(' and ')} together`
  complain(placeOf(part, second), part.at, { wanted: `at most one of ${keys.join(', ')}`, found })
}

export function atLeastOne<K extends Keys>(part: Part<K>, ...keys: (keyof K & string)[]): void {
  if (givenOf(part, keys).length > 0) return
  const wanted = keys.length === 1 ? `the key ${keys[0]}` : `one of ${keys.join(', ')}`
  // Told already, where it stands there and cannot be read.
  if (keys.some(key => part.map.keys.has(key) && part.at.work.findings.problems.some(isBelow(part, key))))
    return
  complain(part.map.place, part.at, { wanted, found: 'none' })
}

const isBelow =
  <K extends Keys>({ at }: Part<K>, key: string) =>
  ({ path }: Readonly<{ path: string }>): boolean =>
    path === `${at.path}.${key}` || path.startsWith(`${at.path}.${key}.`)

export function exactlyOne<K extends Keys>(part: Part<K>, ...keys: (keyof K & string)[]): void {
  atMostOne(part, ...keys)
  atLeastOne(part, ...keys)
}
