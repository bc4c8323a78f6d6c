// What a configuration file says, with the place of every key and value: the form in which files are merged and
// in which a complaint about a path finds its line. Made by read.ts, merged by include.ts, used by config.ts.
import type { Findings, Place } from './problem.ts'

export type Scalar = Readonly<{
  kind: 'scalar'
  place: Place
  value: string | number | boolean | null
  // As it stands in the file; what it expanded to may be secret, so complaints show this.
  source: string
  expanded: boolean
}>
export type List = Readonly<{ kind: 'list'; place: Place; items: readonly Tree[] }>
export type Entry = Readonly<{ place: Place; value: Tree }>
export type TreeMap = Readonly<{ kind: 'map'; place: Place; keys: ReadonlyMap<string, Entry> }>
export type Tree = Scalar | List | TreeMap

export type Path = readonly (string | number)[]

export const join = (path: string, key: string | number): string => {
  if (typeof key === 'number') return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}

export const pathText = (path: Path): string => path.reduce<string>(join, '')

export const emptyMap = (place: Place): TreeMap => ({ kind: 'map', place, keys: new Map() })

const isEmpty = (tree: Tree): boolean => tree.kind === 'scalar' && tree.value === null

// The value without its places. A key without a value is as if left out, so that all lines below it may be
// commented out.
export function plain(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value
  if (tree.kind === 'list') return tree.items.map(plain)
  const entries = [...tree.keys].filter(([, { value }]) => !isEmpty(value))
  return Object.fromEntries(entries.map(([key, { value }]) => [key, plain(value)]))
}

export type Writable = string | readonly Writable[] | Readonly<{ [key: string]: Writable }>

// The other way round, for what no file says: all of it comes from one place.
export function treeOf(value: Writable, place: Place): Tree {
  if (typeof value === 'string') return { kind: 'scalar', place, value, source: value, expanded: false }
  if (Array.isArray(value)) return { kind: 'list', place, items: value.map(each => treeOf(each, place)) }
  const entries = Object.entries(value).map(
    ([key, each]) => [key, { place, value: treeOf(each, place) }] as const,
  )
  return { kind: 'map', place, keys: new Map(entries) }
}

export function at(tree: Tree, path: Path): Tree | undefined {
  const [key, ...rest] = path
  if (key === undefined) return tree
  const next =
    tree.kind === 'map'
      ? tree.keys.get(String(key))?.value
      : tree.kind === 'list'
        ? tree.items[Number(key)]
        : undefined
  return next === undefined ? undefined : at(next, rest)
}

// Where the value stands, or the nearest thing around it that does.
export function placeAt(tree: Tree, path: Path): Place {
  for (let length = path.length; length > 0; length--) {
    const parent = at(tree, path.slice(0, length - 1))
    const key = path[length - 1]
    const entry = parent?.kind === 'map' ? parent.keys.get(String(key)) : undefined
    // A key whose value is a map or a list on the lines below is itself the place to point at.
    if (entry !== undefined) {
      const isBelow = entry.value.place.line !== entry.place.line
      return isBelow ? entry.place : entry.value.place
    }
    const item = parent?.kind === 'list' ? parent.items[Number(key)] : undefined
    if (item !== undefined) return item.place
  }
  return tree.place
}

// Lists follow each other, maps merge; a value that stands twice is a problem, even when it is the same one.
export function merge(first: Tree, second: Tree, path: string, findings: Findings): Tree {
  if (isEmpty(second)) return first
  if (isEmpty(first)) return second
  if (first.kind === 'list' && second.kind === 'list') {
    return { ...first, items: [...first.items, ...second.items] }
  }
  if (first.kind === 'map' && second.kind === 'map') {
    const keys = new Map(first.keys)
    for (const [key, entry] of second.keys) {
      const known = keys.get(key)
      if (known === undefined) keys.set(key, entry)
      else keys.set(key, { ...known, value: merge(known.value, entry.value, join(path, key), findings) })
    }
    return { ...first, keys }
  }
  const { file, line } = first.place
  findings.add(second.place, {
    path,
    wanted: 'each value in one place only',
    found: `a second one (the first stands in ${file}:${line})`,
    hint: 'only lists and maps merge over included files; remove one of the two',
  })
  return first
}

// How a complaint shows what it found.
export function foundText(tree: Tree | undefined): string {
  if (tree === undefined) return 'nothing'
  if (tree.kind === 'map') return 'a map of keys'
  if (tree.kind === 'list') return 'a list'
  if (tree.value === null) return 'nothing'
  const text = tree.expanded || typeof tree.value === 'string' ? JSON.stringify(tree.source) : tree.source
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
