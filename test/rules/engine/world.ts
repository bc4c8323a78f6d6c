// The rule engine over a state in a file, with a clock that stands still, in one process after the other: each may die
// at a named point. Whoever listens to the alerts outlives them. Called by the tests of the engine.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Batch, cutByPartition, RowBuffer } from '#core/batch.ts'
import { openMemoryBus } from '#core/bus/memory.ts'
import type { Bus } from '#core/bus.ts'
import { type Clock, SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { labelsOf, noLabels } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { staleNaN } from '#core/stale.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import type { EngineSettings, RuleEngine } from '../../../rules/engine/options.ts'
import { openRuleEngine } from '../../../rules/engine.ts'
import { groupsOf, type Sample, textOf } from '../live/driven.ts'
import { MemoryStore } from './memory-store.ts'

export type Point = 'before save' | 'after save' | 'before publish' | 'after publish' | 'before told'

const never = new Promise<never>(() => {})
const nothing = async (): Promise<void> => {}

export class World {
  readonly startMs: number
  readonly steady: SimulatedClock
  readonly clock: Clock
  readonly store = new MemoryStore()
  readonly seen: AlertTransition[] = []
  readonly logged: string[] = []
  own = openOwnMetrics()
  // By how much somebody has set the clock of the machine.
  aheadMs = 0
  stateFails = 0
  alertsFail = 0
  diesAt: Point | undefined
  // Called when something was told.
  told: () => void = () => {}
  // Saving waits for it.
  gate: Promise<void> | undefined
  readonly #folder = mkdtempSync(join(tmpdir(), 'plimsoll-engine-'))
  #state: State | undefined
  #bus: Bus = openMemoryBus()
  #table = new SeriesTable()
  #life = { isDead: false }
  readonly #saving = new Set<Promise<unknown>>()

  constructor(startMs = 1_700_000_000_000) {
    this.startMs = startMs
    const steady = new SimulatedClock(startMs)
    this.steady = steady
    this.clock = {
      nowMs: () => steady.nowMs() + this.aheadMs,
      monotonicMs: () => steady.monotonicMs(),
      after: (delayMs, wake) => steady.after(delayMs, wake),
      sleep: (delayMs, signal) => steady.sleep(delayMs, signal),
    }
  }

  settings(rules: string, more: Partial<EngineSettings> = {}): EngineSettings {
    const agents = { silentMs: 30_000, forgetMs: 7 * 86_400_000, expected: [] }
    return {
      groups: groupsOf(rules),
      externalLabels: noLabels,
      externalUrl: 'http://here',
      ...agents,
      ...more,
    }
  }

  // Whoever is not dead yet dies now, wherever it stands.
  async start(rules: string, more: Partial<EngineSettings> = {}): Promise<RuleEngine> {
    this.#life.isDead = true
    await this.quiet()
    this.diesAt = undefined
    const life = { isDead: false }
    this.#life = life
    this.#bus = openMemoryBus()
    this.#table = new SeriesTable()
    this.store.table = this.#table
    this.own = openOwnMetrics()
    this.#state ??= await openSqliteState({ file: join(this.#folder, 'state.db') })
    const step = async (point: Point): Promise<void> => {
      life.isDead ||= this.diesAt === point
      if (life.isDead) await never
    }
    await this.#bus.subscribe('alerts', 'test', async records => {
      await step('before publish')
      if (this.alertsFail > 0) {
        this.alertsFail--
        throw new Failure('bus_unavailable', 'nobody listens')
      }
      this.seen.push(...records)
      this.told()
      await step('after publish')
    })
    const append = async (batches: readonly Batch[]): Promise<void> => {
      if (life.isDead) await never
      await this.store.append(batches)
    }
    await this.#bus.subscribe('samples', 'sink', append)
    return openRuleEngine({
      settings: this.settings(rules, more),
      bus: this.#bus,
      store: this.store,
      state: this.#guarded(this.#state, step),
      table: this.#table,
      clock: this.clock,
      log: openLog({ clock: this.clock, write: line => void this.logged.push(line) }),
      own: this.own,
      source: 'here',
      headWindowMs: 3_600_000,
      headBytes: 16 * 2 ** 20,
    })
  }

  // As the gateway does: stamped with the time of the machine, cut by partition.
  send(...samples: readonly Sample[]): Promise<void> {
    return this.publish(this.batches(samples))
  }

  publish(batches: readonly Batch[]): Promise<void> {
    return this.#bus.publish('samples', batches)
  }

  // As a sender does: again, until it is taken.
  async sendUntilTaken(...samples: readonly Sample[]): Promise<number> {
    for (let tries = 1; ; tries++) {
      const isTaken = await this.send(...samples).then(
        () => true,
        () => false,
      )
      if (isTaken) return tries
      await this.runFor(500)
    }
  }

  batches(samples: readonly Sample[]): Batch[] {
    const nowMs = this.clock.nowMs()
    const rows = new RowBuffer()
    for (const [name, labels, value, tMs = nowMs] of samples) {
      const number = this.#table.intern(name, labelsOf(Object.entries(labels)))
      rows.push(number, tMs, value === 'stale' ? staleNaN : value)
    }
    return cutByPartition(
      { source: 'sender', receivedAtMs: nowMs, rows: rows.rows(), notes: [] },
      this.#table,
    )
  }

  // The file of the state lives in real time.
  runFor(durationMs: number): Promise<void> {
    return this.steady.runFor(durationMs, () => this.quiet())
  }

  // Until nothing is being saved, or what is waits for a test.
  async quiet(): Promise<void> {
    do {
      await Promise.allSettled(this.#saving)
      await this.steady.runFor(0)
    } while (this.#saving.size > 0)
  }

  // `+60s firing Hot host=a`, in seconds of the machine's clock since the beginning.
  said(seen: readonly AlertTransition[] = this.seen): string[] {
    return seen.map(each => {
      const [atMs, ...rest] = textOf(each).split(' ')
      return [`+${(Number(atMs) - this.startMs) / 1_000}s`, ...rest].join(' ')
    })
  }

  count(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const rows = this.own.samples(0).filter(({ series }) => series.name === name)
    const isMeant = (each: (typeof rows)[number]): boolean =>
      Object.entries(labels).every(([label, value]) => each.series.labels[label] === value)
    return rows.filter(isMeant).reduce((sum, { value }) => sum + value, 0)
  }

  get isDead(): boolean {
    return this.#life.isDead
  }

  // As another process has it.
  get state(): State {
    return this.#state!
  }

  async outbox(): Promise<number> {
    const rows = await this.state.db.selectFrom('alert_outbox').selectAll().execute()
    return rows.length
  }

  async close(): Promise<void> {
    this.#life.isDead = true
    await this.quiet()
    await this.#state?.close()
    rmSync(this.#folder, { recursive: true })
  }

  #guarded(state: State, step: (point: Point) => Promise<void>): State {
    type Statements = Parameters<State['write']>[0]
    const guarded = async <T>(statements: Statements, save: (them: Statements) => Promise<T>): Promise<T> => {
      const isTold = statements.every(each => each.compile().sql.startsWith('delete from "alert_outbox"'))
      await step(isTold ? 'before told' : 'before save')
      await this.gate
      if (this.stateFails > 0) {
        this.stateFails--
        throw new Failure('state_unavailable', 'the disk is away')
      }
      const saving = save(statements)
      const noted = saving.then(nothing, nothing)
      this.#saving.add(noted)
      const written = await saving.finally(() => this.#saving.delete(noted))
      if (!isTold) await step('after save')
      return written
    }
    return {
      db: state.db,
      write: statements => guarded(statements, state.write),
      writeFirst: statements => guarded(statements, state.writeFirst),
      append: statements => guarded(statements, state.append),
      transaction: work => state.transaction(work),
      backup: toFile => state.backup(toFile),
      health: () => state.health(),
      close: nothing,
    }
  }
}
