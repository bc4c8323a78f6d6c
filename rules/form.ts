// Takes a tree of YAML apart, key by key: values of the wrong kind and keys that nobody knows become problems with
// their place. Scalars are text as it was written, as Prometheus reads them: `severity: 1` is the text 1. Called by
// the readers of rule files and of unit tests.
import type { Findings, Place } from '#core/config/problem.ts'
import { didYouMean } from '#core/config/problem.ts'
import { type Entry, foundText, type Scalar, type Tree, type TreeMap } from '#core/config/tree.ts'
import { durationWanted } from '#core/config/values.ts'
import { readDuration } from '#core/duration.ts'

export type Complaint = Readonly<{ wanted: string; found: string; hint?: string | undefined }>

// `foreign` are keys of other programs, each with what to do about it.
export type Keys = Readonly<{ known: readonly string[]; foreign?: Readonly<Record<string, string>> }>

// A map and how messages call it, `group host, rule HostDown`.
export type Part = Readonly<{ map: TreeMap; path: string }>

export type Form = ReturnType<typeof openForm>

export function openForm(findings: Findings) {
  const complain = (place: Place, path: string, complaint: Complaint): void =>
    findings.add(place, { path, ...complaint })

  // Nothing when it is left out, or of another kind.
  const map = (tree: Tree | undefined, path: string, keys?: Keys): Part | undefined => {
    if (tree === undefined || isEmpty(tree)) return undefined
    if (tree.kind !== 'map') {
      complain(tree.place, path, { wanted: 'a map of keys', found: foundText(tree) })
      return undefined
    }
    if (keys !== undefined) for (const [key, { place }] of tree.keys) refuseUnknown(key, place, path, keys)
    return { map: tree, path }
  }

  const refuseUnknown = (key: string, place: Place, path: string, { known, foreign }: Keys): void => {
    if (known.includes(key)) return
    const hint = foreign !== undefined && Object.hasOwn(foreign, key) ? foreign[key] : didYouMean(key, known)
    complain(place, path, { wanted: `one of ${known.join(', ')}`, found: `the key ${key}`, hint })
  }

  const list = (part: Part, key: string): readonly Tree[] => {
    const entry = entryOf(part, key)
    if (entry === undefined) return []
    if (entry.value.kind === 'list') return entry.value.items
    complain(entry.value.place, below(part, key), { wanted: 'a list', found: foundText(entry.value) })
    return []
  }

  const scalarIn = ({ value }: Entry, path: string): Scalar | undefined => {
    if (value.kind === 'scalar') return value
    complain(value.place, path, { wanted: 'text', found: foundText(value) })
    return undefined
  }

  const scalar = (part: Part, key: string): Scalar | undefined => {
    const entry = entryOf(part, key)
    return entry === undefined ? undefined : scalarIn(entry, below(part, key))
  }

  // A name and a text each; one without a value is empty.
  const texts = (part: Part, key: string): (readonly [string, Scalar, Place])[] => {
    const path = below(part, key)
    const found = map(entryOf(part, key)?.value, path)
    if (found === undefined) return []
    return [...found.map.keys].flatMap(([name, entry]) => {
      const value = scalarIn(entry, `${path}, ${name}`)
      return value === undefined ? [] : [[name, value, entry.place] as const]
    })
  }

  const durationMs = (part: Part, key: string): number | undefined => {
    const found = scalar(part, key)
    if (found === undefined) return undefined
    const ms = readDuration(found.source)
    if (ms === undefined)
      complain(found.place, below(part, key), { wanted: durationWanted, found: foundText(found) })
    return ms
  }

  return { complain, map, list, scalar, texts, durationMs }
}

const isEmpty = (tree: Tree): boolean => tree.kind === 'scalar' && tree.value === null

export const below = ({ path }: Part, key: string): string => (path === '' ? key : `${path}, ${key}`)

// A key without a value is as if left out.
export function entryOf({ map }: Part, key: string): Entry | undefined {
  const entry = map.keys.get(key)
  return entry === undefined || isEmpty(entry.value) ? undefined : entry
}

// Empty where nothing stands.
export function wordOf(scalar: Scalar | undefined): string {
  return scalar === undefined || scalar.value === null ? '' : scalar.source
}
