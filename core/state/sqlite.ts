// The state in one SQLite file. The file lives in a thread of its own, because node:sqlite is synchronous. Opened by
// bin/ at start.
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type CompiledQuery, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { type Clock, realClock } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import type { State } from '../state.ts'
import { assembleState, type StateEngine } from './assemble.ts'
import type { Grammar } from './dialect.ts'
import type { Migration } from './migrations.ts'
import { Packed } from './packed.ts'
import { failureOf } from './sqlite-failure.ts'
import { damageOfLog } from './sqlite-log.ts'
import { type Bindable, type SqliteThread, type Statement, startSqliteThread } from './sqlite-thread.ts'

export type SqliteOptions = Readonly<{
  file: string
  clock?: Clock
  own?: OwnMetrics
  // The file grows to this at most; then it is full, as the disk may be.
  maxBytes?: number
  transactionMaxMs?: number
  // An index over years of facts takes its time, and a start that gives up begins anew.
  migrationMaxMs?: number
  // Left out: those of this program.
  migrations?: readonly Migration[]
}>

export async function openSqliteState(options: SqliteOptions): Promise<State> {
  const { file, clock = realClock, own, maxBytes, migrations } = options
  const { transactionMaxMs = 5_000, migrationMaxMs = 600_000 } = options
  const damage = damageOfLog(file) ?? emptied(file)
  if (damage !== undefined) throw new Failure('state_corrupt', damage)
  const thread = startSqliteThread()
  try {
    await thread.ask('open', { file, maxBytes })
  } catch (error) {
    await thread.end()
    throw error
  }
  const engine = sqliteEngine(thread, file)
  return assembleState(engine, { clock, own, transactionMaxMs, migrationMaxMs, migrations })
}

// For SQLite a file without a byte is a new one. We leave none (the worker begins one under another name), but somebody
// else may have made it. What is asked about here is made when there are tables: the token of access.ts, rows ahead of
// them, and samples.
function emptied(file: string): string | undefined {
  if (statSync(file, { throwIfNoEntry: false })?.size !== 0) return undefined
  const folder = dirname(file)
  const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? -1
  const series = join(folder, 'store', 'series.log')
  const later = [join(folder, 'token'), `${file}-ahead`].find(path => sizeOf(path) >= 0)
  const found = later ?? (sizeOf(series) > 0 ? series : undefined)
  return found === undefined ? undefined : `${file} is empty, and ${found} shows that it was not`
}

// Kysely's own waits for each answer before it asks again; the thread takes any number of questions.
class Adapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

const grammar: Grammar = {
  createAdapter: () => new Adapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: db => new SqliteIntrospector(db),
}

const statementOf = (query: CompiledQuery): Statement =>
  query instanceof Packed && query.bytes !== undefined
    ? { sql: query.sql, parameters: query.bytes }
    : { sql: query.sql, parameters: query.parameters as readonly Bindable[] }

const sqliteEngine = (thread: SqliteThread, file: string): StateEngine => ({
  place: file,
  grammar,
  // The connection behind this one is open for reading only.
  read: query => thread.ask('read', statementOf(query)),
  async commitUnits(units) {
    const answers = await thread.ask(
      'group',
      units.map(unit => unit.map(statementOf)),
    )
    return answers.map(answer => ('trouble' in answer ? failureOf(answer, file) : answer))
  },
  append: units =>
    thread.ask(
      'append',
      units.map(unit => unit.map(statementOf)),
    ),
  begin: () => thread.ask('begin', undefined),
  within: query => thread.ask('within', statementOf(query)),
  commit: () => thread.ask('commit', undefined),
  rollback: () => thread.ask('rollback', undefined),
  look: () => thread.ask('look', undefined),
  probe: () => thread.ask('probe', undefined),
  backup: toFile => thread.ask('backup', toFile),
  end: () => thread.ask('close', undefined).finally(() => thread.end()),
})
