// The rules at work: every batch that the bus brings is looked at before its sender hears that it is safe, and a timer
// wakes for what time alone changes. Read this file first. Opened by bin/, between the sink and the door.
import type { Batch } from '#core/batch.ts'
import type { Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { Agents } from './agents.ts'
import { openBook } from './book.ts'
import { followRules, recordAgents } from './engine/agent-samples.ts'
import { arrivalOf } from './engine/arrival.ts'
import { countRules } from './engine/counts.ts'
import { type Far, nextFarMs, openFar } from './engine/far.ts'
import { openJumps } from './engine/jumps.ts'
import type { EngineOptions, EngineSettings, RuleEngine } from './engine/options.ts'
import { openOutlet } from './engine/outlet.ts'
import { removedAlerts } from './engine/removed.ts'
import { hostsBefore, warm, warmthKnown, warmthOf } from './engine/warmth.ts'
import { Head } from './head.ts'
import { type Program, programOf } from './live/program.ts'
import { Recorder } from './live/recorder.ts'
import { alertsOf, type RuleAlerts, ruleAlerts, viewsOf } from './live/shown.ts'
import { LiveRules } from './live-rules.ts'
import { lookbackMs } from './lookback.ts'
import { openScribe } from './scribe.ts'
import type { Alerts } from './state.ts'
import type { GroupView } from './view.ts'

const part = 'all'
const lookEachMs = 1_000

export async function openRuleEngine(options: EngineOptions): Promise<RuleEngine> {
  return new Engine(options).started()
}

class Engine implements RuleEngine {
  readonly #options: EngineOptions
  readonly #agents: Agents
  readonly #outlet: ReturnType<typeof openOutlet>
  readonly #stopping = new AbortController()
  #settings: EngineSettings
  #scribe: ReturnType<typeof openScribe> | undefined
  #head: Head
  #recorder: Recorder
  #program: Program | undefined
  #live: LiveRules | undefined
  #timer: Timer | undefined
  #unsubscribe: (() => Promise<void>) | undefined
  readonly #jumps: ReturnType<typeof openJumps>
  #installing: Promise<void> = Promise.resolve()
  readonly #far: Far

  constructor(options: EngineOptions) {
    const { settings, table, clock, own } = options
    this.#options = options
    this.#settings = settings
    this.#agents = new Agents({ table, silentMs: settings.silentMs, forgetMs: settings.forgetMs })
    this.#outlet = openOutlet(options)
    this.#head = this.#newHead()
    this.#recorder = new Recorder({ table, head: this.#head, own })
    this.#jumps = openJumps({
      ...options,
      agents: this.#agents,
      beginAnew: () => this.#reinstall(true),
      failed: () => this.#wakeIn(lookEachMs),
    })
    countRules(own, clock, { settings: () => this.#settings, live: () => this.#live })
    this.#far = openFar({ ...options, isPresent: live => live === this.#live, settle: () => this.#settle() })
  }

  async started(): Promise<RuleEngine> {
    const { state, clock, bus, store } = this.#options
    const book = openBook({ state })
    const { alerts, untold } = await book.load(part)
    this.#scribe = openScribe({ ...this.#options, book, untold })
    const nowMs = clock.nowMs()
    this.#agents.remember(await hostsBefore(store, { nowMs, forgetMs: this.#settings.forgetMs }), nowMs)
    await this.#install(alerts, true)
    const subscription = await bus.subscribe('samples', 'rules', batches => this.#take(batches))
    this.#unsubscribe = () => subscription.stop()
    this.#schedule()
    return this
  }

  async view(): Promise<readonly GroupView[]> {
    const live = this.#running
    live.refresh()
    this.#settleAside()
    return viewsOf(live)
  }

  current(): Iterable<RuleAlerts> {
    return this.#live === undefined ? [] : ruleAlerts(this.#live)
  }

  reload(settings: EngineSettings): Promise<void> {
    return this.#reinstall(false, settings)
  }

  async close(): Promise<void> {
    this.#timer?.cancel()
    this.#stopping.abort(new Failure('stopping', 'the rules are closed'))
    await this.#unsubscribe?.()
    await this.#installing.catch(() => {})
    await this.#far.close()
    await this.#scribe?.close()
    await this.#outlet.close()
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.close()
  get #running(): LiveRules {
    if (this.#live === undefined) throw new Failure('not_ready', 'the rules are being read')
    return this.#live
  }

  // Of a batch, the sender waits for nothing but that what it has changed is saved.
  async #take(batches: readonly Batch[]): Promise<void> {
    const scribe = this.#scribe!
    // Nothing is evaluated that could not be saved: whoever sent it sends it again.
    if (scribe.isFailing) throw new Failure('state_unavailable', 'alerts cannot be saved just now')
    const news = batches.filter(each => !this.#outlet.isOwn(each))
    if (news.length === 0) return
    await this.#jumps()
    const live = this.#running
    const { clock, own } = this.#options
    const beganMs = clock.monotonicMs()
    const { rows, receivedAtMs } = arrivalOf(news, clock.nowMs())
    live.take(rows, receivedAtMs)
    for (const each of rows) this.#agents.hear(each, live.nowMs)
    this.#tellAgents(live.nowMs)
    own.histogram('plimsoll_rules_round_seconds').observe((clock.monotonicMs() - beganMs) / 1_000)
    await this.#settle()
  }

  #wake(): void {
    this.#timer = undefined
    if (this.#jumps() !== undefined) return
    const nowMs = this.#options.clock.nowMs()
    const live = this.#running
    if (!this.#scribe!.isFailing) {
      live.advanceTo(nowMs)
      this.#tellAgents(nowMs)
      this.#far.evaluate(live, nowMs)
    }
    this.#settleAside()
  }

  // Where nobody waits: when it fails the scribe says so, and tries again.
  #settleAside(): void {
    this.#settle().catch(error => {
      if (!(error instanceof Failure)) throw error
    })
  }

  // Saves, writes and plans to wake again.
  async #settle(): Promise<void> {
    const { clock } = this.#options
    const live = this.#running
    const outcome = live.takeOutcome()
    const saved = outcome === undefined ? undefined : this.#scribe!.save({ part, ...outcome })
    this.#schedule()
    const rows = this.#recorder.take(Math.max(live.nowMs, clock.nowMs()))
    if (rows === undefined) return saved
    // Behind what it comes of; when that cannot be saved just now, it will be.
    const written = (saved ?? Promise.resolve()).finally(() => this.#outlet.write(rows, live.nowMs))
    return saved === undefined ? undefined : written
  }

  #schedule(): void {
    const live = this.#running
    const dueMs = Math.min(
      live.nextDueMs(),
      nextFarMs(live),
      this.#agents.nextDueMs(),
      this.#recorder.nextDueMs,
    )
    // What is due while nothing can be saved stays due.
    const soonestMs = this.#scribe?.isFailing === true ? lookEachMs : 0
    const delayMs = dueMs - this.#options.clock.nowMs()
    this.#wakeIn(Math.max(soonestMs, Math.min(delayMs, lookEachMs)))
  }

  #wakeIn(delayMs: number): void {
    if (this.#stopping.signal.aborted) return
    this.#timer?.cancel()
    this.#timer = this.#options.clock.after(delayMs, () => this.#wake())
  }

  #tellAgents(nowMs: number): void {
    if (this.#agents.nextDueMs() > nowMs) return
    recordAgents(this.#agents, this.#recorder, nowMs)
    this.#running.changedAside()
  }

  #reinstall(isFresh: boolean, settings?: EngineSettings): Promise<void> {
    const install = (): Promise<void> => this.#install(alertsOf(this.#running), isFresh, settings)
    const next = this.#installing.catch(() => {}).then(install)
    this.#installing = next
    return next
  }

  // Reads first what the store knows, and then changes everything in one go: no batch comes in between.
  async #install(
    saved: ReadonlyMap<string, Alerts>,
    isFresh: boolean,
    wanted?: EngineSettings,
  ): Promise<void> {
    const { store, clock, table, own, headWindowMs } = this.#options
    const settings = wanted ?? this.#settings
    const program = programOf(settings.groups, { lookbackMs, headWindowMs })
    const known = isFresh || this.#program === undefined ? new Map() : warmthKnown(this.#program.watches)
    const { signal } = this.#stopping
    const warmth = await warmthOf(program.watches, known, { store, lookbackMs, nowMs: clock.nowMs(), signal })
    const before = this.#live
    const nowMs = isFresh ? clock.nowMs() : Math.max(clock.nowMs(), before?.nowMs ?? 0)
    if (isFresh) {
      this.#head = this.#newHead()
      this.#recorder = new Recorder({ table, head: this.#head, own })
    }
    this.#head.due(nowMs)
    this.#head.watch(program.watches)
    warm(this.#head, table, warmth)
    this.#recorder.beginAnew()
    const alerts = before === undefined ? saved : alertsOf(before)
    const live = new LiveRules({
      ...this.#options,
      ...settings,
      program,
      head: this.#head,
      recorder: this.#recorder,
      saved: alerts,
      lookbackMs,
      monotonicMs: () => clock.monotonicMs(),
      nowMs,
      isPatient: isFresh,
    })
    const late = before?.takeOutcome()
    this.#live = live
    this.#program = program
    this.#settings = settings
    followRules(this.#agents, settings, nowMs)
    if (isFresh) recordAgents(this.#agents, this.#recorder, nowMs)
    live.evaluateAll()
    this.#recorder.endUnclaimed(nowMs)
    const pages = [late ?? [], removedAlerts(alerts, settings.groups, nowMs)].flat()
    await Promise.all([...pages.map(page => this.#scribe!.save({ part, ...page })), this.#settle()])
  }

  #newHead(): Head {
    return new Head({ ...this.#options, lookbackMs, maxBytes: this.#options.headBytes })
  }
}
