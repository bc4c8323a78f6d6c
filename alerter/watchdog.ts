// Do alerts arrive? Test alerts come out of the rules again and again, test messages go to receivers; what does not arrive in
// time is told by another path. What is missing when is decided in watchdog/vigil.ts. Opened by bin/ with the alerter.
import type { Timer } from '#core/clock.ts'
import type { AlertTransition } from '#core/model.ts'
import type { Fact } from './fact.ts'
import { detailsOf, textIn } from './fact-details.ts'
import { type Late, openLooks } from './looks.ts'
import type { OutboxEntry } from './outbox-entry.ts'
import type { Receiver } from './route.ts'
import { type OpenAlarm, openAlarms } from './watchdog/alarms.ts'
import { Direct } from './watchdog/direct.ts'
import type { Watchdog, WatchdogOptions } from './watchdog/form.ts'
import { openPing } from './watchdog/ping.ts'
import { openTesting } from './watchdog/testing.ts'
import { type Happening, idle, type Say, step } from './watchdog/vigil.ts'
import { keyOf, nameOf, type Road, type Watch, waysOf } from './watchdog/watch.ts'
import { missingWords, overWords } from './watchdog/words.ts'

export type { Watchdog, WatchdogSettings } from './watchdog/form.ts'

const rules = { kind: 'rules' } as const
const lookMs = 5_000
// After a start, until everything has found its pace.
const graceMs = 60_000

export function openWatchdog(options: WatchdogOptions): Watchdog {
  const watchdog = new StandingWatchdog(options)
  watchdog.begin()
  return watchdog
}

class StandingWatchdog implements Watchdog {
  readonly #options: WatchdogOptions
  readonly #alarms
  readonly #direct
  readonly #ping
  readonly #testing
  readonly #looks
  readonly #roadSeconds
  readonly #missing
  readonly #watches = new Map<string, Watch>()
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #slowMs: number | undefined
  #hasCome = false
  #isClosed = false

  constructor(options: WatchdogOptions) {
    const { own, clock, settings, receivers } = options
    this.#options = options
    const told = (): Receiver[] => settings().tell.flatMap(each => receivers().get(each) ?? [])
    this.#alarms = openAlarms({ ...options, resume: open => this.#resume(open) })
    this.#direct = new Direct({ ...options, receivers: told, onTold: this.#alarms.note })
    this.#ping = openPing(options)
    const sent = (entry: OutboxEntry, withinMs: number): void => this.#expect(entry, withinMs)
    this.#testing = openTesting({ ...options, timeZone: options.voice.timeZone, sent })
    this.#roadSeconds = own.histogram('plimsoll_watchdog_road_seconds')
    this.#missing = own.gauge('plimsoll_watchdog_missing')
    this.#looks = openLooks(clock, lookMs)
  }

  begin(): void {
    const { settings, alerter } = this.#options
    this.#alarms.look()
    this.#follow()
    for (const entry of alerter.outbox.waiting()) {
      const { withinMs } = settings().receivers.get(entry.receiver) ?? {}
      if (entry.said?.kind === 'canary' && withinMs !== undefined) this.#expect(entry, graceMs + withinMs)
    }
    this.#plan()
  }

