// The roads to PostgreSQL: one connection for all that writes, made anew when it was lost, and a few for reading.
// Both end within their deadlines whatever the server does. Called by postgres.ts.
import type { CompiledQuery } from 'kysely'
import {
  Client,
  type ClientConfig,
  type CustomTypesConfig,
  Pool,
  type PoolClient,
  type QueryConfig,
  type QueryResult,
  types,
} from 'pg'
import { type Clock, realClock } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { Written } from '../state.ts'
import { failureOf, isLost } from './postgres-failure.ts'
import type { PostgresAddress } from './postgres-url.ts'

export const connectMaxMs = 5_000
const readersMax = 7
const readsWaitingMax = 10_000
// The server gives up first and says why; this is for one that does not answer at all.
const silenceMs = 2_000

// As SQLite answers: integers and sums are numbers, yes and no are 1 and 0.
const { BOOL, INT8, NUMERIC } = types.builtins
const asSqlite: CustomTypesConfig = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') => {
    if (id === INT8 || id === NUMERIC) return Number
    if (id === BOOL) return (text: string) => (text === 't' ? 1 : 0)
    return types.getTypeParser(id, format as 'text')
  }) as CustomTypesConfig['getTypeParser'],
}

const configOf = (address: PostgresAddress, statementMaxMs: number): ClientConfig => ({
  host: address.host,
  port: address.port,
  database: address.database,
  user: address.user,
  ...(address.password === undefined ? {} : { password: address.password.reveal() }),
  ssl: address.ssl,
  application_name: 'plimsoll',
  connectionTimeoutMillis: connectMaxMs,
  statement_timeout: statementMaxMs,
  idle_in_transaction_session_timeout: statementMaxMs,
  keepAlive: true,
  types: asSqlite,
})

export type PostgresReaders = Readonly<{
  read(query: CompiledQuery): Promise<readonly unknown[]>
  end(): Promise<void>
}>

export function openReaders(address: PostgresAddress, statementMaxMs: number): PostgresReaders {
  const pool = new Pool({
    ...configOf(address, statementMaxMs),
    options: '-c default_transaction_read_only=on',
    max: readersMax,
    query_timeout: statementMaxMs + silenceMs,
  })
  // A connection that is lost while nobody uses it; the next question makes a new one. The pool listens to those that lie
  // in it: whoever has one between two questions, or is just given it, would have nobody who listens.
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
  return {
    async read({ sql, parameters }) {
      if (pool.ending) throw new Failure('stopping', 'the state is closed')
      if (pool.waitingCount >= readsWaitingMax) {
        throw new Failure('overloaded', `${readsWaitingMax} questions to ${address.place} wait already`)
      }
      let client: PoolClient | undefined
      try {
        client = await pool.connect()
        const { rows } = await client.query(sql, [...parameters])
        client.release()
        return rows
      } catch (error) {
        client?.release(isLost(error))
        throw failureOf(error, address.place)
      }
    },
    end: () => pool.end(),
  }
}

export type PostgresLink = Readonly<{
  // Several statements without parameters, connecting first where there is no connection.
  script(sql: string, limitMs: number): Promise<void>
  // On the connection of the last script, or not at all: what began on a lost one does not go on on another.
  // Those sent without waiting are answered in their order, and the time of each begins when the one before it was
  // answered: a slow server that works through many of them is not one that hangs.
  query(query: CompiledQuery, limitMs: number): Promise<Written>
  // Gives the connection up; the server undoes what was not committed.
  drop(): void
  end(): Promise<void>
}>

export function openLink(
  address: PostgresAddress,
  statementMaxMs: number,
  clock: Clock = realClock,
): PostgresLink {
  let current: Client | undefined
  // When the last one asked on it has its answer, or will never have one.
  let answered: Promise<unknown> = Promise.resolve()
  const dropped = new WeakSet<Client>()

  // All who wait on a lost one drop it, and it says so itself: it is ended once. What hangs on it pg cuts off.
  function drop(client = current): void {
    if (client === current) current = undefined
    if (client === undefined || dropped.has(client)) return
    dropped.add(client)
    client.end().catch(() => {})
  }

  async function connected(): Promise<Client> {
    if (current !== undefined) return current
    const client = new Client({ ...configOf(address, statementMaxMs), pipeline: true })
    client.on('error', () => drop(client))
    client.on('end', () => drop(client))
    answered = Promise.resolve()
    try {
      await client.connect()
      // What is said to be durable is, also where the server's own setting is lax.
      const text = `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`
      await ask(client, { text }, statementMaxMs)
    } catch (error) {
      drop(client)
      throw error
    }
    current = client
    return client
  }

  async function ask(client: Client, question: QueryConfig, limitMs: number): Promise<QueryResult> {
    const maxMs = limitMs + silenceMs
    const answer = client.query(question)
    const before = answered
    answered = answer.catch(() => {})
    await before
    // All who wait on it hear this.
    const giveUp = () => client.connection.stream.destroy(new Error(`no answer for ${maxMs} ms`))
    const patience = clock.after(maxMs, giveUp)
    try {
      return await answer
    } catch (error) {
      if (isLost(error)) drop(client)
      throw failureOf(error, address.place)
    } finally {
      patience.cancel()
    }
  }

  return {
    async script(sql, limitMs) {
      const client = await connected().catch(error => {
        throw failureOf(error, address.place)
      })
      await ask(client, { text: sql }, limitMs)
    },
    async query({ sql, parameters }, limitMs) {
      const client = current
      if (client === undefined)
        throw new Failure('state_unavailable', `${address.place}: the connection was lost`)
      const asked = { text: sql, values: [...parameters] }
      const { rows, rowCount, command } = await ask(client, asked, limitMs)
      return { rows, changed: command === 'SELECT' ? rows.length : (rowCount ?? 0) }
    },
    drop: () => drop(),
    async end() {
      const client = current
      current = undefined
      await client?.end()
    },
  }
}
