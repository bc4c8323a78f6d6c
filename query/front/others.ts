// Who sends beside this machine's own agent, and what came last: hosts with the age of their newest sample, and the
// newest series. Keeps its place in the series table, so that a look costs what is new. Called by front-page.ts.
import type { Clock } from '#core/clock.ts'
import { keyOf, metricName } from '#core/labels.ts'
import type { Matcher, Series } from '#core/model.ts'
import type { SeriesTable } from '#core/series.ts'
import { isStale } from '#core/stale.ts'
import type { SeriesSamples, Store } from '#core/store.ts'

// `lastMs` is absent when nothing came within a day.
export type Host = Readonly<{ name: string; lastMs: number | undefined }>
export type Newcomer = Readonly<{ series: Series; tMs: number; value: number }>

// `more` hosts are known and not looked at.
export type Others = Readonly<{ hosts: readonly Host[]; more: number; newcomers: readonly Newcomer[] }>

type Samples = Pick<Store, 'select'>

export type OthersOptions = Readonly<{ store: Samples; table: SeriesTable; clock: Clock }>

const hostsMax = 20
const newcomersMax = 5
// Hosts beyond this are not told apart any more.
const knownMax = 100_000
// A look serves everyone who asks within this time.
const freshMs = 2_000

const recentMs = 120_000
const seekEveryMs = 60_000
const dayMs = 86_400_000

// `soughtMs` is when the past was last searched for it.
type Known = { label: 'host' | 'instance'; names: string[]; lastMs: number | undefined; soughtMs: number }

export type LookAround = (own: string) => Promise<Others>

