// The front of the room: whatever is reported of alerts comes in here, and what is to be told goes out of here, each
// durable first. One at a time, in breaths. Opened by bin/, once where there may be several processes.
import { Breath } from '#core/breath.ts'
import type { Bus, Subscription } from '#core/bus.ts'
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { AlertTransition, Labels } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { State } from '#core/state.ts'
import type { Loaded } from './book/load.ts'
import { Page } from './book/page.ts'
import { type AlerterBook, openAlerterBook } from './book.ts'
import { Desk } from './desk.ts'
import type { Fact } from './fact.ts'
import { Incidents } from './incidents.ts'
import { Intake, portionsOf } from './intake.ts'
import { type OutboxWrite, StandingOutbox } from './outbox.ts'
import type { Outbox, OutboxEntry } from './outbox-entry.ts'
import { openRetention, type Retention } from './retention.ts'
import { type SavePoint, Scribe } from './scribe.ts'
import { type AlerterConfig, rulesOf } from './timeline/rules-of.ts'
import type { AlertView, GroupView, SeatView } from './timeline/views.ts'
import { Timeline } from './timeline.ts'
import { openTurns } from './turns.ts'

export interface Alerter {
  // Resolves when what was reported, and all that came of it, is durable. When the state refuses, it is rejected with
  // its Failure: again, please. What was taken is not forgotten meanwhile.
  take(transitions: readonly AlertTransition[]): Promise<void>
  // What others have done. Resolves when it is durable.
  record(facts: readonly Fact[]): Promise<void>
  readonly outbox: Outbox
  alerts(): Iterable<AlertView>
  alert(fingerprint: string): AlertView | undefined
  groups(): Iterable<GroupView>
  // Where an alert stands in each of its groups, and what holds it there.
  seats(fingerprint: string): readonly SeatView[]
  // What is still to be told of an alert, on its way or not.
  untold(fingerprint: string): readonly OutboxEntry[]
  // The short number of what is going on in a group.
  incidentOf(group: string): number | null
  // With the same tree, groups go on as they are. Silences need no reload: they are asked whenever a group is due.
  reload(config: AlerterConfig): Promise<void>
  // Saves what is not saved yet. Delivery is closed before.
  close(): Promise<void>
}

export type AlerterOptions = Readonly<{
  state: State
  // Left out: only take() brings anything.
  bus?: Bus
  // How people reach this service, for links to what our own rules have found.
  externalUrl?: string
  clock: Clock
  log: Log
  own: OwnMetrics
  config: AlerterConfig
  // Ids of the silences that hold now.
  silencedBy(labels: Labels, nowMs: number): readonly string[]
  // That of a lease, where there may be another owner.
  write?: State['write']
  // Where tests end the process, or wait.
  reach?: (point: SavePoint) => void | Promise<void>
}>

export async function openAlerter(options: AlerterOptions): Promise<Alerter> {
  const book = openAlerterBook(options)
  const alerter = new StandingAlerter(options, book, await book.load())
  await alerter.begin(options.bus)
  return alerter
}

// Somebody may set the clock of the machine, and no timer hears of that.
const lookAgainMs = 10_000
const factsKeptMs = 400 * 86_400_000

