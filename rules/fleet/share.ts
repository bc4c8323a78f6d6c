// A share of the rules while this process owns it: goes on where the last owner stopped, with what its rules look back
// at, until the lease is lost or given back. Called by fleet.ts.

import type { Batch } from '#core/batch.ts'
import type { Place } from '#core/bus.ts'
import type { Known } from '../agents.ts'
import { arrivalsOf } from '../engine/arrival.ts'
import type { EngineOptions, EngineSettings } from '../engine/options.ts'
import { Evaluator, isTold } from '../evaluator.ts'
import { viewsOf } from '../live/shown.ts'
import type { GroupView } from '../view.ts'
import { type Beginning, beginningOf } from './beginning.ts'
import { keeps, liesIn } from './cut.ts'
import type { Attached, Feed } from './feed.ts'
import { type Item, Merge } from './merge.ts'
import type { Share } from './shares.ts'

export type OwnedOptions = EngineOptions &
  Readonly<{
    share: Share
    // Where there is nothing to evaluate, nothing is read.
    feed: Feed | undefined
    write: NonNullable<ConstructorParameters<typeof Evaluator>[0]['write']>
    // Hosts that were there before.
    hosts(): Promise<readonly Known[]>
  }>

// Others have a turn in between.
const itemsAtOnce = 200

export class OwnedShare {
  readonly #options: OwnedOptions
  readonly evaluator: Evaluator
  readonly #stopping = new AbortController()
  readonly #anew = new AbortController()
  #merge: Merge | undefined
  #beginning: Beginning | undefined
  #attached: Attached | undefined
  #pumping: Promise<void> | undefined
  #beginningNow: Promise<void> | undefined
  // Partitions that have been read up to where evaluating begins.
  readonly #warm = new Set<number>()
  #isLive = false

  constructor(options: OwnedOptions) {
    const { share, clock } = options
    this.#options = options
    this.evaluator = new Evaluator({
      ...options,
      part: share.name,
      source: share.name,
      isMine: labels => liesIn(share, labels),
      keeps: share.kind === 'hosts' ? keeps : [],
      hearsHosts: share.kind === 'hosts',
      completeMs: () => this.#merge?.completeMs(clock.nowMs()) ?? clock.nowMs(),
      isSetAnew: () => false,
    })
  }