export function openOthers(options: OthersOptions): LookAround {
  const { table, clock } = options
  const known = new Map<string, Known>()
  let newest: Series[] = []
  let lasts: ReadonlyMap<Series, Remembered> = new Map()
  let next = 0
  let held: Readonly<{ own: string; atMs: number; others: Promise<Others> }> | undefined

  const catchUp = (own: string): void => {
    for (; next < table.size; next++) {
      if (!table.has(next)) continue
      const series = table.get(next)
      const { host, instance } = series.labels
      const name = host ?? instance
      if (name === own) continue
      newest.push(series)
      if (newest.length > newcomersMax * 2) newest = newest.slice(-newcomersMax)
      if (name === undefined) continue
      if (known.has(name) || known.size < knownMax) remember(known, name, series)
    }
  }
  const look = async (own: string): Promise<Others> => {
    catchUp(own)
    // The hosts that joined last.
    const shown = [...known].slice(-hostsMax)
    const nowMs = clock.nowMs()
    await findAges(options.store, shown, nowMs)
    const hosts = shown
      .map(([name, { lastMs }]) => ({ name, lastMs }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
    lasts = new Map(newest.slice(-newcomersMax).map(each => [each, lasts.get(each) ?? unsought()]))
    await findLasts(options.store, lasts, nowMs)
    const newcomers = [...lasts]
      .flatMap(([series, { last }]) => (last === undefined ? [] : [{ series, ...last }]))
      .toReversed()
    return { hosts, more: known.size - shown.length, newcomers }
  }
  return own => {
    const nowMs = clock.nowMs()
    if (held !== undefined && held.own === own && nowMs - held.atMs < freshMs) return held.others
    const others = look(own)
    held = { own, atMs: nowMs, others }
    // A failure is not kept.
    others.catch(() => {
      if (held?.others === others) held = undefined
    })
    return others
  }
}

// The metrics that a host sent first stand for it.
const soughtNames = 3

function remember(known: Map<string, Known>, name: string, { name: metric, labels }: Series): void {
  const one = known.get(name)
  if (one === undefined) {
    const label = labels['host'] === undefined ? 'instance' : 'host'
    known.set(name, { label, names: [metric], lastMs: undefined, soughtMs: 0 })
    return
  }
  if (one.names.length < soughtNames && !one.names.includes(metric)) one.names.push(metric)
}

type Named = readonly [name: string, known: Known]

// Three metrics of each, of the last two minutes. Those that were silent are searched for once a minute: in all that
// they sent meanwhile, then in the three metrics since they were last heard.
async function findAges(store: Samples, hosts: readonly Named[], nowMs: number): Promise<void> {
  const recent = { fromMs: nowMs - recentMs, toMs: nowMs + recentMs }
  const isSilent = ([, { lastMs = 0 }]: Named): boolean => lastMs < recent.fromMs
  await ask(store, hosts, [namesOf(hosts)], recent)
  const silent = hosts.filter(each => isSilent(each) && nowMs - each[1].soughtMs >= seekEveryMs)
  if (silent.length === 0) return
  for (const [, each] of silent) each.soughtMs = nowMs
  await ask(store, silent, [], recent)
  const gone = silent.filter(isSilent)
  if (gone.length === 0) return
  const since = Math.min(...gone.map(([, { lastMs = 0 }]) => lastMs))
  await ask(store, gone, [namesOf(gone)], { fromMs: Math.max(nowMs - dayMs, since), toMs: nowMs })
}

const namesOf = (hosts: readonly Named[]): Matcher => {
  const names = new Set(hosts.flatMap(([, each]) => each.names))
  return { name: metricName, op: '=~', value: [...names].map(literal).join('|') }
}

async function ask(
  store: Samples,
  hosts: readonly Named[],
  more: readonly Matcher[],
  range: Readonly<{ fromMs: number; toMs: number }>,
): Promise<void> {
  const byName = new Map(hosts)
  for (const label of ['host', 'instance'] as const) {
    const names = hosts.filter(([, each]) => each.label === label).map(([name]) => literal(name))
    if (names.length === 0) continue
    const matcher = { name: label, op: '=~', value: names.join('|') } as const
    for (const found of await store.select([...more, matcher], range)) {
      const one = byName.get(found.series.labels[label] ?? '')
      const lastMs = lastAlive(found)?.tMs
      if (one !== undefined && lastMs !== undefined) one.lastMs = Math.max(one.lastMs ?? 0, lastMs)
    }
  }
}

const unsought = (): Remembered => ({ last: undefined, soughtMs: 0 })

type Last = Readonly<{ tMs: number; value: number }>
type Remembered = { last: Last | undefined; soughtMs: number }

// By one question for what is recent; the past is searched for each that was silent, once a minute.
async function findLasts(
  store: Samples,
  wanted: ReadonlyMap<Series, Remembered>,
  nowMs: number,
): Promise<void> {
  const remembered = new Map([...wanted].map(([series, each]) => [keyOf(series), each]))
  const take = (all: readonly SeriesSamples[]): void => {
    for (const found of all) {
      const one = remembered.get(keyOf(found.series))
      if (one !== undefined) one.last = lastAlive(found) ?? one.last
    }
  }
  const recent = nowMs - recentMs
  const range = { fromMs: recent, toMs: nowMs + recentMs }
  if (wanted.size > 0) take(await store.select(anyOf([...wanted.keys()]), range))
  const day = { fromMs: nowMs - dayMs, toMs: nowMs }
  for (const [series, one] of wanted) {
    if ((one.last?.tMs ?? 0) >= recent || nowMs - one.soughtMs < seekEveryMs) continue
    one.soughtMs = nowMs
    take(await store.select(exactly(series), day))
  }
}

// Finds these series, and few beside them.
function anyOf(all: readonly Series[]): Matcher[] {
  const values = (of: (series: Series) => string): string => [...new Set(all.map(of))].map(literal).join('|')
  return [
    { name: metricName, op: '=~', value: values(({ name }) => name) },
    { name: 'host', op: '=~', value: values(({ labels }) => labels['host'] ?? '') },
    { name: 'instance', op: '=~', value: values(({ labels }) => labels['instance'] ?? '') },
  ]
}

const exactly = ({ name, labels }: Series): Matcher[] => [
  { name: metricName, op: '=', value: name },
  ...Object.entries(labels).map(([label, value]) => ({ name: label, op: '=', value }) as const),
]

function lastAlive({ tMs, values }: SeriesSamples): Last | undefined {
  let at = tMs.length - 1
  while (at >= 0 && isStale(values, at)) at--
  return at < 0 ? undefined : { tMs: tMs[at]!, value: values[at]! }
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
