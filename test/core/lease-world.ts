// Several processes on one state, on a simulated clock: each may be paused and woken, killed, cut off from the state,
// and have its machine's clock set. Their work writes a row every half second; what was accepted is told in the order
// of its commits.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import {
  type CompiledQuery,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { type Clock, SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLeases } from '#core/lease/leases.ts'
import type { Lease, Leases, Work } from '#core/lease.ts'
import { type Log, openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { readingDialect } from '#core/state/dialect.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'

const startMs = 1_763_700_000_000
const stepMs = 100

// How the state is reached: at once; refused at once; or not answered until the road is open again, or the asker has
// had enough; or slowly, there and back. What is sent into a cut road arrives when it is open again, even if nobody waits for it any more; into a
// deaf one it arrives at once, and only the answer is lost. On a crowded one what is not sent first waits for others.
export type Road = 'open' | 'crowded' | 'slow' | 'away' | 'cut' | 'deaf'
const patienceMs = 12_000
const crowdedMs = 30_000
const slow = { thereMs: 300, backMs: 1_900 }

export type World = Awaited<ReturnType<typeof openLeaseWorld>>
export type Process = ReturnType<World['start']>
export type Accepted = Readonly<{ owner: string; epoch: number }>

export async function openLeaseWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-lease-'))
  const base = new SimulatedClock(startMs)
  const state = await openSqliteState({ file: join(folder, 'state.db'), clock: base })
  const processes: { underWay(): readonly Promise<unknown>[]; wake(): void }[] = []
  const told: string[] = []
  const secondsNow = (): number => (base.nowMs() - startMs) / 1_000
  const tell = (text: string): void => void told.push(`${secondsNow()}s ${text}`)
  let marks = 0

  // As far as nothing but time is left to wait for.
  async function settled(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      const asked = processes.flatMap(each => each.underWay())
      await Promise.allSettled(asked)
      await setImmediate()
      quiet = asked.length > 0 ? 0 : quiet + 1
    }
  }
  function start(name: string, options: Readonly<{ sole?: boolean; name?: string; work?: Work }> = {}) {
    const machine = openMachine(base)
    const road = openRoad(state, base, machine)
    processes.push({ underWay: road.underWay, wake: machine.wake })
    const own = openOwnMetrics()
    const log: Log = openLog({ clock: base, write: line => void logged.push(JSON.parse(line)) })
    const logged: Record<string, unknown>[] = []
    const leases: Leases = openLeases({
      state: road.state,
      owner: name,
      clock: machine.clock,
      log,
      own,
      sole: options.sole ?? false,
    })
    let current: Lease | undefined
    const marking: Work = async (lease, signal) => {
      tell(`${name} owns ${lease.epoch}`)
      current = lease
      signal.addEventListener('abort', () => {
        current = undefined
        tell(`${name} ends ${lease.epoch}: ${(signal.reason as Failure).code}`)
      })
      while (!signal.aborted) {
        await lease.write([mark(name, lease.epoch)]).catch(unlessAway)
        await machine.clock.sleep(500, signal)
      }
    }
    const campaign = leases.campaign(options.name ?? 'turn', options.work ?? marking)
    campaign.ended.catch(() => {})
    return {
      name,
      leases,
      campaign,
      own,
      logged,
      ...road,
      ...machine,
      lease: () => current,
      // As it sees it itself: a process that is paused sees nothing.
      isOwner: () => !machine.isPaused() && current?.isHeld() === true,
      // It never comes back.
      kill: () => machine.pause(),
    }
  }
  const mark = (owner: string, epoch: number) =>
    state.db.insertInto('audit').values({
      id: `m${marks++}`,
      at_ms: base.nowMs(),
      who: owner,
      what: 'marked',
      details: String(epoch),
    })
  return {
    state,
    startMs,
    nowMs: () => base.nowMs(),
    told,
    start,
    mark,
    settled,
    secondsNow,
    // `look` after each step.
    async runFor(durationMs: number, look: () => void = () => {}): Promise<void> {
      const untilMs = base.nowMs() + durationMs
      await settled()
      while (base.nowMs() < untilMs) {
        await base.runUntil(Math.min(untilMs, base.nowMs() + stepMs))
        await settled()
        look()
      }
    },
    // Without waiting for the state: for what happens in the middle of a transaction.
    passTime: (ms: number, settled?: () => Promise<void>) => base.runFor(ms, settled),
    // In the order of commits.
    async accepted(): Promise<Accepted[]> {
      const { rows } = await sql<Accepted>`
        select who as owner, cast(details as integer) as epoch from audit order by rowid`.execute(state.db)
      return [...rows]
    },
    rows: () => state.db.selectFrom('leases').selectAll().orderBy('name').execute(),
    async close(): Promise<void> {
      await settled()
      await state.close()
      rmSync(folder, { recursive: true })
    },
  }
}

