// A store that answers from the head what the head has: the recent past of exactly those series that a rule reads. All
// else it hands on. Only where one process has every sample: on a fleet each head has its own partitions. Opened by
// bin/ for the query API.
import { Failure } from '#core/errors.ts'
import type { SeriesTable } from '#core/series.ts'
import type { Range, SeriesSamples, Store } from '#core/store.ts'
import type { Holding, Watched } from './head/holding.ts'
import { recentOf } from './head/recent.ts'
import { slackMs } from './head/strips.ts'
import { type Whole, wholeFrom } from './head/whole.ts'
import { lookbackMs } from './lookback.ts'
import { matchersKey } from './matchers-key.ts'

export type HeadStoreOptions = Readonly<{
  store: Store
  table: Pick<SeriesTable, 'find' | 'get'>
  // The one at work; nothing while samples reach the store and not the head.
  head(): Holding | undefined
}>

// Whatever was on its way when the head began to watch is in the store by then, or never will be. Nor is a watch
// compared more often than this.
const settlesMs = 60_000

// No sample is later.
const endOfTimeMs = 253_402_300_799_999

// Of one watch: that the head has what the store has. Until it is compared, `whole` is missing.
type Proof = {
  readonly askedMs: number
  readonly dropped: number
  whole?: Whole
  slots: Uint32Array
  turnover: number
}

// Of one head since it last missed something.
type Proofs = Readonly<{ head: Holding; sinceMs: number; byKey: Map<string, Proof> }>

type Matchers = Parameters<Store['select']>[0]

export function openHeadStore({ store, table, head }: HeadStoreOptions): Store {
  let proofs: Proofs | undefined

  function recent(matchers: Matchers, range: Range): SeriesSamples[] | undefined {
    const now = head()
    const key = matchersKey(matchers)
    const watched = now?.watched(key)
    if (now === undefined || watched === undefined || now.isShort) return undefined
    if (!isWithin(now, watched, range)) return undefined
    if (proofs?.head !== now || proofs.sinceMs !== now.sinceMs) {
      proofs = { head: now, sinceMs: now.sinceMs, byKey: new Map() }
    }
    const proof = proofs.byKey.get(key)
    if (proof?.whole === undefined || proof.dropped !== now.dropped) {
      if (isDue(now, proof)) proofs.byKey.set(key, prove(now, watched))
      return undefined
    }
    const turnover = now.turnover(watched.number)
    if (proof.turnover !== turnover) {
      proof.slots = slotsOf(now, watched)
      proof.turnover = turnover
    }
    return recentOf(now, table, { range, keepMs: watched.keepMs, whole: proof.whole, slots: proof.slots })
  }

  // Beside the answer, which the store gives this time.
  function prove(now: Holding, { matchers, keepMs }: Watched): Proof {
    const { nowMs, dropped } = now
    const proof: Proof = { askedMs: nowMs, dropped, slots: new Uint32Array(0), turnover: -1 }
    const isNewest = keepMs === 0
    const fromMs = Math.max(0, nowMs - reachMs(keepMs))
    store
      .select(matchers, { fromMs, toMs: endOfTimeMs, onlyNewest: isNewest })
      .then(found => wholeFrom(now, table, { found, fromMs, isNewest }))
      .then(
        whole => {
          proof.whole = whole
        },
        // Whoever asks next is told by the store itself.
        error => {
          if (!(error instanceof Failure)) throw error
        },
      )
    return proof
  }

  return {
    append: batches => store.append(batches),
    async select(matchers, range, signal) {
      signal?.throwIfAborted()
      return recent(matchers, range) ?? store.select(matchers, range, signal)
    },
    async last(matchers, range) {
      const found = recent(matchers, { ...range, onlyNewest: true })
      if (found === undefined) return store.last(matchers, range)
      return found.map(({ series, tMs, values }) => ({ series, tMs: tMs.at(-1)!, value: values.at(-1)! }))
    },
    series: (matchers, range, signal) => store.series(matchers, range, signal),
    labelNames: (matchers, range, signal) => store.labelNames(matchers, range, signal),
    labelValues: (name, matchers, range, signal) => store.labelValues(name, matchers, range, signal),
    notes: (matchers, range, limit) => store.notes(matchers, range, limit),
    health: () => store.health(),
    close: () => store.close(),
  }
}

// At least as far as a selector without a window looks.
const reachMs = (keepMs: number): number => Math.max(keepMs, lookbackMs) + slackMs

// Of what is older the head gives back some and keeps some, and a store may have forgotten it.
function isWithin(head: Holding, { keepMs }: Watched, { fromMs, toMs, onlyNewest }: Range): boolean {
  const backMs = onlyNewest === true ? reachMs(keepMs) : keepMs + slackMs
  return fromMs >= head.nowMs - backMs && toMs < head.nextHeldMs
}

function isDue({ nowMs, sinceMs }: Holding, last: Proof | undefined): boolean {
  return nowMs >= Math.max(sinceMs, last?.askedMs ?? 0) + settlesMs
}

const slotsOf = (head: Holding, { number }: Watched): Uint32Array => Uint32Array.from(head.members(number))
