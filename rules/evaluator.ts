// Rules at work on one part of the input: all of it on one machine, a share of the partitions on a fleet. Samples come
// in; what alerts have become is saved, told and written; a timer wakes for what time alone changes. Made and fed by
// engine.ts, and by fleet/share.ts.
import { Failure } from '#core/errors.ts'
import type { Agents } from './agents.ts'
import type { Pieces } from './ask.ts'
import type { Saved } from './book.ts'
import type { Arrival } from './engine/arrival.ts'
import { type Change, Desk } from './engine/desk.ts'
import { type Far, nextFarMs, openFar } from './engine/far.ts'
import type { EngineSettings, EvaluatorOptions } from './engine/options.ts'
import { Outgoing } from './engine/outgoing.ts'
import type { Position } from './engine/places.ts'
import { openWaking, type Waking } from './engine/waking.ts'
import { warm, warmthFor } from './engine/warmth.ts'
import type { Head } from './head.ts'
import { openBreaths } from './live/breaths.ts'
import type { LiveRules } from './live-rules.ts'
import { lookbackMs } from './lookback.ts'

type Begun = Readonly<{ atMs: number; next: Saved['places']; lost: readonly number[] }>

export class Evaluator {
  readonly #options: EvaluatorOptions
  readonly #desk: Desk
  readonly outgoing: Outgoing
  readonly #far: Far
  readonly #waking: Waking
  readonly #breaths = openBreaths()
  readonly #stopping = new AbortController()
  #saved: Saved['alerts'] = new Map()
  #installing: Promise<void> = Promise.resolve()

  constructor(options: EvaluatorOptions) {
    this.#options = options
    this.#desk = new Desk(options)
    this.outgoing = new Outgoing(options)
    this.#waking = openWaking({
      ...options,
      nextDueMs: () => Math.min(this.#desk.nextDueMs, nextFarMs(this.#desk.running)),
      isFailing: () => this.outgoing.isFailing,
      wake: () => void this.#wake(),
    })
    this.#far = openFar({ ...options, isPresent: live => live === this.live, do: work => this.#do(work) })
  }

  get agents(): Agents {
    return this.#desk.agents
  }

  get live(): LiveRules | undefined {
    return this.#desk.live
  }

  get head(): Head {
    return this.#desk.head
  }

  // First of all, by whoever owns the part.
  async load(): Promise<Saved['places']> {
    const { alerts, places } = await this.outgoing.load()
    this.#saved = alerts
    return places
  }

  // Where the past comes as samples, which begins now: how far back it must go.
  prepare(): number {
    return this.#desk.prepare()
  }

  remember(arrival: Arrival): void {
    this.#desk.remember(arrival)
  }

  // Where the past has come as samples; but for what is lost.
  begin({ atMs: nowMs, next, lost }: Begun): Promise<void> {
    for (const [partition, place] of next) this.outgoing.handled({ partition, next: place.next })
    const { settings } = this.#desk
    const program = this.#desk.programOf(settings)
    const prepare = (): void => this.#desk.head.watch(program.watches)
    return this.#change({ program, settings, nowMs, isPatient: lost.length > 0 }, prepare)
  }

  // Where the store tells of the past. `isFresh`: nothing that was heard before is believed.
  install(isFresh: boolean, settings?: EngineSettings): Promise<void> {
    const next = this.#installing
      .catch(() => {})
      .then(() => this.#install(isFresh, settings ?? this.#desk.settings))
    this.#installing = next
    return next
  }

  // Where the bus keeps records, with their positions, which are saved with what they change. Once it has begun nobody
  // gives them again: what cannot be saved is kept.
  async take(
    arrivals: readonly Arrival[],
    positions: readonly Position[] = [],
    begun: () => void = () => {},
  ): Promise<void> {
    this.outgoing.refuseIfFailing()
    const { clock, own } = this.#options
    const beganMs = clock.monotonicMs()
    const work = this.#desk.take(arrivals)
    const { saved } = await this.#do(() => {
      begun()
      return work
    }, positions)
    own.histogram('plimsoll_rules_round_seconds').observe((clock.monotonicMs() - beganMs) / 1_000)
    await saved
  }

  // With present values and words.
  async refresh(): Promise<LiveRules> {
    const live = this.#desk.running
    const { saved } = await this.#do(() => live.refreshInPieces())
    saved.catch(isTold)
    return live
  }

  wakeLater(): void {
    this.#waking.later()
  }

  // Nothing begins any more; what has come is still saved.
  stop(): void {
    this.#waking.stop()
    this.#stopping.abort(new Failure('stopping', 'the rules are closed'))
  }

  async close(): Promise<void> {
    this.stop()
    await this.#installing.catch(() => {})
    await this.#far.close()
    if (this.live !== undefined) await this.#last().catch(isTold)
    await this.outgoing.close()
    this.head.close()
  }

  async #wake(): Promise<void> {
    if (this.#options.isSetAnew()) return
    const { saved } = await this.#do(() => this.#advanced())
    saved.catch(isTold)
  }

  *#advanced(): Pieces {
    if (this.outgoing.isFailing) return
    const nowMs = this.#options.completeMs()
    yield* this.#desk.advance(nowMs)
    this.#far.evaluate(this.#desk.running, nowMs)
  }

  // One work after the other, each saved with what it has changed.
  #do(
    work: () => Pieces | undefined,
    positions: readonly Position[] = [],
  ): Promise<Readonly<{ saved: Promise<void> }>> {
    const done = (): Promise<void> => {
      for (const each of positions) this.outgoing.handled(each)
      return this.#settle()
    }
    return this.#breaths.do(function* () {
      const pieces = work()
      if (pieces !== undefined) yield* pieces
      return { saved: done() }
    })
  }

  // Saves, writes and plans to wake again.
  async #settle(isLast = false): Promise<void> {
    const { running: live, recorder } = this.#desk
    const saved = this.outgoing.settle(live, isLast)
    this.#waking.plan()
    const rows = recorder.take(Math.max(live.nowMs, this.#options.completeMs()))
    return rows === undefined ? saved : this.outgoing.write(rows, live.nowMs, saved)
  }

  async #last(): Promise<void> {
    const { saved } = await this.#do(() => undefined)
    await saved
    await this.#settle(true)
  }

  // Reads first what the store knows, and then changes everything at once: no batch comes in between.
  async #install(isFresh: boolean, settings: EngineSettings): Promise<void> {
    const { clock, table, completeMs } = this.#options
    const desk = this.#desk
    const program = desk.programOf(settings)
    const before = isFresh ? undefined : desk.program
    const { signal } = this.#stopping
    const warmth = await warmthFor(program, before, { ...this.#options, lookbackMs, signal })
    const nowMs = isFresh ? clock.nowMs() : Math.max(completeMs(), desk.live?.nowMs ?? 0)
    await this.#change({ program, settings, nowMs, isPatient: isFresh }, () => {
      if (isFresh) desk.forget()
      desk.head.due(nowMs)
      desk.head.watch(program.watches)
      warm(desk.head, table, warmth)
    })
  }

  async #change(change: Change, prepare: () => void): Promise<void> {
    const [desk, outgoing, alerts] = [this.#desk, this.outgoing, this.#saved]
    this.#saved = new Map()
    const saves: Promise<void>[] = []
    const { saved } = await this.#do(function* () {
      prepare()
      for (const page of yield* desk.change(change, alerts)) saves.push(outgoing.save(page))
    })
    await Promise.all([...saves, saved])
  }
}

// What cannot be saved just now the scribe has told, and tries again.
export function isTold(error: unknown): void {
  if (!(error instanceof Failure)) throw error
}