  async open(): Promise<void> {
    const { share, bus, clock, log, feed } = this.#options
    const places = await this.evaluator.load()
    const windowMs = this.evaluator.prepare()
    const nowMs = clock.nowMs()
    const beginning = await beginningOf(bus, share.partitions, { places, nowMs, windowMs })
    this.#beginning = beginning
    if (beginning.lost.length > 0) {
      log.warn('rules', 'samples are gone that were not evaluated yet; it goes on with the oldest', {
        share: share.name,
        partitions: beginning.lost,
      })
    }
    for (const [partition, { next }] of beginning.next)
      if (beginning.warm.get(partition) === next) this.#warm.add(partition)
    this.#merge = new Merge(beginning.next)
    void this.#rememberHosts(beginning)
    if (this.#isWarm || feed === undefined) await this.#begin()
    this.#attached = feed?.attach(beginning.warm, (batches, place) => this.#take(batches, place))
  }

  // Without present values: what is shown of alerts is what is saved of them.
  views(): readonly GroupView[] {
    const { live } = this.evaluator
    if (live === undefined) return []
    const lagMs = this.lagMs
    const views = viewsOf(live)
    if (lagMs === 0) return views
    const error = `waits for samples that are ${Math.ceil(lagMs / 1_000)} s behind`
    return views.map(each => ({
      ...each,
      rules: each.rules.map(rule => ({ ...rule, health: 'err' as const, error })),
    }))
  }

  // Aborted when it should be opened anew.
  get anew(): AbortSignal {
    return this.#anew.signal
  }

  beginAnew(): void {
    this.#anew.abort()
  }

  // How far its input is behind; nothing while it keeps up, and where it has none.
  get lagMs(): number {
    const merge = this.#merge
    const isLagging = this.#options.feed !== undefined && merge?.isLagging !== false
    return isLagging ? Math.max(1, merge?.lagMs(this.#options.clock.nowMs()) ?? 0) : 0
  }

  async close(): Promise<void> {
    this.evaluator.stop()
    this.#stopping.abort()
    await this.#attached?.detach()
    await this.#beginningNow
    await this.#pumping
    await this.evaluator.close()
  }

  // The database of samples may take a minute to be away, and no rule waits for that.
  async #rememberHosts({ atMs }: Beginning): Promise<void> {
    const found = await this.#options.hosts()
    this.evaluator.agents.remember(found, this.evaluator.live?.nowMs ?? atMs)
  }

  get #isWarm(): boolean {
    return this.#warm.size === this.#options.share.partitions.length
  }

  async #take(batches: readonly Batch[], { partition, offsets, next }: Place): Promise<void> {
    const { clock } = this.#options
    const beginsAt = this.#beginning!.next.get(partition)!.next
    const found = offsets.findIndex(each => each >= beginsAt)
    const split = found < 0 ? offsets.length : found
    for (const each of arrivalsOf(batches.slice(0, split), clock.nowMs())) this.evaluator.remember(each)
    if (!this.#isLive) {
      if (next < beginsAt) return
      // It waits there for the others, and nobody waits for it: other shares read by the same hands.
      this.#warm.add(partition)
      this.#attached!.hold(partition)
      this.#attached!.again(partition, beginsAt)
      if (this.#isWarm) this.#beginningNow ??= this.#begin()
      return
    }
    if (next <= beginsAt) return
    this.#merge!.add(
      partition,
      itemsOf(batches, offsets, { split, partition, next, nowMs: clock.nowMs() }),
      next,
    )
    await this.#pump()
    if (this.#merge!.isWaiting(partition)) this.#attached!.hold(partition)
  }

  async #begin(): Promise<void> {
    // What cannot be saved just now the scribe keeps, and nothing is evaluated until it is.
    await this.evaluator.begin(this.#beginning!).catch(isTold)
    this.#isLive = true
    for (const each of this.#warm) this.#attached?.release(each)
  }

  // What may be evaluated is, and its partitions read on.
  async #pump(): Promise<void> {
    while (this.#pumping !== undefined) await this.#pumping
    this.#pumping = this.#evaluate()
    await this.#pumping.finally(() => {
      this.#pumping = undefined
    })
  }

  async #evaluate(): Promise<void> {
    const { clock, share } = this.#options
    const merge = this.#merge!
    const items = merge.take(clock.nowMs())
    try {
      while (items.length > 0 && !this.#stopping.signal.aborted) {
        const some = items.slice(0, itemsAtOnce)
        const arrivals = some.map(each => each.arrival)
        await this.evaluator.take(arrivals, some, () => items.splice(0, some.length))
      }
    } catch (error) {
      // The next look at the ends tries again.
      isTold(error)
    }
    merge.putBack(items)
    if (items.length > 0) return
    for (const each of share.partitions) if (!merge.isWaiting(each)) this.#attached?.release(each)
  }

  // Where the partitions ended when somebody asked.
  heard(ends: ReadonlyMap<number, number>, askedMs: number): void {
    this.#merge?.ends(ends, askedMs)
    if (this.#isLive && this.#pumping === undefined) void this.#pump()
  }

  // Who has not begun, or begins to need an input, or needs none any more, is opened anew; and so is who cannot hear
  // from the store what new rules look back at: the samples tell it too.
  async reload(settings: EngineSettings): Promise<void> {
    const needsFeed = this.#options.share.kind === 'hosts' || settings.groups.length > 0
    if (!this.#isLive || needsFeed !== (this.#options.feed !== undefined)) return this.beginAnew()
    await this.evaluator.install(false, settings).catch(error => {
      isTold(error)
      this.beginAnew()
    })
  }
}

function itemsOf(
  batches: readonly Batch[],
  offsets: readonly number[],
  {
    split,
    partition,
    next,
    nowMs,
  }: Readonly<{ split: number; partition: number; next: number; nowMs: number }>,
): Item[] {
  const items: Item[] = []
  let from = split
  for (const arrival of arrivalsOf(batches.slice(split), nowMs)) {
    from += arrival.rows.length
    items.push({ arrival, partition, next: offsets[from] ?? next })
  }
  return items
}
