// How a process writes to PostgreSQL alone: the lock of the state, then statements, then commit or rollback; and how
// the units of many callers share one commit. Called by postgres.ts.
import { CompiledQuery } from 'kysely'
import { elapsedMs } from '../clock.ts'
import type { Written } from '../state.ts'
import type { Exclusive } from './dialect.ts'
import { isFailureOfServer } from './postgres-failure.ts'
import type { PostgresLink } from './postgres-link.ts'
import type { Answer, CommitUnits, Unit } from './writer.ts'

// Of the database, for all processes of all versions: "Plimsoll" as a number.
const lock = '5795122739328019564'

// Nobody of ours holds a row or a table now, so whoever does is an outsider: VACUUM FULL, REINDEX, somebody at psql. It is
// waited for this share of the limit, so that owners renew their leases in between, also where several processes wait in
// turn. (Autovacuum steps aside by itself.)
const outsiderShare = 0.1

export const raw = (sql: string): CompiledQuery => CompiledQuery.raw(sql)

export function exclusiveOn(link: PostgresLink, limit: () => number): Exclusive {
  const exclusive: Exclusive = {
    async begin() {
      const limitMs = limit()
      // One owner may sleep until the server ends it, and the next one work as long as it may.
      const lockMaxMs = 2 * limitMs
      const steps = [
        // Each statement sees what was there before it: with another default it would be what was there before the lock.
        'begin isolation level read committed',
        `set local statement_timeout = ${lockMaxMs}`,
        `select pg_advisory_xact_lock(${lock})`,
        `set local statement_timeout = ${limitMs}`,
        `set local lock_timeout = ${limitMs * outsiderShare}`,
      ]
      try {
        await link.script(steps.join('; '), lockMaxMs)
      } catch (error) {
        await exclusive.rollback()
        throw error
      }
    },
    within: query => link.query(query, limit()),
    async commit() {
      await link.query(raw('commit'), limit())
    },
    async rollback() {
      // On a connection that does not even do that, or is gone, the server does it by itself.
      await link.query(raw('rollback'), limit()).catch(() => link.drop())
    },
  }
  return exclusive
}

// What goes out at once should keep the server busy for so long, and no more goes out when a group has had the lock for
// so long: others must be able to renew their leases, in this process and elsewhere.
const aimMs = 100
const holdMs = 150

// As many as may well share one commit, at the pace that the server has just now. Their statements go out without waiting
// for each other's answers: few at first, then twice as many each time, as long as the server is quick.
export function openCommits(exclusive: Exclusive, nowMs: () => number = elapsedMs): CommitUnits {
  // How many statements may go out at once.
  let many = 1

  // At least one unit goes out. None has an answer when it was one of several that failed: which one shows when they
  // are tried again.
  async function carryOut(units: readonly Unit[]): Promise<readonly Answer[]> {
    const some = firstOf(units, many)
    const done = await together(exclusive, some.flat())
    if (done instanceof Error) {
      many = 1
      return some.length === 1 ? [done] : []
    }
    const [written, tookMs] = done
    // The pace is that of the server by its own clock: on a busy machine of ours answers are read late. Few statements that
    // are quick do not tell that many would be, and make it forget by halves that many were.
    const most = Math.max(2 * written.length, many / 2)
    many = Math.max(1, Math.floor(Math.min(most, (written.length * aimMs) / tookMs)))
    return some.map(unit => written.splice(0, unit.length))
  }
  return async units => {
    await exclusive.begin()
    try {
      const answers: Answer[] = []
      const sinceMs = nowMs()
      do answers.push(...(await carryOut(units.slice(answers.length))))
      while (answers.length < units.length && nowMs() - sinceMs < holdMs)
      await exclusive.commit()
      return answers
    } catch (error) {
      await exclusive.rollback()
      throw error
    }
  }
}

// At least one.
function firstOf(units: readonly Unit[], statementsMax: number): readonly Unit[] {
  let to = 1
  let statements = units[0]!.length
  while (to < units.length && statements + units[to]!.length <= statementsMax)
    statements += units[to++]!.length
  return units.slice(0, to)
}

const savepoint = raw('savepoint units')
const undo = raw('rollback to savepoint units')
const release = raw('release savepoint units')
const time = raw('select extract(epoch from clock_timestamp())::float8 * 1000 as ms')
const timeIn = (answer: Written): number => answer.rows[0]?.['ms'] as number

// All of them and how long that took, or none and the error of the first one that failed. That of the server or the
// road is thrown.
async function together(
  exclusive: Exclusive,
  queries: readonly CompiledQuery[],
): Promise<Error | [Written[], tookMs: number]> {
  try {
    const [, began, ...written] = await allOf(exclusive, [savepoint, time, ...queries, time, release])
    const ended = written.splice(queries.length)[0]!
    return [written, timeIn(ended) - timeIn(began!)]
  } catch (error) {
    if (isFailureOfServer(error)) throw error
    await allOf(exclusive, [undo, release])
    return error as Error
  }
}

// The first error tells what was wrong; those after it only that something was.
async function allOf(exclusive: Exclusive, queries: readonly CompiledQuery[]): Promise<Written[]> {
  const answers = await Promise.allSettled(queries.map(query => exclusive.within(query)))
  return answers.map(answer => {
    if (answer.status === 'rejected') throw answer.reason
    return answer.value
  })
}
