// The alerter over a state in a file, with a clock that stands still, in one process after the other: each may die at a
// named point. Whoever reports alerts, and whoever is told, outlives them. Called by the tests of the alerter.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMemoryBus } from '#core/bus/memory.ts'
import type { Bus } from '#core/bus.ts'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { fingerprint, labelsOf } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { type Alerter, openAlerter } from '../../../alerter/alerter.ts'
import type { Fact } from '../../../alerter/fact.ts'
import { readFacts } from '../../../alerter/facts.ts'
import type { OutboxEntry } from '../../../alerter/outbox-entry.ts'
import type { AlerterConfig } from '../../../alerter/timeline/rules-of.ts'
import { receiverOf, routeOf } from '../timeline/world.ts'

export const points = ['before_save', 'after_save', 'before_send', 'after_send', 'after_done'] as const
export type Point = (typeof points)[number]

const never = new Promise<never>(() => {})
const nothing = async (): Promise<void> => {}

export type Words = Parameters<typeof routeOf>[0]

export const configOf = (words: Words): AlerterConfig => ({
  route: routeOf(words),
  receivers: new Map([['hook', receiverOf('hook', true)]]),
  inhibitions: [],
  intervals: new Map(),
})

// No timer hears of it.
class SettableClock extends SimulatedClock {
  #setByMs = 0

  setBy(byMs: number): void {
    this.#setByMs += byMs
  }

  override nowMs(): number {
    return super.nowMs() + this.#setByMs
  }

  // As with the machine's, no time between two moments is a whole number.
  override monotonicMs(): number {
    return super.monotonicMs() * (1 + 2 ** -20)
  }
}

type Life = { isDead: boolean; readonly ended: PromiseWithResolvers<void> }

const newLife = (): Life => ({ isDead: false, ended: Promise.withResolvers<void>() })

export class World {
  readonly startMs = 1_700_000_000_000
  readonly clock = new SettableClock(1_700_000_000_000)
  readonly logged: string[] = []
  // What somebody got, with every repetition.
  readonly sent: OutboxEntry[] = []
  // Reported and not acknowledged.
  readonly unheard: AlertTransition[] = []
  own = openOwnMetrics()
  alerter!: Alerter
  stateFails = 0
  isDeaf = false
  areBrokersAway = false
  silenced: readonly string[] = []
  // At which time that it is reached.
  diesAt: Readonly<{ point: Point; after: number }> | undefined
  #state: State | undefined
  #life = newLife()
  readonly #folder = mkdtempSync(join(tmpdir(), 'plimsoll-alerter-'))
  readonly #underWay = new Set<Promise<unknown>>()

