// The front of the room: whatever is reported of alerts comes in here, and what is to be told goes out of here, each
// durable first. One at a time, in breaths. Opened by bin/, once where there may be several processes.
import { Breath } from '#core/breath.ts'
import type { Bus, Place } from '#core/bus.ts'
import type { Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { AlertTransition, Notice } from '#core/model.ts'
import type { AlertsSize } from './alert-size.ts'
import type { Alerter, AlerterOptions } from './alerter-form.ts'
import { Backlog } from './backlog.ts'
import type { Loaded } from './book/load.ts'
import { Page } from './book/page.ts'
import { type AlerterBook, openAlerterBook } from './book.ts'
import { Desk, type Written } from './desk.ts'
import type { Fact } from './fact.ts'
import { Incidents } from './incidents.ts'
import { Intake, portionsOf } from './intake.ts'
import { type Listening, listen } from './listening.ts'
import { type Looks, openLooks } from './looks.ts'
import { Notices, type Taken } from './notices.ts'
import { type OutboxWrite, StandingOutbox } from './outbox.ts'
import type { OutboxEntry } from './outbox-entry.ts'
import { Reachable } from './reachable.ts'
import { openFactRetention, type Retention } from './retention.ts'
import { Scribe } from './scribe.ts'
import { type AlerterConfig, rulesOf } from './timeline/rules-of.ts'
import type { AlertView, GroupView, SeatView } from './timeline/views.ts'
import { Timeline } from './timeline.ts'
import { openTurns } from './turns.ts'

export type { Alerter } from './alerter-form.ts'

export async function openAlerter(options: AlerterOptions): Promise<Alerter> {
  const book = openAlerterBook(options)
  const alerter = new StandingAlerter(options, book, await book.load(options.clock.nowMs()))
  await alerter.begin(options.bus)
  return alerter
}

// Somebody may set the clock of the machine, and no timer hears of that.
const lookAgainMs = 10_000

class StandingAlerter implements Alerter {
  readonly outbox: StandingOutbox
  readonly size = (): AlertsSize => this.#timeline.size
  readonly alerts = (): Iterable<AlertView> => this.#timeline.alerts(this.#nowMs)
  readonly alert = (name: string): AlertView | undefined => this.#timeline.alert(name, this.#nowMs)
  readonly groups = (): Iterable<GroupView> => this.#timeline.groups(this.#nowMs)
  readonly seats = (fingerprint: string): readonly SeatView[] => this.#timeline.seats(fingerprint)
  readonly untold = (fingerprint: string): readonly OutboxEntry[] => this.outbox.naming(fingerprint)
  readonly incidentOf = (group: string): number | null => this.#incidents.of(group)?.number ?? null
  readonly #options: AlerterOptions
  readonly #timeline: Timeline
  readonly #incidents: Incidents
  readonly #intake: Intake
  readonly #notices: Notices
  readonly #scribe: Scribe
  readonly #desk: Desk
  readonly #retention: Retention
  readonly #turns = openTurns()
  readonly #backlog: Backlog
  readonly #looks: Looks
  readonly #reachable: Reachable | undefined
  #listening: Listening | undefined
  #config: AlerterConfig
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: AlerterOptions, book: AlerterBook, loaded: Loaded) {
    const { clock, own, wrote } = options
    this.#options = options
    this.#config = options.config
    this.outbox = new StandingOutbox({
      entries: loaded.entries,
      known: fingerprint => this.#timeline.known(fingerprint),
      heldNow: entry => this.#heldNow(entry),
      write: written => this.#write(written),
    })
    const [nowMs, rules] = [clock.nowMs(), rulesOf(options.config, options)]
    const isNeeded = (name: string): boolean => this.outbox.isNamed(name)
    this.#timeline = new Timeline({ rules, saved: loaded, nowMs, isNeeded })
    this.#looks = openLooks(clock, lookAgainMs)
    this.#reachable = options.bus && new Reachable(options.bus, clock)
    this.#incidents = new Incidents(loaded.incidents, loaded.lastNumber)
    this.#intake = new Intake(book, loaded.lastFactMs, options.externalUrl)
    this.#notices = new Notices({ ...options, book })
    this.#backlog = new Backlog(loaded, { isNone: options.bus === undefined, nowMs })
    this.#scribe = new Scribe({ ...options, book, onRecovery: () => this.#plan(0) })
    const parts = { timeline: this.#timeline, incidents: this.#incidents, outbox: this.outbox, own, wrote }
    this.#desk = new Desk({ ...parts, lastSeq: loaded.lastSeq })
    this.#retention = openFactRetention({ ...options, book })
  }

  async begin(bus: Bus | undefined): Promise<void> {
    this.#timeline.unheardSince()
    this.#note([])
    this.#plan()
    if (bus === undefined) return
    this.#listening = listen(this, {
      ...{ ...this.#options, bus, places: this.#backlog.saved },
      onBegin: starts => {
        this.#backlog.begin(starts)
        this.#plan()
      },
    })
    // A bus of this process is heard by then; brokers keep nobody waiting who is to be told what is known.
    await Promise.race([this.#listening.begun, new Promise(resolve => setImmediate(resolve))])
  }

  async take(transitions: readonly AlertTransition[], place?: Place): Promise<void> {
    await this.#inTurn(async () => {
      const [nowMs, breath, wasOver] = [this.#nowMs, new Breath(), this.#backlog.isOver]
      const reported = this.#backlog.hear(transitions, place, nowMs)
      const portions = portionsOf(reported.transitions)
      for (const portion of portions) {
        const heard = await this.#intake.hear(portion, print => this.#timeline.known(print))
        const alerts = heard.map(({ alert }) => alert)
        // A storm is decided when all of it is there.
        if (portion === portions.at(-1) && wasOver) this.#timeline.take(alerts, nowMs)
        else this.#timeline.seat(alerts, nowMs)
        this.#note(heard.flatMap(({ fact }) => fact ?? []))
        await this.#scribe.eased()
        if (breath.isDue) await breath.taken()
      }
      if (reported.places.size > 0) this.#scribe.add(new Page(reported.places), () => {})
      await this.#settle(breath)
    })
  }

  async notice(notices: readonly Notice[]): Promise<void> {
    await this.#say(() => this.#notices.hear(notices, this.#config))
  }

  test(receiver: string, id: string): Promise<readonly OutboxEntry[]> {
    return this.#say(() => this.#notices.test(receiver, id, this.#config))
  }

  record(facts: readonly Fact[]): Promise<void> {
    return this.#write({ puts: [], gone: [], facts, saved: () => {} })
  }

  async reload(config: AlerterConfig): Promise<void> {
    await this.#inTurn(async () => {
      this.#timeline.reload(rulesOf(config, this.#options), this.#nowMs)
      this.#config = config
      this.#note([])
      await this.#settle(new Breath())
    })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    await this.#listening?.stop()
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
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Failure('stopping', 'the alerter is closed')
    const { done, durable } = await this.#turns.do(async () => {
      if (this.#scribe.isFailing) await this.#scribe.retry()
      this.#turn()
      const done = await work().finally(() => this.#plan())
      return { done, durable: this.#scribe.settled() }
    })
    await durable
    return done
  }

  // Who looks much later than usual slept, or the state refused; or the brokers are away: nobody could report anything.
  #turn(): void {
    const sleptMs = this.#looks.begin().wallMs
    this.#timeline.turnTo(this.#nowMs, Math.max(sleptMs, this.#reachable?.unheardMs() ?? 0))
  }

  async #settle(breath: Breath): Promise<void> {
    this.#turn()
    if (!this.#backlog.isOver) return
    while (this.#timeline.nextDueMs() <= this.#nowMs) {
      if (breath.isDue) await breath.taken()
      // Also in the middle of many.
      this.#turn()
      this.#timeline.advanceTo(this.#nowMs)
      // A group may be very large.
      if (breath.isDue) await breath.taken()
      this.#note([])
    }
  }

  #note(facts: readonly Fact[]): void {
    this.#save(this.#desk.write(facts, this.#nowMs))
  }

  #say(take: () => Promise<Taken>): Promise<readonly OutboxEntry[]> {
    return this.#inTurn(async () => {
      const { facts, entries } = await take()
      if (facts.length > 0) this.#save(this.#desk.say(facts, entries))
      return entries
    })
  }

  #save(written: Written | undefined): void {
    if (written !== undefined) this.#scribe.add(written.page, written.saved)
  }

  async #write(written: OutboxWrite): Promise<void> {
    if (this.#isClosed) throw new Failure('stopping', 'the alerter is closed')
    if (written.gone.length + written.puts.length + written.facts.length > 0)
      this.#scribe.join(page => this.#desk.putWritten(page, written), this.#desk.savedOf(written))
    await this.#scribe.settled()
  }

  #heldNow({ telling, tries }: OutboxEntry): ReadonlySet<string> {
    const left = this.#timeline.recall(telling, { nowMs: this.#nowMs, wasTried: tries > 0 })
    if (left.size > 0) this.#note([])
    return left
  }

  #plan(leastMs?: number): void {
    this.#timer?.cancel()
    if (this.#isClosed) return
    const dueMs = this.#backlog.isOver ? this.#timeline.nextDueMs() : Number.POSITIVE_INFINITY
    const waitMs = Math.min(dueMs - this.#nowMs, lookAgainMs)
    this.#timer = this.#options.clock.after(Math.max(0, leastMs ?? waitMs), () => void this.#wake())
  }

  // What has arrived while we were held up ourselves is read first: it may be the rest of a storm. Refusals are the
  // scribe's to tell, which says when they are over.
  async #wake(): Promise<void> {
    await new Breath().taken()
    await this.#turns.do(async () => {
      if (this.#isClosed || this.#scribe.isFailing) return
      this.#backlog.lookAt(this.#nowMs)
      await this.#settle(new Breath())
      this.#plan()
    })
  }
}
