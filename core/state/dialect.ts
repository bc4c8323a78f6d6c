// How kysely reaches an engine of the state: two dialects over one, of which the first only reads, and each use of
// the second is a transaction of its own, in the order of the writer. Called by assemble.ts.
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely'
import type { Written } from '../state.ts'
import type { Writer } from './writer.ts'

// How the engine spells SQL.
export type Grammar = Pick<Dialect, 'createAdapter' | 'createIntrospector' | 'createQueryCompiler'>

// One at a time: from begin to commit or rollback.
export type Exclusive = Readonly<{
  begin(): Promise<void>
  within(query: CompiledQuery): Promise<Written>
  commit(): Promise<void>
  rollback(): Promise<void>
}>

const nothing = async (): Promise<void> => {}

// The engine refuses on its own what gets past this one, such as raw SQL that writes.
export function readingDialect(
  grammar: Grammar,
  read: (query: CompiledQuery) => Promise<readonly unknown[]>,
): Dialect {
  const connection = connectionOf(async query => {
    if (query.query.kind !== 'SelectQueryNode' && query.query.kind !== 'RawNode') {
      throw new Error('state.db only reads: write by state.write() or state.transaction()')
    }
    return { rows: await read(query) }
  })
  const refuse = async (): Promise<void> => {
    throw new Error('use state.transaction()')
  }
  return dialect(grammar, {
    init: nothing,
    acquireConnection: async () => connection,
    releaseConnection: nothing,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    destroy: nothing,
  })
}

type Turn = DatabaseConnection & { end: () => void; over: Error | undefined }

// A connection is the writer's turn. Once it has failed, or ended, whatever is still tried on it is refused: the
// state belongs to the next one.
export function writingDialect(grammar: Grammar, writer: Writer, exclusive: Exclusive): Dialect {
  async function acquireConnection(): Promise<Turn> {
    const end = await writer.turn()
    const connection: Turn = {
      ...connectionOf(async query => {
        if (connection.over !== undefined) throw connection.over
        try {
          const { rows, changed } = await exclusive.within(query)
          return { rows, numAffectedRows: BigInt(changed) }
        } catch (error) {
          // PostgreSQL refuses everything after a statement that failed, so SQLite does too.
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
    const own = connection as Turn
    if (own.over !== undefined) throw own.over
    own.over = new Error('this transaction is committed')
    await exclusive.commit()
  }
  async function rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const own = connection as Turn
    own.over ??= new Error('this transaction is rolled back')
    await exclusive.rollback()
  }
  return dialect(grammar, {
    init: nothing,
    acquireConnection,
    releaseConnection: async connection => (connection as Turn).end(),
    beginTransaction: () => exclusive.begin(),
    commitTransaction,
    rollbackTransaction,
    destroy: nothing,
  })
}

const dialect = (grammar: Grammar, driver: Driver): Dialect => ({ ...grammar, createDriver: () => driver })

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
