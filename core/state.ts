// Where decisions rest: users, tokens, the audit, later incidents and requests. One port, several engines
// (state/sqlite.ts, and state/postgres.ts for a fleet), and one contract test for all: test/core/state.contract.ts.
// SQL of rooms is what both engines understand; integers are at most 2^53, and yes or no is 1 or 0.
import type { Compilable, Kysely, Transaction } from 'kysely'
import type { Tables } from './state/tables.ts'

export interface State {
  // For reading, and for building the statements of write(). It cannot write by itself.
  readonly db: Kysely<Tables>
  // All of them or none, durable when it resolves. Statements of callers that wait share one commit, so this is
  // the road for everything that needs no answer in between.
  write(statements: readonly Compilable[]): Promise<readonly Written[]>
  // As write(), ahead of all that waits: for what is worth nothing when it comes late, such as renewing a lease.
  writeFirst(statements: readonly Compilable[]): Promise<readonly Written[]>
  // As write(), for what never fails by its content and needs no answer, such as rows that replace what was there: durable
  // when it resolves, and seen by whoever reads after that. In a storm it costs a tenth of a commit.
  append(statements: readonly Compilable[]): Promise<void>
  // For what must read before it writes. Nobody else writes meanwhile, so it is short: work that takes longer
  // than five seconds is rolled back. A statement that fails, fails the whole.
  transaction<T>(work: (tx: Transaction<Tables>) => Promise<T>): Promise<T>
  // A consistent copy while everything goes on. `toFile` is there, whole, when it resolves. PostgreSQL refuses, since
  // it has backups of its own.
  backup(toFile: string): Promise<void>
  // Whether writes are being taken just now, and if not why: for /-/ready.
  health(): Promise<StateHealth>
  // Resolves when everything under way is written.
  close(): Promise<void>
}

// `rows` are those of a `returning` clause; `changed` counts rows inserted, updated or deleted.
export type Written = Readonly<{ rows: readonly Readonly<Record<string, unknown>>[]; changed: number }>

export type StateHealth = Readonly<{ writable: true } | { writable: false; reason: string }>
