// The configuration file and all that it includes, as one tree. Called by config.ts.
import { globSync } from 'node:fs'
import { dirname, isAbsolute, join as joinPath, resolve } from 'node:path'
import type { Steps } from '../steps.ts'
import type { Place } from './problem.ts'
import { type Reading, readYaml } from './read.ts'
import { foundText, merge, type Tree, type TreeMap } from './tree.ts'

const filesMax = 1_000

type Gathering = Reading & { seen: Set<string> }

// Files follow each other in the order of `include`, those of one pattern by name. A file that several patterns
// match is read once. Nothing when the file itself cannot be read.
export function* readTree(file: string, reading: Reading): Steps<TreeMap | undefined> {
  return yield* gather({ ...reading, seen: new Set() }, { file }, [])
}

type Wanted = Readonly<{ file: string; place?: Place }>

function* gather(
  work: Gathering,
  { file, place: asked }: Wanted,
  above: readonly string[],
): Steps<TreeMap | undefined> {
  work.seen.add(resolve(work.cwd, file))
  const read = yield* readYaml(file, work, asked)
  if (read === undefined) return undefined
  const keys = new Map(read.keys)
  const include = keys.get('include')?.value
  keys.delete('include')
  let whole: Tree = { ...read, keys }
  for (const { file: included, place } of filesOf(work, file, include)) {
    const path = resolve(work.cwd, included)
    if ([...above, file].some(each => resolve(work.cwd, each) === path)) {
      const found = [...above, file, included].join(' → ')
      work.findings.add(place, { path: 'include', wanted: 'files that do not include each other', found })
      continue
    }
    if (work.seen.has(path)) continue
    if (work.seen.size >= filesMax) {
      work.findings.add(place, { path: 'include', wanted: `at most ${filesMax} files`, found: 'more' })
      break
    }
    const tree = yield* gather(work, { file: included, place }, [...above, file])
    if (tree !== undefined) whole = merge(whole, tree, '', work.findings)
  }
  return whole.kind === 'map' ? whole : undefined
}

type Included = Required<Wanted>

function filesOf(work: Gathering, file: string, include: Tree | undefined): Included[] {
  if (include === undefined || (include.kind === 'scalar' && include.value === null)) return []
  const items = include.kind === 'list' ? include.items : [include]
  return items.flatMap((item, index) => {
    const pattern = item.kind === 'scalar' ? item.value : undefined
    if (typeof pattern === 'string' && pattern !== '') return matching(work, file, pattern, item.place)
    const path = include.kind === 'list' ? `include[${index}]` : 'include'
    const wanted = 'the path of a file, or a pattern like conf.d/*.yml'
    work.findings.add(item.place, { path, wanted, found: foundText(item) })
    return []
  })
}

// A plain path must exist; a pattern may match nothing, and never means the file that it stands in.
function matching(work: Gathering, file: string, pattern: string, place: Place): Included[] {
  const beside = (path: string): string => (isAbsolute(path) ? path : joinPath(dirname(file), path))
  if (!/[*?[\]{}]/.test(pattern)) return [{ file: beside(pattern), place }]
  const folder = dirname(resolve(work.cwd, file))
  const found = globSync(pattern, { cwd: folder }).sort()
  return found
    .filter(path => resolve(folder, path) !== resolve(work.cwd, file))
    .map(path => ({ file: beside(path), place }))
}
