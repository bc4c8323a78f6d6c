// Who watches a series? Series that the same watches look at share an interest: what is kept of them, when they change
// by themselves, and which of them have changed. Called by head.ts, once for each new series.
import { metricName } from '#core/labels.ts'
import type { Matcher, Series } from '#core/model.ts'
import { Narrow } from './narrow.ts'
import { SlotList } from './slot-list.ts'
import { slackMs } from './strips.ts'

// What rules read: one of these for each distinct selector.
export type Watch = Readonly<{
  matchers: readonly Matcher[]
  // How far back anybody looks; 0 is only the newest sample.
  keepMs: number
  // Lengths of windows. When a sample leaves one of them (window (at − w, at]), its series counts as changed, at the
  // next full second.
  windowsMs: readonly number[]
  // Whether the newest sample's falling out of the lookback counts as a change: at its time + lookback, to the
  // millisecond.
  ends: boolean
}>

export type Interest = Readonly<{
  watches: readonly number[]
  keepMs: number
  windowsMs: readonly number[]
  ends: boolean
  // No sample gives cause to look again earlier than this after its time.
  shortestMs: number
  members: SlotList
  changed: SlotList
}>

export class Interests {
  readonly all: Interest[] = []
  // The interests that each watch is part of.
  readonly byWatch: readonly Interest[][]
  readonly #watches: readonly Watch[]
  readonly #lookbackMs: number
  readonly #byKey = new Map<string, number>()
  readonly #byName = new Map<string, Narrow>()
  readonly #others: Narrow

  constructor(watches: readonly Watch[], lookbackMs: number) {
    this.#watches = watches
    this.#lookbackMs = lookbackMs
    this.byWatch = watches.map(() => [])
    const named = Map.groupBy(watches.keys(), each => nameOf(watches[each]!.matchers))
    const narrow = (of: readonly number[]): Narrow => new Narrow(watches, of)
    this.#others = narrow(named.get(undefined) ?? [])
    for (const [name, of] of named) if (name !== undefined) this.#byName.set(name, narrow(of))
  }

  // Which interest a series has; -1 when nobody watches it.
  of(series: Series): number {
    const found: number[] = []
    this.#byName.get(series.name)?.find(series, found)
    this.#others.find(series, found)
    if (found.length === 0) return -1
    found.sort((a, b) => a - b)
    const key = found.join(' ')
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const interest = this.#interest(found)
    this.#byKey.set(key, this.all.length)
    for (const watch of found) this.byWatch[watch]!.push(interest)
    return this.all.push(interest) - 1
  }

  #interest(watches: readonly number[]): Interest {
    const all = watches.map(each => this.#watches[each]!)
    const keepMs = all.reduce((most, each) => Math.max(most, each.keepMs), 0)
    const windowsMs = [...new Set(all.flatMap(each => each.windowsMs))]
      .filter(each => each > 0)
      .sort((a, b) => a - b)
    const ends = all.some(each => each.ends)
    const lasting = ends ? this.#lookbackMs : Number.POSITIVE_INFINITY
    const changesMs = Math.min(windowsMs[0] ?? lasting, lasting)
    // What never changes by itself is still looked at when it has ended.
    const shortestMs = changesMs === Number.POSITIVE_INFINITY ? keepMs + slackMs : changesMs
    return {
      watches,
      keepMs,
      windowsMs,
      ends,
      shortestMs,
      members: new SlotList(),
      changed: new SlotList(),
    }
  }
}

const nameOf = (matchers: readonly Matcher[]): string | undefined =>
  matchers.find(each => each.name === metricName && each.op === '=')?.value
