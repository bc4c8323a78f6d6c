// How an engine becomes a State: the order of its writers, the deadline of transactions, health, backups one after
// the other, and closing. Called by sqlite.ts and postgres.ts, which bring the engine.
import { type CompiledQuery, Kysely } from 'kysely'
import { type Clock, elapsedMs } from '../clock.ts'
import { type ErrorCode, Failure } from '../errors.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import type { State, StateHealth } from '../state.ts'
import { type Exclusive, type Grammar, readingDialect, writingDialect } from './dialect.ts'
import { migrate } from './migrate.ts'
import type { Migration } from './migrations.ts'
import type { Tables } from './tables.ts'
import { type AppendUnits, type CommitUnits, openWriter, type Writer } from './writer.ts'

export type StateEngine = Exclusive &
  Readonly<{
    // What errors call it: a file, or an address without a password.
    place: string
    grammar: Grammar
    read(query: CompiledQuery): Promise<readonly unknown[]>
    commitUnits: CommitUnits
    // Left out: it has nothing that is cheaper than a commit.
    append?: AppendUnits
    // Whether it answers; cheap.
    look(): Promise<void>
    // Whether it takes writes again, by writing; asked after a write failed.
    probe(): Promise<void>
    backup(toFile: string): Promise<void>
    end(): Promise<void>
  }>

export type AssembleOptions = Readonly<{
  clock: Clock
  own?: OwnMetrics | undefined
  transactionMaxMs: number
  // How long bringing the tables up to date may take.
  migrationMaxMs: number
  // Left out: those of this program.
  migrations?: readonly Migration[] | undefined
}>

// Brings the tables up to date first. When that fails, the engine is ended.
export async function assembleState(engine: StateEngine, options: AssembleOptions): Promise<State> {
  const { clock, own, transactionMaxMs, migrationMaxMs } = options
  const healthy = watchedHealth(engine)
  const writer = timed(openWriter(engine, healthy.see), own)
  const writing = new Kysely<Tables>({ dialect: writingDialect(engine.grammar, writer, engine) })
  const exclusively =
    (limitMs: number): State['transaction'] =>
    async work => {
      try {
        return await writing.transaction().execute(tx => within(limitMs, clock, () => work(tx)))
      } catch (error) {
        healthy.fear(error)
        throw error
      }
    }
  try {
    await exclusively(migrationMaxMs)(tx =>
      migrate(tx as unknown as Kysely<unknown>, clock.nowMs(), options.migrations),
    )
  } catch (error) {
    await engine.end()
    throw error instanceof Failure && error.code === 'state_newer'
      ? new Failure('state_newer', `${engine.place}: ${error.detail}`)
      : error
  }
  const transaction = exclusively(transactionMaxMs)
  let backups: Promise<void> = Promise.resolve()
  let closed: Promise<void> | undefined
  const open = <T>(work: () => Promise<T>): Promise<T> =>
    closed === undefined ? work() : Promise.reject(new Failure('stopping', 'the state is closed'))
  const close = async (): Promise<void> => {
    await Promise.allSettled([backups, writer.idle()])
    await engine.end()
  }
  return {
    db: new Kysely<Tables>({ dialect: readingDialect(engine.grammar, query => engine.read(query)) }),
    write: statements => open(() => writer.write(statements.map(each => each.compile()))),
    writeFirst: statements => open(() => writer.writeFirst(statements.map(each => each.compile()))),
    append: statements => open(() => writer.append(statements.map(each => each.compile()))),
    transaction: work => open(() => transaction(work)),
    backup: toFile =>
      open(() => {
        // One after the other, since two might have the same file in mind.
        backups = Promise.allSettled([backups]).then(() => engine.backup(toFile))
        return backups
      }),
    health: () => healthy.ask(),
    close() {
      closed ??= close()
      return closed
    },
  }
}

async function within<T>(limitMs: number, clock: Clock, work: () => Promise<T>): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const why = `a transaction of the state took longer than ${limitMs} ms and is rolled back`
  const timer = clock.after(limitMs, () => reject(new Failure('state_unavailable', why)))
  try {
    return await Promise.race([work(), tooLate])
  } finally {
    timer.cancel()
  }
}

const troubles = new Set<ErrorCode>([
  'data_folder_not_ours',
  'state_corrupt',
  'state_full',
  'state_refused',
  'state_unavailable',
])

// Remembers the last trouble of the engine, and tries again only when somebody asks.
function watchedHealth(engine: StateEngine): Readonly<{
  see(group: Readonly<{ error: Error | undefined }>): void
  fear(error: unknown): void
  ask(): Promise<StateHealth>
}> {
  let trouble = false
  const isTrouble = (error: unknown): boolean => error instanceof Failure && troubles.has(error.code)
  return {
    see({ error }) {
      trouble = isTrouble(error)
    },
    fear(error) {
      trouble ||= isTrouble(error)
    },
    async ask() {
      try {
        await (trouble ? engine.probe() : engine.look())
        trouble = false
        return { writable: true }
      } catch (error) {
        return { writable: false, reason: (error as Error).message }
      }
    },
  }
}

function timed(writer: Writer, own: OwnMetrics | undefined): Writer {
  if (own === undefined) return writer
  const seconds = own.histogram('plimsoll_state_write_seconds')
  const measured = async <T>(work: Promise<T>): Promise<T> => {
    const sinceMs = elapsedMs()
    try {
      return await work
    } finally {
      seconds.observe((elapsedMs() - sinceMs) / 1_000)
    }
  }
  return {
    ...writer,
    write: unit => measured(writer.write(unit)),
    writeFirst: unit => measured(writer.writeFirst(unit)),
    append: unit => measured(writer.append(unit)),
  }
}
