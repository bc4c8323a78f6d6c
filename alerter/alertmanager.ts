// Alertmanager's configuration → routes, receivers, inhibitions and time intervals, or every problem with its place; as
// strict as Alertmanager 0.31. What is read and not done here is a warning. Called by bin/ for a file and for the tree
// that stands in plimsoll.yml.
import { dirname, resolve } from 'node:path'
import { type Findings, openFindings, type Problem } from '#core/config/problem.ts'
import { readForeignYaml } from '#core/config/read.ts'
import type { Scalar, Tree } from '#core/config/tree.ts'
import {
  below,
  complain,
  doubt,
  list,
  type Part,
  placeOf,
  type Reader,
  readPart,
  type Work,
} from './alertmanager/form.ts'
import { glob } from './alertmanager/glob.ts'
import { globalDefaults, readGlobal } from './alertmanager/global.ts'
import { inhibition } from './alertmanager/inhibitions.ts'
import { type Named, namedIntervals } from './alertmanager/intervals.ts'
import { readReceivers } from './alertmanager/receivers.ts'
import { readRoot } from './alertmanager/routes.ts'
import { tracing } from './alertmanager/tracing.ts'
import type { Inhibition } from './inhibition.ts'
import type { Interval } from './interval.ts'
import type { Receiver, Route } from './route.ts'

export type AlertmanagerConfig = Readonly<{
  route: Route
  receivers: ReadonlyMap<string, Receiver>
  inhibitions: readonly Inhibition[]
  // Who has a name has several; it holds when one of them does.
  intervals: ReadonlyMap<string, readonly Interval[]>
  // Patterns of paths, from the root.
  templates: readonly string[]
  // When an alert ends that is posted without an end, and not again.
  resolveTimeoutMs: number
}>

// `config` where there is no problem.
export type AlertmanagerRead = Readonly<{
  config?: AlertmanagerConfig
  problems: readonly Problem[]
  warnings: readonly Problem[]
}>

type Options = Readonly<{
  // `inline`: a wait that no route states does not hold for urgent alerts.
  defaults?: 'alertmanager' | 'inline'
  // The contents of a file, by a path from the root or from where the process runs; throws where there is none.
  // Left out: secrets that stand in files are not read.
  readFile?: ((path: string) => string) | undefined
  // Receivers that are known from elsewhere.
  receivers?: Iterable<string>
}>

export type FileOptions = Options & Readonly<{ file: string }>

export function readAlertmanager(written: string, { file, ...options }: FileOptions): AlertmanagerRead {
  const [findings, doubts] = [openFindings(), openFindings()]
  doubts.learn(file, written.split(/\r?\n/))
  const wanted = 'the keys `route` and `receivers`'
  const { tree, second, placeIn } = readForeignYaml(written, { file, findings, wanted })
  const folder = dirname(resolve(file))
  if (second !== undefined) {
    const hint = 'as in Alertmanager, only the first document counts'
    doubts.add(second, { path: '', wanted: 'one document', found: 'a second one after `---`', hint })
  }
  const isQuoted = (scalar: Scalar): boolean => {
    const { line, column } = placeIn(scalar, 0)
    // Its text begins behind the quote.
    return typeof scalar.value === 'string' && (line !== scalar.place.line || column !== scalar.place.column)
  }
  const place = { findings, doubts, path: '', folder, isQuoted }
  const config = tree === undefined ? undefined : readAlertmanagerTree(tree, { ...options, ...place })
  // What the parser complained of is no configuration either.
  const isSound = config !== undefined && findings.problems.length === 0
  return {
    ...(isSound ? { config } : {}),
    problems: inOrder(findings),
    warnings: inOrder(doubts),
  }
}

// `path` is what complaints call it, such as `alertmanager`; relative paths begin at `folder`.
export type TreeOptions = Options &
  Readonly<{ findings: Findings; doubts: Findings; path: string; folder: string }> &
  Pick<Work, 'isQuoted'>

// Of YAML that is read already. Nothing where `findings` has got a problem.
export function readAlertmanagerTree(tree: Tree, options: TreeOptions): AlertmanagerConfig | undefined {
  const { findings, doubts, path, folder, readFile, isQuoted } = options
  const before = findings.problems.length
  const work: Work = { findings, doubts, readFile, folder, isQuoted, unread: [] }
  const part = readPart(tree, topKeys, { path, work })
  const config = part === undefined ? undefined : configOf(part, options)
  return findings.problems.length > before ? undefined : config
}

const tree: Reader<Tree> = found => found

// Those that need others are read later.
const topKeys = {
  global: readGlobal,
  route: tree,
  inhibit_rules: list(inhibition),
  receivers: tree,
  templates: list(glob),
  mute_time_intervals: namedIntervals,
  time_intervals: namedIntervals,
  tracing,
}

function configOf(part: Part<typeof topKeys>, options: Options): AlertmanagerConfig | undefined {
  const { values, map, at } = part
  const global = values.global ?? globalDefaults
  const channels = new Set(options.receivers)
  const receivers =
    values.receivers === undefined
      ? new Map()
      : readReceivers(values.receivers, below(at, 'receivers'), { global, channels })
  const intervals = intervalsOf([...(values.mute_time_intervals ?? []), ...(values.time_intervals ?? [])])
  if (values.route === undefined) {
    complain(map.place, at, { wanted: 'the key route', found: 'none' })
    return undefined
  }
  if (values.tracing !== undefined)
    doubt(placeOf(part, 'tracing'), below(at, 'tracing'), {
      wanted: 'no tracing',
      found: 'it, and Plimsoll sends no traces',
    })
  const route = readRoot(values.route, below(at, 'route'), {
    names: {
      receivers: new Set([...receivers.keys(), ...channels]),
      intervals: new Set(intervals.keys()),
    },
    ofOurs: options.defaults === 'inline',
  })
  if (route === undefined) return undefined
  return {
    route,
    receivers,
    inhibitions: values.inhibit_rules ?? [],
    intervals,
    templates: (values.templates ?? []).map(each => resolve(at.work.folder, each)),
    resolveTimeoutMs: global.resolve_timeout ?? globalDefaults.resolve_timeout,
  }
}

function intervalsOf(named: readonly Named[]): ReadonlyMap<string, readonly Interval[]> {
  const intervals = new Map<string, readonly Interval[]>()
  for (const { name, intervals: found, tree, at } of named) {
    if (intervals.has(name))
      complain(tree.place, at, { wanted: 'each name once', found: `a second interval ${name}` })
    else intervals.set(name, found)
  }
  return intervals
}

const inOrder = ({ problems }: Findings): Problem[] =>
  problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