  // Whoever is not dead yet dies now, wherever it stands.
  async start(config: AlerterConfig): Promise<void> {
    this.#end(this.#life)
    await this.quiet()
    this.diesAt = undefined
    const life = newLife()
    this.#life = life
    this.own = openOwnMetrics()
    this.#state ??= await openSqliteState({ file: join(this.#folder, 'state.db') })
    const reach = async (point: Point): Promise<void> => {
      if (this.diesAt?.point === point && !life.isDead) {
        if (this.diesAt.after === 0) this.#end(life)
        this.diesAt = { point, after: this.diesAt.after - 1 }
      }
      if (life.isDead) await never
    }
    const alerter = await openAlerter({
      state: this.#refusing(this.#state),
      bus: this.#brokers(),
      clock: this.clock,
      log: openLog({ clock: this.clock, write: line => void this.logged.push(line) }),
      own: this.own,
      config,
      silencedBy: () => this.silenced,
      reach,
    })
    this.alerter = alerter
    alerter.outbox.onEntry(entry => void this.#deliver(alerter, entry.id, reach))
    for (const { id } of alerter.outbox.waiting()) void this.#deliver(alerter, id, reach)
    this.resend()
  }

  // As the API makes it.
  posted(host: string, startsAtMs: number, forMs: number): AlertTransition {
    const nowMs = this.clock.nowMs()
    const { alert, ...rest } = transitionOf(host, 'firing', { startsAtMs, atMs: nowMs })
    const rule = { id: '', group: '', name: '', expr: '' }
    const id = `${alert.fingerprint}-firing-${startsAtMs}`
    return { ...rest, id, alert: { ...alert, rule, generatorUrl: '', expiresAtMs: nowMs + forMs } }
  }

  report(...transitions: readonly AlertTransition[]): void {
    this.unheard.push(...transitions)
    this.resend()
  }

  // As a bus does: what is not acknowledged comes again.
  resend(): void {
    const sending = [...this.unheard]
    if (sending.length === 0) return
    const heard = (): void => {
      for (const each of sending)
        if (this.unheard.includes(each)) this.unheard.splice(this.unheard.indexOf(each), 1)
    }
    const taken = this.alerter.take(sending).then(heard, nothing)
    this.#note(Promise.race([taken, this.#life.ended.promise]))
  }

  runFor(durationMs: number): Promise<void> {
    return this.clock.runFor(durationMs, () => this.quiet())
  }

  // Until nothing is being taken or saved: the file lives in real time.
  async quiet(): Promise<void> {
    do {
      await Promise.allSettled(this.#underWay)
      await this.clock.runFor(0)
    } while (this.#underWay.size > 0)
  }

  get isDead(): boolean {
    return this.#life.isDead
  }

  get state(): State {
    return this.#state!
  }

  facts(asked: object = {}): Promise<readonly Fact[]> {
    return readFacts(this.state.db, { sinceMs: 0, limit: 10_000, ...asked })
  }

  async close(): Promise<void> {
    this.#end(this.#life)
    await this.quiet()
    await this.#state?.close()
    rmSync(this.#folder, { recursive: true })
  }

  async #deliver(alerter: Alerter, id: string, reach: (point: Point) => Promise<void>): Promise<void> {
    if (this.isDeaf) return
    const entry = alerter.outbox.depart(id)
    if (entry === undefined) return
    await reach('before_send')
    this.sent.push(entry)
    await reach('after_send')
    const { group, incident } = entry
    const about = { group, incident, fingerprint: null, who: entry.integration, details: null }
    const fact: Fact = { id: `told/${entry.telling.id}`, kind: 'told', atMs: this.clock.nowMs(), ...about }
    await alerter.outbox.done(id, [fact]).catch(nothing)
    await reach('after_done')
  }

  refusal(): Failure {
    return new Failure('state_unavailable', 'the disk is away')
  }

  // Only asked whether they are there: what is reported is handed over.
  #brokers(): Bus {
    const places = async (): Promise<ReadonlyMap<number, number>> => {
      if (this.areBrokersAway) throw new Failure('bus_unavailable', 'the brokers are away')
      return new Map()
    }
    return Object.assign(openMemoryBus(), { places })
  }

  #refusing(state: State): State {
    const refusing =
      <T>(save: (statements: Parameters<State['write']>[0]) => Promise<T>): typeof save =>
      async statements => {
        if (this.stateFails > 0) {
          this.stateFails--
          throw this.refusal()
        }
        const writing = save(statements)
        this.#note(writing)
        return writing
      }
    return { ...state, write: refusing(state.write), append: refusing(state.append) }
  }

  #note(work: Promise<unknown>): void {
    const noted = work.then(nothing, nothing).finally(() => this.#underWay.delete(noted))
    this.#underWay.add(noted)
  }

  #end(life: Life): void {
    life.isDead = true
    life.ended.resolve()
  }
}

export function transitionOf(
  host: string,
  state: 'firing' | 'resolved',
  { startsAtMs, atMs = startsAtMs }: Readonly<{ startsAtMs: number; atMs?: number }>,
): AlertTransition {
  const labels = labelsOf([
    ['alertname', 'Hot'],
    ['host', host],
    ['rack', `rack-${host.length}`],
  ])
  const name = fingerprint(labels)
  return {
    v: 1,
    id: `rule/${name}/${state}/${atMs}`,
    atMs,
    alert: {
      fingerprint: name,
      labels,
      annotations: labelsOf([]),
      state,
      stale: false,
      startsAtMs,
      endsAtMs: state === 'resolved' ? atMs : null,
      value: '97',
      rule: { id: 'rule', group: 'heat', name: 'Hot', expr: 'heat > 90' },
    },
    reason: null,
  }
}