const unlessAway = (error: unknown): void => {
  if (!(error instanceof Failure && error.code === 'state_unavailable')) throw error
}

let machines = 0

// A machine with clocks of its own. While it is paused nothing happens on it; then everything that is due does.
function openMachine(base: SimulatedClock) {
  const bootedMs = base.nowMs() - 123_456 * ++machines
  let skewMs = 0
  let asleep: PromiseWithResolvers<void> | undefined
  const clock: Clock = {
    nowMs: () => base.nowMs() + skewMs,
    monotonicMs: () => base.nowMs() - bootedMs,
    after(delayMs, wake) {
      let isCancelled = false
      const timer = base.after(delayMs, async () => {
        if (asleep !== undefined) await asleep.promise
        if (!isCancelled) wake()
      })
      return {
        cancel() {
          isCancelled = true
          timer.cancel()
        },
      }
    },
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const timer = clock.after(delayMs, resolve)
        signal?.addEventListener('abort', () => {
          timer.cancel()
          reject(signal.reason)
        })
      }),
  }
  return {
    clock,
    isPaused: () => asleep !== undefined,
    // Its answers have come meanwhile, and are read before any timer.
    awake: async () => {
      while (asleep !== undefined) await asleep.promise
    },
    pause() {
      asleep ??= Promise.withResolvers()
    },
    wake() {
      asleep?.resolve()
      asleep = undefined
    },
    setClock(byMs: number) {
      skewMs += byMs
    },
  }
}

const grammar = {
  createAdapter: () => new SqliteAdapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
}

function openRoad(real: State, base: SimulatedClock, machine: Readonly<{ awake(): Promise<void> }>) {
  let road: Road = 'open'
  let opened = Promise.withResolvers<void>()
  const underWay = new Set<Promise<unknown>>()
  const asked = { reads: 0, writes: 0 }

  async function busily<T>(ask: () => Promise<T>): Promise<T> {
    const answer = ask()
    underWay.add(answer)
    return answer.finally(() => underWay.delete(answer))
  }
  async function through<T>(ask: () => Promise<T>): Promise<T> {
    await machine.awake()
    const away = new Failure('state_unavailable', 'the road is closed')
    if (road === 'away') throw away
    if (road === 'open' || road === 'crowded' || road === 'slow') {
      const isSlow = road === 'slow'
      if (isSlow) await base.sleep(slow.thereMs)
      const answer = await settledOf(busily(ask))
      if (isSlow) await base.sleep(slow.backMs)
      await machine.awake()
      return answer()
    }
    const { promise: enough, reject } = Promise.withResolvers<never>()
    base.after(patienceMs, () => reject(away))
    const answer =
      road === 'deaf' ? settledOf(busily(ask)) : opened.promise.then(() => settledOf(busily(ask)))
    const came = await Promise.race([Promise.all([answer, opened.promise]), enough]).finally(machine.awake)
    return came[0]()
  }
  const read = async (query: CompiledQuery): Promise<readonly unknown[]> => {
    asked.reads++
    return through(async () => (await real.db.executeQuery(query)).rows)
  }
  const state: State = {
    ...real,
    db: new Kysely({ dialect: readingDialect(grammar, read) }),
    async write(statements) {
      asked.writes++
      if (road === 'crowded') await base.sleep(crowdedMs)
      return through(() => real.write(statements))
    },
    writeFirst(statements) {
      asked.writes++
      return through(() => real.writeFirst(statements))
    },
    transaction: work => through(() => real.transaction(work)),
  }
  return {
    state,
    asked,
    underWay: () => [...underWay],
    set(next: Road) {
      road = next
      if (next !== 'open') return
      opened.resolve()
      opened = Promise.withResolvers()
    },
  }
}

const settledOf = <T>(work: Promise<T>): Promise<() => T> =>
  work.then(
    value => () => value,
    error => () => {
      throw error
    },
  )
