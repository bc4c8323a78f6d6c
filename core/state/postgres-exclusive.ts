// How a process writes to PostgreSQL alone: the lock of the state, then statements, then commit or rollback; and how
// the units of many callers share one commit. Called by postgres.ts.
import { CompiledQuery } from 'kysely'
import type { Written } from '../state.ts'
import type { Exclusive } from './dialect.ts'
import { isFailureOfServer } from './postgres-failure.ts'
import type { PostgresLink } from './postgres-link.ts'
import type { Unit } from './writer.ts'

// Of the database, for all processes of all versions: "Plimsoll" as a number.
const lock = '5795122739328019564'

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

// All go out without waiting for answers: three round trips for a group, however large. Only when one fails, they
// are tried again one by one.
export async function commitUnits(
  exclusive: Exclusive,
  units: readonly Unit[],
): Promise<readonly (Error | readonly Written[])[]> {
  const together = await attempt(exclusive, async () => {
    const answers = await allOf(exclusive, units.flat())
    return units.map(unit => answers.splice(0, unit.length))
  })
  if (!(together instanceof Error)) return together
  if (units.length === 1) return [together]
  const apart = await attempt(exclusive, async () => {
    const answers: (Error | readonly Written[])[] = []
    for (const unit of units) answers.push(await alone(exclusive, unit))
    return answers
  })
  if (apart instanceof Error) throw apart
  return apart
}

// Commits what the work did. The error of a statement is the answer; that of the server or the road is thrown.
async function attempt<T>(exclusive: Exclusive, work: () => Promise<T>): Promise<T | Error> {
  await exclusive.begin()
  try {
    const answer = await work()
    await exclusive.commit()
    return answer
  } catch (error) {
    await exclusive.rollback()
    if (isFailureOfServer(error)) throw error
    return error as Error
  }
}

async function alone(exclusive: Exclusive, unit: Unit): Promise<Error | readonly Written[]> {
  try {
    const [, ...written] = await allOf(exclusive, [raw('savepoint unit'), ...unit])
    await exclusive.within(raw('release savepoint unit'))
    return written
  } catch (error) {
    if (isFailureOfServer(error)) throw error
    await exclusive.within(raw('rollback to savepoint unit'))
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
