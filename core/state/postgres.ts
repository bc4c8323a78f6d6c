// The state in PostgreSQL, for several processes at once: whoever writes holds one lock of the database, so that
// "nobody else writes meanwhile" is as true for a fleet as in one file. Opened by bin/ at start.
//
// The lock is freed by the commit, by the end of its connection, and by the server itself when its owner sleeps in
// the middle of a transaction. A connection lost during a commit is told as state_unavailable although the commit may
// have happened: as with every failed write, the caller repeats what can be repeated.
import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { type Clock, realClock } from '../clock.ts'
import { Failure } from '../errors.ts'
import type { OwnMetrics } from '../own-metrics.ts'
import type { Secret } from '../secret.ts'
import type { State } from '../state.ts'
import { assembleState, type StateEngine } from './assemble.ts'
import type { Grammar } from './dialect.ts'
import type { Migration } from './migrations.ts'
import { exclusiveOn, openCommits, raw } from './postgres-exclusive.ts'
import { openLink, openReaders } from './postgres-link.ts'
import { addressOf } from './postgres-url.ts'

export type PostgresOptions = Readonly<{
  url: Secret | string
  clock?: Clock
  own?: OwnMetrics
  transactionMaxMs?: number
  migrationMaxMs?: number
  // Left out: those of this program.
  migrations?: readonly Migration[]
}>

export async function openPostgresState(options: PostgresOptions): Promise<State> {
  const { clock = realClock, own, migrations } = options
  const { transactionMaxMs = 5_000, migrationMaxMs = 600_000 } = options
  const address = addressOf(options.url)
  const readers = openReaders(address, transactionMaxMs)
  const link = openLink(address, transactionMaxMs)
  // Others that start at the same time wait as long as bringing the tables up to date may take.
  let limitMs = migrationMaxMs
  const exclusive = exclusiveOn(link, () => limitMs)
  const engine: StateEngine = {
    ...exclusive,
    place: address.place,
    grammar,
    read: query => readers.read(query),
    commitUnits: openCommits(exclusive),
    async look() {
      const [row] = await readers.read(raw('select pg_is_in_recovery() as standby'))
      if ((row as { standby: number }).standby === 1) {
        throw new Failure('state_unavailable', `${address.place}: it is a standby, which takes no writes`)
      }
    },
    async probe() {
      // On a connection of its own: the other one belongs to whoever writes. A number for the transaction is
      // written, and the rest asks whether we may.
      const own = openLink(address, transactionMaxMs)
      const steps = 'begin; select pg_current_xact_id(); delete from plimsoll_migrations where false; commit'
      // Nobody waits for a goodbye: a peer that vanishes now would never say it.
      await own.script(steps, transactionMaxMs).finally(() => own.drop())
    },
    async backup() {
      throw new Failure('backup_elsewhere', `${address.place}: back it up by pg_dump --format=custom`)
    },
    async end() {
      await Promise.allSettled([link.end(), readers.end()])
    },
  }
  const state = await assembleState(engine, { clock, own, transactionMaxMs, migrationMaxMs, migrations })
  limitMs = transactionMaxMs
  return state
}

const grammar: Grammar = {
  createAdapter: () => new PostgresAdapter(),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createIntrospector: db => new PostgresIntrospector(db),
}
