// The state in a real PostgreSQL: the contract of every engine, and what only a server can suffer.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { migrations } from '#core/state/migrations.ts'
import { openPostgresState, type PostgresOptions } from '#core/state/postgres.ts'
import type { State } from '#core/state.ts'
import { stateContract } from '../core/state.contract.ts'
import { type Postgres, startPostgres } from '../engines/postgres.ts'

let folder: string
let postgres: Postgres
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-live-'))
  postgres = await startPostgres(folder)
})
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true })
})

// Beside the state, as whoever has the database in his hands.
async function ask(text: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: postgres.urlOf(database) })
  await client.connect()
  return client
    .query(text)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

let made = 0
async function newDatabase(): Promise<string> {
  const name = `state_${++made}`
  await ask(`create database ${name}`)
  return name
}
const dropDatabase = async (name: string): Promise<void> => {
  await ask(`drop database ${name} with (force)`)
}

stateContract('PostgreSQL', async () => {
  const database = await newDatabase()
  return {
    open: options => openPostgresState({ url: postgres.urlOf(database), ...options }),
    dispose: () => dropDatabase(database),
  }
})

describe('a server', () => {
  let database: string
  let url: string
  let opened: State[] = []
  beforeEach(async () => {
    database = await newDatabase()
    url = postgres.urlOf(database)
  })
  afterEach(async () => {
    postgres.wake()
    for (const each of opened) await each.close()
    opened = []
    await dropDatabase(database)
  })

  async function open(options: Partial<PostgresOptions> = {}): Promise<State> {
    const state = await openPostgresState({ url, ...options })
    opened.push(state)
    return state
  }
  const row = (id: string, details = '0') => ({ id, at_ms: 1, who: 'w', what: 'x', details })
  const insert = (state: State, id: string, details?: string) =>
    state.db.insertInto('audit').values(row(id, details))
  const ids = async (state: State): Promise<string[]> =>
    (await state.db.selectFrom('audit').select('id').orderBy('id').execute()).map(each => each.id)
  const sessions = async (): Promise<number> => {
    const rows = await ask(
      `select pid from pg_stat_activity where datname = '${database}' and application_name = 'plimsoll'`,
    )
    return rows.length
  }
  const unavailable = { code: 'state_unavailable' }

  test('several processes that start at once bring the tables up to date once', async () => {
    let ran = 0
    const slow = {
      name: '9000-slow',
      up: async () => {
        ran++
      },
    }
    const states = await Promise.all(
      [...Array(4).keys()].map(() => open({ migrations: [...migrations, slow] })),
    )
    expect(ran).toBe(1)
    await Promise.all(states.map((state, at) => state.write([insert(state, `n${at}`)])))
    expect(await ids(states[0]!)).toEqual(['n0', 'n1', 'n2', 'n3'])
  })

  // With the second one a transaction would see what was written before it waited for its turn.
  test.each(['read committed', 'repeatable read'])(
    'transactions of several processes do not lose each other, where the default is %s',
    async isolation => {
      await ask(`alter database ${database} set default_transaction_isolation = '${isolation}'`)
      const states = [await open(), await open(), await open()]
      await states[0]!.write([insert(states[0]!, 'a')])
      const addOne = (state: State) =>
        state.transaction(async tx => {
          const { details } = await tx.selectFrom('audit').select('details').executeTakeFirstOrThrow()
          await tx
            .updateTable('audit')
            .set({ details: String(Number(details) + 1) })
            .execute()
        })
      await Promise.all(states.flatMap(state => [...Array(20).keys()].map(() => addOne(state))))
      expect(await states[0]!.db.selectFrom('audit').select('details').execute()).toEqual([{ details: '60' }])
    },
  )

  test('nobody of another process writes during a transaction', async () => {
    const [one, other] = [await open(), await open()]
    const order: string[] = []
    let writing: Promise<void> | undefined
    await one.transaction(async tx => {
      writing = other.write([insert(other, 'b')]).then(() => {
        order.push('other')
      })
      await tx.insertInto('audit').values(row('a')).execute()
      await sql`select pg_sleep(0.2)`.execute(tx)
      order.push('one')
    })
    await writing
    expect(order).toEqual(['one', 'other'])
  })

  test('an owner that falls asleep in a transaction loses it, and others go on', async () => {
    // On a clock that stands still its own deadline never comes: as in a process that is stopped.
    const sleeper = await open({ clock: new SimulatedClock(1_000), transactionMaxMs: 300 })
    const other = await open({ transactionMaxMs: 300 })
    const { promise: asleep, resolve: wake } = Promise.withResolvers<void>()
    const began = Promise.withResolvers<void>()
    const slept = sleeper.transaction(async tx => {
      await tx.insertInto('audit').values(row('late')).execute()
      began.resolve()
      await asleep
    })
    await began.promise
    await other.write([insert(other, 'b')])
    wake()
    await expect(slept).rejects.toMatchObject(unavailable)
    expect(await ids(other)).toEqual(['b'])
    await sleeper.write([insert(sleeper, 'c')])
    expect(await ids(sleeper)).toEqual(['b', 'c'])
  })

  test('a server that stops and starts again: refused meanwhile, and then all goes on', async () => {
    const state = await open()
    await state.write([insert(state, 'before')])
    await ids(state)
    await postgres.stop()
    await expect(state.write([insert(state, 'meanwhile')])).rejects.toMatchObject(unavailable)
    await expect(state.transaction(async tx => tx.deleteFrom('audit').execute())).rejects.toMatchObject(
      unavailable,
    )
    await expect(ids(state)).rejects.toMatchObject(unavailable)
    expect(await state.health()).toMatchObject({ writable: false })
    await postgres.restart()
    expect(await state.health()).toEqual({ writable: true })
    await state.write([insert(state, 'then')])
    expect(await ids(state)).toEqual(['before', 'then'])
  })

  test('killed under load: what was acknowledged is there, and nothing twice or half', async () => {
    const state = await open()
    const acknowledged: string[] = []
    let stop = false
    let refused = 0
    const writers = [...Array(8).keys()].map(async at => {
      for (let count = 0; !stop; count++) {
        const id = `${at}-${count}`
        try {
          await state.write([insert(state, `${id}-a`), insert(state, `${id}-b`)])
          acknowledged.push(`${id}-a`, `${id}-b`)
        } catch (error) {
          refused++
          expect(error).toMatchObject(unavailable)
          await new Promise(resolve => setTimeout(resolve, 20))
        }
      }
    })
    await expect.poll(() => acknowledged.length).toBeGreaterThan(200)
    await postgres.kill()
    await expect.poll(() => refused).toBeGreaterThan(0)
    await postgres.restart()
    const before = acknowledged.length
    await expect.poll(() => acknowledged.length).toBeGreaterThan(before + 200)
    stop = true
    await Promise.all(writers)
    const found = new Set(await ids(state))
    expect(acknowledged.filter(id => !found.has(id))).toEqual([])
    // A commit whose answer was lost may have happened, but as a whole.
    const halves = [...found].filter(
      id => !found.has(id.endsWith('a') ? id.replace(/a$/, 'b') : id.replace(/b$/, 'a')),
    )
    expect(halves).toEqual([])
  })

  test.each(['disable', 'require'])(
    'a server that does not answer holds nobody up for long (TLS: %s)',
    async mode => {
      const state = await open({ url: `${url}?sslmode=${mode}`, transactionMaxMs: 200 })
      await state.write([insert(state, 'a')])
      await ids(state)
      const warned: Error[] = []
      const note = (warning: Error): void => void warned.push(warning)
      process.on('warning', note)
      postgres.pause()
      const writes = [...Array(20).keys()].map(at => state.write([insert(state, `meanwhile${at}`)]))
      for (const each of [ids(state), ...writes]) await expect(each).rejects.toMatchObject(unavailable)
      postgres.wake()
      process.off('warning', note)
      expect(warned).toEqual([])
      await state.write([insert(state, 'b')])
      expect(await ids(state)).toEqual(expect.arrayContaining(['a', 'b']))
    },
  )

  test('a slow server is used at its pace: only a statement has a time, not what stands before it', async () => {
    // Given up after 2.3 s without an answer.
    const state = await open({ transactionMaxMs: 300 })
    const slow = { compile: () => sql`select pg_sleep(0.2)`.compile(state.db) }
    const sinceMs = performance.now()
    await state.write([...Array(13).fill(slow), insert(state, 'a')])
    const one = [...Array(13).keys()].map(at => state.write([slow, insert(state, `n${at}`)]))
    await Promise.all(one)
    expect(performance.now() - sinceMs).toBeGreaterThan(5_200)
    expect(await ids(state)).toHaveLength(14)
  })

  test('of a burst on a slow server others of the fleet wait for a part of it only', async () => {
    const [state, other] = [await open(), await open()]
    const slow = { compile: () => sql`select pg_sleep(0.05)`.compile(state.db) }
    const burst = Promise.all([...Array(100).keys()].map(() => state.write([slow])))
    let isOver = false
    const longest = { here: 0, there: 0 }
    const wait = async (where: keyof typeof longest, write: () => Promise<unknown>): Promise<void> => {
      while (!isOver) {
        const sinceMs = performance.now()
        await write()
        longest[where] = Math.max(longest[where], performance.now() - sinceMs)
      }
    }
    const touch = (of: State) => [of.db.updateTable('leases').set({ beat: 1 })]
    const waits = [
      wait('here', () => state.writeFirst(touch(state))),
      wait('there', () => other.write(touch(other))),
    ]
    await burst
    isOver = true
    await Promise.all(waits)
    // Of five seconds in all. A lease must be renewed within three.
    expect(longest.here).toBeLessThan(2_000)
    expect(longest.there).toBeLessThan(2_000)
    console.log(`longest wait here ${Math.round(longest.here)} ms, there ${Math.round(longest.there)} ms`)
  })

  test('while an outsider holds a table, others of the fleet renew their leases', async () => {
    const [state, other] = [await open(), await open()]
    const outsider = new Client({ connectionString: url })
    await outsider.connect()
    await outsider.query('begin; lock table audit')
    const refusals: unknown[] = []
    let isOver = false
    const trying = (async () => {
      while (!isOver) await state.write([insert(state, 'a')]).catch(error => refusals.push(error))
    })()
    let longestMs = 0
    for (let turn = 0; turn < 4; turn++) {
      await expect.poll(() => refusals.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(turn)
      const sinceMs = performance.now()
      await other.writeFirst([other.db.updateTable('leases').set({ beat: 1 })])
      longestMs = Math.max(longestMs, performance.now() - sinceMs)
    }
    await outsider.query('rollback')
    await outsider.end()
    isOver = true
    await trying
    expect(refusals[0]).toMatchObject(unavailable)
    console.log(`longest wait beside a table that is held: ${Math.round(longestMs)} ms`)
    expect(longestMs).toBeLessThan(1_500)
  })

  test('sessions that the server ends are made anew', async () => {
    const state = await open()
    await ids(state)
    await state.write([insert(state, 'a')])
    expect(await sessions()).toBe(2)
    await ask(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`)
    await expect.poll(sessions).toBe(0)
    await state.write([insert(state, 'b')])
    expect(await ids(state)).toEqual(['a', 'b'])
  })

  test('keeps to eight sessions, however much is asked', async () => {
    const state = await open()
    const asking = Promise.all([...Array(200).keys()].map(() => ids(state)))
    await Promise.all([...Array(200).keys()].map(at => state.write([insert(state, `n${at}`)])))
    expect(await sessions()).toBeLessThanOrEqual(8)
    await asking
    await state.close()
    await expect.poll(sessions).toBe(0)
    await expect(ids(state)).rejects.toMatchObject({ code: 'stopping' })
  })

  test('a statement that takes too long is ended by the server', async () => {
    const state = await open({ transactionMaxMs: 1_500 })
    const sleep = sql`select pg_sleep(30)`
    await expect(sleep.execute(state.db)).rejects.toMatchObject(unavailable)
    await expect(state.transaction(tx => sleep.execute(tx))).rejects.toThrow()
    await state.write([insert(state, 'a')])
  })

  test('answers as SQLite does: numbers for integers, sums and truths', async () => {
    const state = await open()
    await state.write([
      state.db.insertInto('audit').values({ ...row('a'), at_ms: Number.MAX_SAFE_INTEGER - 1 }),
    ])
    const { rows } = await sql`
      select at_ms, count(*) as counted, sum(at_ms) as total, at_ms > 3 as later, null as nothing
      from audit group by at_ms`.execute(state.db)
    const atMs = Number.MAX_SAFE_INTEGER - 1
    expect(rows).toEqual([{ at_ms: atMs, counted: 1, total: atMs, later: 1, nothing: null }])
  })

  test('commits are durable even where the server is set to be lax', async () => {
    await ask(`alter database ${database} set synchronous_commit = off`)
    const state = await open()
    const answer = await state.transaction(async tx =>
      sql<{ setting: string }>`select current_setting('synchronous_commit') as setting`.execute(tx),
    )
    expect(answer.rows).toEqual([{ setting: 'on' }])
  })

  test('a database that only reads is told as not writable', async () => {
    const state = await open()
    await ask(`alter database ${database} set default_transaction_read_only = on`)
    await ask(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`)
    await expect.poll(sessions).toBe(0)
    await expect(state.write([insert(state, 'a')])).rejects.toMatchObject(unavailable)
    expect(await state.health()).toMatchObject({
      writable: false,
      reason: expect.stringContaining('read-only'),
    })
    await ask(`alter database ${database} reset default_transaction_read_only`)
    await ask(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`)
    await expect.poll(() => state.health()).toEqual({ writable: true })
    await state.write([insert(state, 'b')])
  })

  test('a backup is left to PostgreSQL, and says how', async () => {
    const state = await open()
    const backup = state.backup(join(folder, 'copy'))
    await expect(backup).rejects.toMatchObject({ code: 'backup_elsewhere' })
    await expect(backup).rejects.toThrow('pg_dump')
  })

  test('who is not let in is told why, and never the password', async () => {
    const t = async (wrong: string, said: string) => {
      const error = await openPostgresState({ url: wrong }).catch(each => each)
      expect(error, said).toMatchObject({ code: 'state_refused' })
      expect(error.message).toContain(said)
      expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toMatch(/s3cret|wrong-one/)
      expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(postgres.password)
    }
    await t(url.replace(postgres.password, 'wrong-one'), 'password authentication failed')
    await t(postgres.urlOf('nowhere'), '"nowhere" does not exist')
    // A certificate of nobody that is known, or for another name.
    await t(`${url}?sslmode=verify-full`, 'certificate')
    await t(`${url}?sslmode=verify-full&sslrootcert=${postgres.certificate}`, 'does not match certificate')
  })

  test('speaks TLS as the URL asks', async () => {
    const t = async (at: string, isEncrypted: boolean) => {
      const state = await open({ url: at })
      const { rows } = await sql<{ ssl: number }>`
        select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(state.db)
      expect(rows, at).toEqual([{ ssl: isEncrypted ? 1 : 0 }])
    }
    const root = `sslrootcert=${postgres.certificate}`
    await t(url, false)
    await t(`${url}?sslmode=require`, true)
    await t(`${url}?sslmode=verify-ca&${root}`, true)
    await t(`${url.replace('127.0.0.1', 'localhost')}?sslmode=verify-full&${root}`, true)
  })
})
