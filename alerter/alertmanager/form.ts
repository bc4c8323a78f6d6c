// Takes the tree of a configuration apart by shapes: keys with a reader each. What has no key in the shape, or is of
// another kind, becomes a problem with its place; scalars are text as it was written, as Alertmanager reads them. Called
// by the readers of its parts.
import { fileTrouble } from '#core/config/expand.ts'
import { didYouMean, type Findings, openFindings, type Place } from '#core/config/problem.ts'
import { emptyMap, foundText, join, type Scalar, type Tree, type TreeMap } from '#core/config/tree.ts'

export type Complaint = Readonly<{ wanted: string; found: string; hint?: string | undefined }>

// A secret that stands in a file, and cannot be had just now. `path` is where the configuration names it.
export type Unread = Readonly<{ path: string; file: string; reason: string }>

// What all parts of one configuration are read with.
export type Work = Readonly<{
  findings: Findings
  // What can be read and is probably not meant, or not done here.
  doubts: Findings
  // The contents of a file that a key ending in `_file` names; it throws where there are none. Left out: such files
  // are not looked at.
  readFile: ((path: string) => string) | undefined
  // Those that were met so far.
  unread: Unread[]
  // Whose settings they are.
  receiver?: string
  // Where relative paths of certificates, credentials and templates begin.
  folder: string
  // Whether a text stands in quotes, which make a text of `true` and `5`. Left out: nobody knows.
  isQuoted?: ((scalar: Scalar) => boolean) | undefined
}>

export type At = Readonly<{ path: string; work: Work }>

// Nothing where it cannot be read, which is told already.
export type Reader<V> = (tree: Tree, at: At) => V | undefined
export type Keys = Readonly<Record<string, Reader<unknown>>>
export type Values<K extends Keys> = { readonly [Key in keyof K]?: NonNullable<ReturnType<K[Key]>> }

// What was read of a map, and where its keys stand. `values` holds no key without a value.
export type Part<K extends Keys> = Readonly<{ values: Values<K>; map: TreeMap; at: At }>

export const complain = (place: Place, { path, work }: At, complaint: Complaint): void =>
  work.findings.add(place, { path, ...complaint })

export const doubt = (place: Place, { path, work }: At, complaint: Complaint): void =>
  work.doubts.add(place, { path, ...complaint })

export const below = ({ path, work }: At, key: string | number): At => ({ path: join(path, key), work })

// What stands for nothing, as an empty `-` does.
export const emptied = (tree: Tree): Tree => (isEmpty(tree) ? emptyMap(tree.place) : tree)

export const isEmpty = (tree: Tree): boolean => tree.kind === 'scalar' && tree.value === null

// As it was written; what was put in for `${NAME}` counts as written.
export const textOf = ({ value, source }: Scalar): string => (typeof value === 'string' ? value : source)

export function readPart<K extends Keys>(tree: Tree, keys: K, at: At): Part<K> | undefined {
  if (tree.kind !== 'map') {
    complain(tree.place, at, { wanted: 'a map of keys', found: foundText(tree) })
    return undefined
  }
  const values: Record<string, unknown> = {}
  for (const [key, { place, value }] of tree.keys) {
    const read = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (read === undefined) refuseKey(key, place, { known: Object.keys(keys), at })
    else if (!isEmpty(value)) {
      const found = read(value, below(at, key))
      if (found !== undefined) values[key] = found
    }
  }
  return { values: values as Values<K>, map: tree, at }
}

type Refusal = Readonly<{ known: readonly string[]; at: At }>

export function refuseKey(key: string, place: Place, { known, at }: Refusal): void {
  const wanted = known.length > 12 ? 'a key that Alertmanager knows' : `one of ${known.join(', ')}`
  complain(place, below(at, key), { wanted, found: `the key ${key}`, hint: didYouMean(key, known) })
}

// The place of a key's value, or of what should hold it.
export const placeOf = ({ map }: Pick<Part<Keys>, 'map'>, key: string): Place =>
  map.keys.get(key)?.value.place ?? map.place

// A map as one value; `judge` sees what belongs together.
export function shape<K extends Keys>(keys: K, judge?: (part: Part<K>) => void): Reader<Values<K>> {
  return (tree, at) => {
    const part = readPart(tree, keys, at)
    if (part === undefined) return undefined
    judge?.(part)
    return withFiles(part, keys).values
  }
}

// Of `password` and `password_file` the file fills the other one, as if it stood there.
export function withFiles<K extends Keys>(part: Part<K>, keys: K): Part<K> {
  const { readFile } = part.at.work
  if (readFile === undefined) return part
  const values: Record<string, unknown> = { ...part.values }
  for (const key of Object.keys(values)) {
    const stem = key.replace(/_file$/, '')
    const path = values[key]
    if (stem === key || values[stem] !== undefined || typeof path !== 'string' || path === '') continue
    const value = fromFile(part, { key, path, read: keys[stem] })
    if (value !== undefined) values[stem] = value
  }
  return { ...part, values: values as Values<K> }
}

type Named = Readonly<{ key: string; path: string; read: Reader<unknown> | undefined }>

// A file that cannot be read now may be there later, so it is no problem; Alertmanager looks when it sends.
function fromFile<K extends Keys>(part: Part<K>, { key, path, read }: Named): unknown {
  const [place, at] = [placeOf(part, key), below(part.at, key)]
  const { receiver, readFile, unread } = at.work
  const text = textIn(path, readFile)
  const findings = openFindings()
  if (typeof text === 'string') {
    // What is inside is not shown in complaints.
    const tree: Scalar = { kind: 'scalar', place, value: text, source: path, expanded: true }
    const value = read?.(tree, { ...at, work: { ...at.work, findings } })
    if (findings.problems.length === 0) return value
  }
  const [wrong] = findings.problems
  const reason = typeof text === 'string' ? `a file without ${wrong?.wanted}` : text.trouble
  unread.push({ path: at.path, file: path, reason })
  const who =
    receiver === undefined ? 'nobody is told by what needs it' : `receiver ${receiver} is not told by it`
  const hint = `${who} until the file can be read; it is looked for while messages wait`
  doubt(place, at, { wanted: `a readable file at ${path}`, found: reason, hint })
  return undefined
}

function textIn(path: string, readFile: Work['readFile']): string | Readonly<{ trouble: string }> {
  try {
    return readFile?.(path).trim() || { trouble: 'an empty file' }
  } catch (cause) {
    return { trouble: fileTrouble(cause) }
  }
}

export function list<V>(read: Reader<V>): Reader<readonly V[]> {
  return (tree, at) => {
    if (tree.kind !== 'list') {
      const hint = tree.kind === 'scalar' ? `in brackets it is a list of one: [${tree.source}]` : undefined
      complain(tree.place, at, { wanted: 'a list', found: foundText(tree), hint })
      return undefined
    }
    return tree.items.flatMap((item, nth) => read(item, below(at, nth)) ?? [])
  }
}

// Names that are the user's own.
export function mapOf<V>(read: Reader<V>): Reader<ReadonlyMap<string, V>> {
  return (tree, at) => {
    if (tree.kind !== 'map') {
      complain(tree.place, at, { wanted: 'a map of names and values', found: foundText(tree) })
      return undefined
    }
    return new Map(
      [...tree.keys].flatMap(([key, { value }]) => {
        const found = read(value, below(at, key))
        return found === undefined ? [] : [[key, found] as const]
      }),
    )
  }
}
