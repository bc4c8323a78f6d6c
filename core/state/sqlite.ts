// The state in one SQLite file: group commit, transactions, backup, health. The file lives in a thread of its own,
// because node:sqlite is synchronous. Opened by bin/ at start.
import { Kysely } from 'kysely'
import { type Clock, elapsedMs, realClock } from '../clock.ts'
import { type ErrorCode, Failure } from '../errors.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import type { State, StateHealth } from '../state.ts'
import { migrate } from './migrate.ts'
import type { Migration } from './migrations.ts'
import { readingDialect, statementOf, writingDialect } from './sqlite-dialect.ts'
import { type SqliteThread, startSqliteThread } from './sqlite-thread.ts'
import { openSqliteWriter, type SqliteWriter } from './sqlite-writer.ts'
import type { Tables } from './tables.ts'

export type SqliteOptions = Readonly<{
  file: string
  clock?: Clock
  own?: OwnMetrics
  // The file grows to this at most; then it is full, as the disk may be.
  maxBytes?: number
  transactionMaxMs?: number
  // Left out: those of this program.
  migrations?: readonly Migration[]
}>

export async function openSqliteState(options: SqliteOptions): Promise<State> {
  const { file, clock = realClock, own, maxBytes, transactionMaxMs = 5_000 } = options
  const thread = startSqliteThread(file)
  const healthy = watchedHealth(thread)
  const writer = timed(openSqliteWriter(thread, file, healthy.see), own)
  const writing = new Kysely<Tables>({ dialect: writingDialect(thread, writer) })
  const transaction: State['transaction'] = async work => {
    try {
      return await writing.transaction().execute(tx => within(transactionMaxMs, clock, () => work(tx)))
    } catch (error) {
      healthy.fear(error)
      throw error
    }
  }
  try {
    await thread.ask('open', { file, maxBytes })
    await transaction(tx => migrate(tx as unknown as Kysely<unknown>, clock.nowMs(), options.migrations))
  } catch (error) {
    await thread.end()
    throw error instanceof Failure && error.code === 'state_newer'
      ? new Failure('state_newer', `${file}: ${error.detail}`)
      : error
  }
  let backups: Promise<void> = Promise.resolve()
  let closed: Promise<void> | undefined
  const open = <T>(work: () => Promise<T>): Promise<T> =>
    closed === undefined ? work() : Promise.reject(new Failure('stopping', 'the state is closed'))
  const close = async (): Promise<void> => {
    await Promise.allSettled([backups, writer.idle()])
    await thread.ask('close', undefined).finally(() => thread.end())
  }
  return {
    db: new Kysely<Tables>({ dialect: readingDialect(thread) }),
    write: statements => open(() => writer.write(statements.map(each => statementOf(each.compile())))),
    transaction: work => open(() => transaction(work)),
    backup: toFile =>
      open(() => {
        // One after the other, since two might have the same file in mind.
        backups = Promise.allSettled([backups]).then(() => thread.ask('backup', toFile))
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
  const timer = clock.after(limitMs, () => reject(new Error(why)))
  try {
    return await Promise.race([work(), tooLate])
  } finally {
    timer.cancel()
  }
}

const fileTroubles = new Set<ErrorCode>([
  'data_folder_not_ours',
  'state_corrupt',
  'state_full',
  'state_unavailable',
])

// Remembers the last trouble of the file, and tries again only when somebody asks.
function watchedHealth(thread: SqliteThread): Readonly<{
  see(group: Readonly<{ error: Error | undefined }>): void
  fear(error: unknown): void
  ask(): Promise<StateHealth>
}> {
  let trouble = false
  const isTrouble = (error: unknown): boolean => error instanceof Failure && fileTroubles.has(error.code)
  return {
    see({ error }) {
      trouble = isTrouble(error)
    },
    fear(error) {
      trouble ||= isTrouble(error)
    },
    async ask() {
      try {
        if (trouble) await thread.ask('probe', undefined)
        else await thread.ask('read', { sql: 'select 1', parameters: [] })
        trouble = false
        return { writable: true }
      } catch (error) {
        return { writable: false, reason: (error as Error).message }
      }
    },
  }
}

function timed(writer: SqliteWriter, own: OwnMetrics | undefined): SqliteWriter {
  if (own === undefined) return writer
  const seconds = own.histogram('plimsoll_state_write_seconds')
  return {
    ...writer,
    async write(unit) {
      const sinceMs = elapsedMs()
      try {
        return await writer.write(unit)
      } finally {
        seconds.observe((elapsedMs() - sinceMs) / 1_000)
      }
    },
  }
}