  came({ atMs }: AlertTransition): void {
    const { canaryMs, withinMs } = this.#options.settings()
    const watch = this.#watches.get(keyOf(rules))
    const tookMs = Math.max(0, this.#options.clock.nowMs() - atMs)
    this.#roadSeconds.observe(tookMs / 1_000)
    this.#slowMs = tookMs > withinMs ? tookMs : undefined
    // What lay somewhere for an hour says nothing of now.
    if (watch === undefined || canaryMs === undefined || this.#slowMs !== undefined) return
    this.#hasCome = true
    this.#heard(watch, this.#nowMs + canaryMs + withinMs)
  }

  wrote(facts: readonly Fact[]): void {
    for (const fact of facts) {
      if (detailsOf(fact)['reason'] !== 'canary') continue
      const [name = '', way = ''] = [textIn(fact, 'receiver'), textIn(fact, 'integration')]
      const watch = this.#watches.get(keyOf({ kind: 'receiver', name, way }))
      if (watch === undefined) continue
      if (fact.kind === 'failed') watch.why = textIn(fact, 'why') ?? ''
      if (fact.kind === 'told') this.#heard(watch, Number.POSITIVE_INFINITY)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#looking
    for (const key of [...this.#watches.keys()]) this.#drop(key)
    await Promise.all([this.#direct.close(), this.#ping.close()])
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs()
  }

  get #moment(): Watch['last'] {
    return { wallMs: this.#options.clock.nowMs(), monotonicMs: this.#nowMs }
  }

  #plan(): void {
    if (this.#isClosed) return
    this.#timer = this.#options.clock.after(lookMs, () => {
      this.#looking = this.#look().finally(() => {
        this.#looks.end()
        this.#plan()
      })
    })
  }

  async #look(): Promise<void> {
    const { settings } = this.#options
    const { ping, canaryMs } = settings()
    this.#awake(this.#looks.begin())
    this.#alarms.look()
    this.#testing.send(settings().receivers)
    this.#follow()
    for (const watch of this.#watches.values()) {
      const say = this.#step(watch, { kind: 'looked', nowMs: this.#nowMs })
      if (say !== null) await this.#tellMissing(watch)
    }
    const watches = [...this.#watches.values()]
    const isHeard = canaryMs === undefined || this.#hasCome
    const isWell = isHeard && watches.every(({ vigil }) => vigil.missing === null)
    if (ping !== undefined && isWell && !this.#isClosed) this.#ping.send(ping)
  }

  // What could not be heard is not missing, and what comes after a sleep needs its time. All is due by the monotonic clock.
  #awake({ monotonicMs: ms }: Late): void {
    if (ms === 0) return
    const atLeastMs = this.#nowMs + graceMs
    for (const watch of this.#watches.values()) this.#step(watch, { kind: 'slept', ms, atLeastMs })
  }

  // What is to be watched, and what is not any more.
  #follow(): void {
    const { settings, receivers } = this.#options
    const { canaryMs, receivers: tested, withinMs } = settings()
    if (canaryMs !== undefined) this.#await(rules, graceMs + canaryMs + withinMs)
    for (const [key, { road }] of this.#watches) {
      const isWatched =
        road.kind === 'rules'
          ? canaryMs !== undefined
          : tested.has(road.name) && waysOf(receivers().get(road.name)).some(({ id }) => id === road.way)
      if (isWatched) continue
      this.#direct.forget(road)
      this.#drop(key)
    }
  }

  // What others see is that of whoever watches now.
  #drop(key: string): void {
    const watch = this.#watches.get(key)
    this.#watches.delete(key)
    if (watch !== undefined) this.#missing.set(0, { road: nameOf(watch.road) })
  }

  #expect({ receiver: name, integration: way }: OutboxEntry, withinMs: number): void {
    const watch = this.#await({ kind: 'receiver', name, way }, withinMs)
    const { dueMs, missing } = watch.vigil
    if (dueMs === Number.POSITIVE_INFINITY && missing === null) watch.last = this.#moment
    this.#step(watch, { kind: 'awaited', dueMs: this.#nowMs + withinMs })
  }

  #await(road: Road, patienceMs: number): Watch {
    const key = keyOf(road)
    const known = this.#watches.get(key)
    if (known !== undefined) return known
    const vigil = { ...idle, dueMs: this.#nowMs + patienceMs }
    const watch = { road, vigil, last: this.#moment, why: '' }
    this.#watches.set(key, watch)
    return watch
  }

  // What was said before is not said again at once. Of one road the newest tells whether it is over.
  #resume(alarms: readonly OpenAlarm[]): void {
    const over = new Set<Watch>()
    for (const { road, sinceMs, isOver, ...whom } of alarms.toSorted(bySince)) {
      if (this.#isClosed || !this.#direct.resume({ road, sinceMs }, whom)) continue
      const watch = this.#await(road, Number.POSITIVE_INFINITY)
      const monotonicMs = this.#nowMs - (this.#options.clock.nowMs() - sinceMs)
      watch.last = { wallMs: sinceMs, monotonicMs }
      this.#step(watch, { kind: 'missed', sinceMs: monotonicMs, saidMs: this.#nowMs })
      if (isOver) over.add(watch)
      else over.delete(watch)
    }
    for (const watch of over) this.#heard(watch, Number.POSITIVE_INFINITY)
  }

  #heard(watch: Watch, nextMs: number): void {
    const tookMs = this.#nowMs - watch.last.monotonicMs
    const sinceMs = watch.last.wallMs
    const say = this.#step(watch, { kind: 'came', nextMs })
    watch.last = this.#moment
    watch.why = ''
    if (say !== 'over') return
    const { log, voice } = this.#options
    const words = overWords({ tookMs, road: watch.road }, voice.language)
    log.info('watchdog', words.title, { text: words.text })
    this.#direct.say({ road: watch.road, sinceMs }, words, 'over')
  }

  #step(watch: Watch, happening: Happening): Say | null {
    const { next, say } = step(watch.vigil, happening)
    watch.vigil = next
    const name = nameOf(watch.road)
    const ofReceiver = [...this.#watches.values()].filter(({ road }) => nameOf(road) === name)
    const isMissing = ofReceiver.some(({ vigil }) => vigil.missing !== null)
    this.#missing.set(Number(isMissing), { road: name })
    return say
  }

  async #tellMissing(watch: Watch): Promise<void> {
    const { clock, log, voice, inside } = this.#options
    const about = { sinceMs: watch.last.wallMs, nowMs: clock.nowMs(), timeZone: voice.timeZone }
    const { road } = watch
    const of =
      road.kind === 'rules'
        ? { ...about, ...road, inside: await inside(), slowMs: this.#slowMs }
        : { ...about, ...road, why: watch.why }
    // It may have come while the store was asked.
    if (watch.vigil.missing === null) return
    const words = missingWords(of, voice.language)
    log.error('watchdog', words.title, { text: words.text })
    this.#direct.say({ road, sinceMs: about.sinceMs }, words, 'begun')
  }
}

const bySince = (one: OpenAlarm, other: OpenAlarm): number => one.sinceMs - other.sinceMs
