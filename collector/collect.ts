// From what an input says to rows of the outbox: adds the labels that all of them carry, and knows the numbers
// of the series that an input writes again and again. Called by agent.ts, once for each input.
import { labelsOf } from '#core/labels.ts'
import { unfitSeries } from '#core/line-protocol/encode.ts'
import type { Labels } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { refused, type SeriesTable } from '#core/series.ts'
import type { Gathered, Named } from './input.ts'
import type { Outbox } from './outbox.ts'

export type CollectOptions = Readonly<{
  input: string
  table: SeriesTable
  outbox: Outbox
  own: OwnMetrics
  // On every series: host and configured tags.
  base: Named
}>

// `end` makes deaf to an input that talks on after its time was over.
export type Collection = Readonly<{ into: Gathered; end(): void }>

// Series that come and go (interfaces of containers) must not pile up here; the rest is found again at once.
const knownMax = 20_000

export function openCollector(options: CollectOptions): (time: () => number) => Collection {
  const { input, table, outbox, own, base } = options
  const gathered = own.counter('plimsoll_agent_samples_total')
  const dropped = own.counter('plimsoll_agent_dropped_total')
  const known = new Map<string, number>()

  function idOf(name: string, labels: Named | undefined): number {
    const key = keyOf(name, labels)
    const id = known.get(key)
    if (id !== undefined) return id
    const all: Labels = labelsOf(Object.entries({ ...base, ...labels }))
    // A path with a newline: it could not travel as line protocol, and would take its whole batch with it.
    if (unfitSeries({ name, labels: all }) !== undefined) {
      dropped.inc(1, { reason: 'unfit_text' })
      return refused
    }
    const made = table.intern(name, all)
    if (made === refused) {
      dropped.inc(1, { reason: 'series_limit' })
      return made
    }
    if (known.size >= knownMax) known.clear()
    known.set(key, made)
    return made
  }

  return time => {
    let ended = false
    const row = (name: string, labels: Named | undefined, tMs: number, value: number): void => {
      if (ended) return
      const id = idOf(name, labels)
      if (id === refused) return
      gathered.inc(1, { input })
      outbox.row(id, tMs, value)
    }
    const into: Gathered = {
      get tMs() {
        return time()
      },
      add(name, value, labels) {
        if (value === undefined) return
        if (Number.isFinite(value)) row(name, labels, time(), value)
        else dropped.inc(1, { reason: 'not_a_number' })
      },
      // Others may mean their NaN: it is also how a series says that it ended.
      pass: ({ series, tMs, value }) => row(series.name, series.labels, tMs, value),
      note(name, text, labels) {
        if (ended) return
        const series = idOf(name, labels)
        if (series === refused) return
        gathered.inc(1, { input })
        outbox.note({ series, tMs: time(), text })
      },
    }
    const end = (): void => {
      ended = true
    }
    return { into, end }
  }
}

// In the order in which the input names its labels, which is the same each time: no sorting.
function keyOf(name: string, labels: Named | undefined): string {
  let key = name
  for (const label in labels) key += `\u{fffe}${label}\u{ffff}${labels[label]}`
  return key
}