class StandingAlerter implements Alerter {
  readonly outbox: StandingOutbox
  readonly #options: AlerterOptions
  readonly #timeline: Timeline
  readonly #incidents: Incidents
  readonly #intake: Intake
  readonly #scribe: Scribe
  readonly #desk: Desk
  readonly #retention: Retention
  readonly #turns = openTurns()
  #subscription: Subscription | undefined
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: AlerterOptions, book: AlerterBook, loaded: Loaded) {
    const { clock, own } = options
    this.#options = options
    this.outbox = new StandingOutbox({
      entries: loaded.entries,
      known: fingerprint => this.#timeline.known(fingerprint),
      write: written => this.#write(written),
    })
    const rules = rulesOf(options.config, options)
    const isNeeded = (fingerprint: string): boolean => this.outbox.isNamed(fingerprint)
    this.#timeline = new Timeline({ rules, saved: loaded, nowMs: clock.nowMs(), isNeeded })
    this.#incidents = new Incidents(loaded.incidents, loaded.lastNumber)
    this.#intake = new Intake(book, loaded.lastFactMs, options.externalUrl)
    this.#scribe = new Scribe({ ...options, book, onRecovery: () => this.#plan(0) })
    const { outbox } = this
    this.#desk = new Desk({
      timeline: this.#timeline,
      incidents: this.#incidents,
      lastSeq: loaded.lastSeq,
      outbox,
      own,
    })
    this.#retention = openRetention({ ...options, book, keptMs: factsKeptMs })
  }

  async begin(bus: Bus | undefined): Promise<void> {
    this.#note([])
    this.#plan()
    this.#subscription = await bus?.subscribe('alerts', 'alerter', records => this.take(records))
  }

  async take(transitions: readonly AlertTransition[]): Promise<void> {
    await this.#inTurn(async () => {
      const nowMs = this.#nowMs
      const breath = new Breath()
      const portions = portionsOf(transitions)
      for (const portion of portions) {
        const heard = await this.#intake.hear(portion)
        const alerts = heard.map(({ alert }) => alert)
        // A storm is decided when all of it is there.
        if (portion === portions.at(-1)) this.#timeline.take(alerts, nowMs)
        else this.#timeline.seat(alerts, nowMs)
        this.#note(heard.flatMap(({ fact }) => fact ?? []))
        if (breath.isDue) await breath.taken()
      }
      await this.#settle(breath)
    })
  }

  record(facts: readonly Fact[]): Promise<void> {
    return this.#write({ puts: [], gone: [], facts, saved: () => {} })
  }

  alerts(): Iterable<AlertView> {
    return this.#timeline.alerts(this.#nowMs)
  }

  alert(fingerprint: string): AlertView | undefined {
    return this.#timeline.alert(fingerprint, this.#nowMs)
  }

  groups(): Iterable<GroupView> {
    return this.#timeline.groups(this.#nowMs)
  }

  seats(fingerprint: string): readonly SeatView[] {
    return this.#timeline.seats(fingerprint)
  }

  untold(fingerprint: string): readonly OutboxEntry[] {
    return this.outbox.naming(fingerprint)
  }

  incidentOf(group: string): number | null {
    return this.#incidents.of(group)?.number ?? null
  }

  async reload(config: AlerterConfig): Promise<void> {
    await this.#inTurn(async () => {
      this.#timeline.reload(rulesOf(config, this.#options), this.#nowMs)
      this.#note([])
      await this.#settle(new Breath())
    })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    await this.#subscription?.stop()
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#turns.idle()
    await this.#retention.close()
    await this.#scribe.close()
  }

  get #nowMs(): number {
    return this.#options.clock.nowMs()
  }

  // Resolves when what came of it is durable. While the state refuses, nothing is taken and nothing decided: it would
  // only pile up.
  async #inTurn(work: () => Promise<void>): Promise<void> {
    if (this.#isClosed) throw new Failure('stopping', 'the alerter is closed')
    const { durable } = await this.#turns.do(async () => {
      if (this.#scribe.isFailing) await this.#scribe.retry()
      await work().finally(() => this.#plan())
      return { durable: this.#scribe.settled() }
    })
    await durable
  }

  async #settle(breath: Breath): Promise<void> {
    while (this.#timeline.nextDueMs() <= this.#nowMs) {
      if (breath.isDue) await breath.taken()
      this.#timeline.advanceTo(this.#nowMs)
      this.#note([])
    }
  }

  #note(facts: readonly Fact[]): void {
    const written = this.#desk.write(facts, this.#nowMs)
    if (written !== undefined) this.#scribe.add(written.page, written.saved)
  }

  async #write({ puts, gone, facts, saved }: OutboxWrite): Promise<void> {
    if (this.#isClosed) throw new Failure('stopping', 'the alerter is closed')
    const page = new Page()
    for (const each of gone) page.entry(each, null)
    for (const each of puts) page.entry(each.id, each)
    this.#desk.putFacts(page, facts)
    if (page.size > 0) this.#scribe.add(page, saved)
    await this.#scribe.settled()
  }

  #plan(leastMs?: number): void {
    this.#timer?.cancel()
    if (this.#isClosed) return
    const waitMs = Math.min(this.#timeline.nextDueMs() - this.#nowMs, lookAgainMs)
    this.#timer = this.#options.clock.after(Math.max(0, leastMs ?? waitMs), () => void this.#wake())
  }

  // Refusals are the scribe's to tell, which says when they are over.
  #wake(): Promise<void> {
    return this.#turns.do(async () => {
      if (this.#isClosed || this.#scribe.isFailing) return
      await this.#settle(new Breath())
      this.#plan()
    })
  }
}
