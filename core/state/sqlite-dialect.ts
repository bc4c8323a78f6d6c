// How kysely speaks to the SQLite file: two dialects over one thread, one that only reads and one whose every use
// is a transaction of its own. Called by sqlite.ts.
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Bindable, SqliteThread, Statement } from './sqlite-thread.ts'
import type { SqliteWriter } from './sqlite-writer.ts'

// Kysely's own waits for each answer before it asks again; the thread takes any number of questions.
class Adapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

const dialect = (driver: () => Driver): Dialect => ({
  createDriver: driver,
  createAdapter: () => new Adapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: db => new SqliteIntrospector(db),
})

export const statementOf = ({ sql, parameters }: CompiledQuery): Statement => ({
  sql,
  parameters: parameters as readonly Bindable[],
})

// The file is open for reading only: a statement that writes is refused by SQLite itself.
export function readingDialect(thread: SqliteThread): Dialect {
  const connection = connectionOf(async query => {
    if (query.query.kind !== 'SelectQueryNode' && query.query.kind !== 'RawNode') {
      throw new Error('state.db only reads: write by state.write() or state.transaction()')
    }
    return { rows: await thread.ask('read', statementOf(query)) }
  })
  const nothing = async (): Promise<void> => {}
  const refuse = async (): Promise<void> => {
    throw new Error('use state.transaction()')
  }
  return dialect(() => ({
    init: nothing,
    acquireConnection: async () => connection,
    releaseConnection: nothing,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    destroy: nothing,
  }))
}

type Exclusive = DatabaseConnection & { end: () => void; over: Error | undefined }

// A connection is the writer's turn. Once it has failed, or ended, whatever is still tried on it is refused: the
// file belongs to the next one.
export function writingDialect(thread: SqliteThread, writer: SqliteWriter): Dialect {
  async function acquireConnection(): Promise<Exclusive> {
    const end = await writer.turn()
    const connection: Exclusive = {
      ...connectionOf(async query => {
        if (connection.over !== undefined) throw connection.over
        try {
          const { rows, changed } = await thread.ask('within', statementOf(query))
          return { rows, numAffectedRows: BigInt(changed) }
        } catch (error) {
          // PostgreSQL refuses everything after a statement that failed, so this does too.
          connection.over ??= error as Error
          throw error
        }
      }),
      over: undefined,
      end,
    }
    return connection
  }
  async function commitTransaction(connection: DatabaseConnection): Promise<void> {
    const own = connection as Exclusive
    if (own.over !== undefined) throw own.over
    own.over = new Error('this transaction is committed')
    await thread.ask('commit', undefined)
  }
  async function rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const own = connection as Exclusive
    own.over ??= new Error('this transaction is rolled back')
    await thread.ask('rollback', undefined)
  }
  return dialect(() => ({
    init: async () => {},
    acquireConnection,
    releaseConnection: async connection => (connection as Exclusive).end(),
    beginTransaction: () => thread.ask('begin', undefined),
    commitTransaction,
    rollbackTransaction,
    destroy: async () => {},
  }))
}

type Rows = Readonly<{ rows: readonly unknown[]; numAffectedRows?: bigint }>

const connectionOf = (execute: (query: CompiledQuery) => Promise<Rows>): DatabaseConnection => ({
  async executeQuery<R>(query: CompiledQuery) {
    return (await execute(query)) as QueryResult<R>
  },
  // biome-ignore lint/correctness/useYield: the port has it, the state does without
  async *streamQuery() {
    throw new Error('the state does not stream: ask with a limit')
  },
})
