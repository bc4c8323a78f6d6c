// What every engine of the state promises, as tests that run against each: test/core/state.test.ts for SQLite,
// test/live/state.test.ts for PostgreSQL.
// `open` makes an empty state of its own for each test, and `reopen` opens the same one once more.
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { forgetAudit } from '#core/state/audit.ts'
import type { Migration } from '#core/state/migrations.ts'
import type { AuditTable } from '#core/state/tables.ts'
import type { State } from '#core/state.ts'

type OpenState = (options: { clock: SimulatedClock; migrations?: readonly Migration[] }) => Promise<State>

type Engine = Readonly<{ open: OpenState; dispose(): Promise<void> }>

export function stateContract(name: string, start: () => Promise<Engine>): void {
  describe(`the state in ${name}`, () => {
    let engine: Engine
    let state: State
    const clock = new SimulatedClock(1_000)

    beforeEach(async () => {
      engine = await start()
      state = await engine.open({ clock })
    })
    afterEach(async () => {
      await state.close()
      await engine.dispose()
    })

    const entry = (id: string, more: Partial<AuditTable> = {}): AuditTable => ({
      id,
      at_ms: 1_763_700_000_123,
      who: 'somebody',
      what: 'did',
      details: '{}',
      ...more,
    })
    const insert = (id: string, more: Partial<AuditTable> = {}) =>
      state.db.insertInto('audit').values(entry(id, more))
    const ids = async (): Promise<string[]> =>
      (await state.db.selectFrom('audit').select('id').orderBy('id').execute()).map(row => row.id)
    const failing = async (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'nothing failed',
        error => error.code ?? error.message,
      )

    test('gives back what was written, every type as it was', async () => {
      const row = entry('a', { who: "O'Brien 张三 \u{1f6a2}", details: '{"a":[1,null]}' })
      await state.write([state.db.insertInto('audit').values(row)])
      expect(await state.db.selectFrom('audit').selectAll().execute()).toEqual([row])
      expect(await state.db.selectFrom('tokens').select('expires_at_ms').executeTakeFirst()).toBeUndefined()
    })

    test('the audit is shortened by age only, in portions, and each of them is a line of it', async () => {
      const old = Array.from({ length: 2_003 }, (_, nth) => insert(`old-${nth}`, { at_ms: nth }))
      await state.write([...old, insert('edge', { at_ms: 5_000 }), insert('young', { at_ms: 9_000 })])
      // Years ahead by mistake: age counts from what was done last.
      const years = 400 * 86_400_000
      expect(await forgetAudit(state, { beforeMs: 4_000 + years, nowMs: 400_000 + years })).toBe(false)
      const forget = () => forgetAudit(state, { beforeMs: 5_001, nowMs: 9_001 })
      expect(await forget()).toBe(true)
      expect(await forget()).toBe(false)
      // Nothing is old: nothing is done, and nothing is said.
      expect(await forget()).toBe(false)
      const lines = await state.db.selectFrom('audit').selectAll().orderBy('at_ms').orderBy('id').execute()
      expect(lines.map(({ who, what, details }) => `${who} ${what} ${details}`)).toEqual([
        'somebody did {}',
        'somebody did {}',
        'plimsoll audit shortened {"lines":2000,"beforeMs":5000}',
        'plimsoll audit shortened {"lines":3,"beforeMs":5000}',
      ])
    })

    test('a write is all or nothing', async () => {
      expect(await failing(state.write([insert('a'), insert('a')]))).toBe('conflict')
      expect(await ids()).toEqual([])
      await state.write([insert('a'), insert('b')])
      expect(await ids()).toEqual(['a', 'b'])
    })

    test('of many writes at once, the one that fails fails alone', async () => {
      await state.write([insert('taken')])
      const names = [...Array(50).keys()].map(at => `n${String(at).padStart(2, '0')}`)
      const outcomes = await Promise.all(
        names.flatMap(each => [
          failing(state.write([insert(each)])),
          ...(each.endsWith('7') ? [failing(state.write([insert(`${each}-half`), insert('taken')]))] : []),
        ]),
      )
      expect(outcomes.filter(each => each === 'conflict')).toHaveLength(5)
      expect(outcomes.filter(each => each === 'nothing failed')).toHaveLength(50)
      expect(await ids()).toEqual([...names, 'taken'])
    })

    const keep = (id: string, details: string) =>
      insert(id, { details }).onConflict(on => on.column('id').doUpdateSet({ details }))
    const details = async (): Promise<string[]> =>
      (await state.db.selectFrom('audit').select(['id', 'details']).orderBy('id').execute()).map(
        row => `${row.id} ${row.details}`,
      )

    test('what is appended is seen by whoever reads, writes or copies afterwards', async () => {
      await state.append([keep('a', '1'), keep('b', '1')])
      expect(await details()).toEqual(['a 1', 'b 1'])
      const [changed] = await state.write([
        state.db.updateTable('audit').set({ details: '2' }).where('id', '=', 'a'),
      ])
      expect(changed).toEqual({ rows: [], changed: 1 })
      await state.append([keep('a', '3')])
      await state.transaction(async tx => {
        const { details: found } = await tx
          .selectFrom('audit')
          .select('details')
          .where('id', '=', 'a')
          .executeTakeFirstOrThrow()
        await tx
          .updateTable('audit')
          .set({ details: `${found}4` })
          .where('id', '=', 'a')
          .execute()
      })
      await Promise.all([state.append([keep('c', '1')]), state.append([keep('c', '2'), keep('d', '1')])])
      expect(await details()).toEqual(['a 34', 'b 1', 'c 2', 'd 1'])
      await state.append([keep('e', '1')])
      await state.close()
      state = await engine.open({ clock })
      expect(await details()).toEqual(['a 34', 'b 1', 'c 2', 'd 1', 'e 1'])
    })

    test('tells what a statement changed and returns', async () => {
      await state.write([insert('a'), insert('b'), insert('c')])
      const [changed, returned, none] = await state.write([
        state.db.updateTable('audit').set({ who: 'x' }).where('id', '<', 'c'),
        state.db.deleteFrom('audit').where('id', '=', 'c').returning(['id', 'at_ms']),
        state.db.deleteFrom('audit').where('id', '=', 'never'),
      ])
      expect(changed).toEqual({ rows: [], changed: 2 })
      expect(returned).toEqual({ rows: [{ id: 'c', at_ms: 1_763_700_000_123 }], changed: 1 })
      expect(none).toEqual({ rows: [], changed: 0 })
    })

    test('writes without waiting keep their order', async () => {
      const writes = [...Array(200).keys()].map(at =>
        state.write([
          at === 0
            ? insert('a', { details: '0' })
            : state.db
                .updateTable('audit')
                .set({ details: String(at) })
                .where('details', '=', String(at - 1)),
        ]),
      )
      await Promise.all(writes)
      const [row] = await state.db.selectFrom('audit').selectAll().execute()
      expect(row?.details).toBe('199')
    })

    test('a write or transaction that comes as the one before it ends is not forgotten', async () => {
      for (let moments = 0; moments < 20; moments++) {
        await state.write([insert(`a${moments}`)])
        for (let at = 0; at < moments; at++) await Promise.resolve()
        await state.write([insert(`b${moments}`)])
        await state.transaction(async () => {})
        for (let at = 0; at < moments; at++) await Promise.resolve()
        await state.transaction(async tx => tx.deleteFrom('audit').execute())
      }
      expect(await ids()).toEqual([])
    })

    test('a transaction reads what it wrote, and nobody else does before it ends', async () => {
      const seen: string[][] = []
      const answer = await state.transaction(async tx => {
        await tx.insertInto('audit').values(entry('a')).execute()
        seen.push((await tx.selectFrom('audit').select('id').execute()).map(row => row.id))
        seen.push(await ids())
        return 'done'
      })
      expect(answer).toBe('done')
      expect(seen).toEqual([['a'], []])
      expect(await ids()).toEqual(['a'])
    })

    test('a transaction that throws leaves nothing, and its error is told', async () => {
      const work = state.transaction(async tx => {
        await tx.insertInto('audit').values(entry('a')).execute()
        throw new Error('changed my mind')
      })
      expect(await failing(work)).toBe('changed my mind')
      expect(await ids()).toEqual([])
    })

    test('a statement that failed fails its transaction, even when the error is caught', async () => {
      const work = state.transaction(async tx => {
        await tx.insertInto('audit').values(entry('a')).execute()
        await tx
          .insertInto('audit')
          .values(entry('a'))
          .execute()
          .catch(() => {})
      })
      expect(await failing(work)).not.toBe('nothing failed')
      expect(await ids()).toEqual([])
    })

    test('transactions that read and then write do not lose each other', async () => {
      await state.write([insert('a', { details: '0' })])
      const addOne = () =>
        state.transaction(async tx => {
          const { details } = await tx.selectFrom('audit').select('details').executeTakeFirstOrThrow()
          await tx
            .updateTable('audit')
            .set({ details: String(Number(details) + 1) })
            .execute()
        })
      await Promise.all([...Array(20).keys()].map(addOne))
      const row = await state.db.selectFrom('audit').select('details').executeTakeFirstOrThrow()
      expect(row.details).toBe('20')
    })

    test('a transaction that takes too long is rolled back, and the next one goes on', async () => {
      const { promise: forEver, resolve: atLast } = Promise.withResolvers<void>()
      let late: Promise<string> | undefined
      const stuck = state.transaction(async tx => {
        await tx.insertInto('audit').values(entry('a')).execute()
        began.resolve()
        await forEver
        late = failing(tx.insertInto('audit').values(entry('late')).execute())
      })
      const began = Promise.withResolvers<void>()
      const told = failing(stuck)
      await began.promise
      const next = state.write([insert('b')])
      await clock.runFor(5_000)
      expect(await told).toBe('state_unavailable')
      await next
      atLast()
      await expect.poll(() => late).toBeDefined()
      expect(await late).toContain('rolled back')
      expect(await ids()).toEqual(['b'])
    })

    test('the database for reading refuses to write', async () => {
      expect(await failing(insert('a').execute())).toContain('state.db only reads')
      expect(await failing(sql`delete from audit`.execute(state.db))).not.toBe('nothing failed')
    })

    test('references are kept', async () => {
      const session = { id_hash: 'h', user_id: 'nobody', agent: '', remote: '' }
      const times = { created_at_ms: 1, expires_at_ms: 2, last_seen_at_ms: 1 }
      const write = state.write([state.db.insertInto('sessions').values({ ...session, ...times })])
      expect(await failing(write)).not.toBe('nothing failed')
    })

    test('what was written is there after it is opened again', async () => {
      await state.write([insert('a')])
      await state.close()
      state = await engine.open({ clock })
      expect(await ids()).toEqual(['a'])
    })

    test('closing waits for what is under way and refuses what comes after', async () => {
      const writes = [...Array(100).keys()].map(at => state.write([insert(`n${at}`)]))
      await state.close()
      await Promise.all(writes)
      expect(await failing(state.write([insert('late')]))).toBe('stopping')
      state = await engine.open({ clock })
      expect(await ids()).toHaveLength(100)
    })

    test('new migrations run once, in order', async () => {
      const ran: string[] = []
      const step = (name: string): Migration => ({
        name,
        up: async db => {
          ran.push(name)
          await db.schema.createTable(`made_by_${name}`).addColumn('id', 'text').execute()
        },
      })
      await state.close()
      const { migrations } = await import('#core/state/migrations.ts')
      const open = (...more: Migration[]) => engine.open({ clock, migrations: [...migrations, ...more] })
      state = await open(step('one'))
      await state.close()
      state = await open(step('one'), step('two'))
      expect(ran).toEqual(['one', 'two'])
    })

    test('a migration that fails leaves the tables as they were', async () => {
      await state.write([insert('a')])
      await state.close()
      const { migrations } = await import('#core/state/migrations.ts')
      const bad: Migration = {
        name: 'bad',
        up: async db => {
          await db.schema.dropTable('audit').execute()
          throw new Error('no further')
        },
      }
      expect(await failing(engine.open({ clock, migrations: [...migrations, bad] }))).toBe('no further')
      state = await engine.open({ clock })
      expect(await ids()).toEqual(['a'])
    })

    test('a state that knows more than the program is refused', async () => {
      await state.close()
      const { migrations } = await import('#core/state/migrations.ts')
      const newer: Migration = { name: '9999-future', up: async () => {} }
      const later = await engine.open({ clock, migrations: [...migrations, newer] })
      await later.close()
      const opened = engine.open({ clock })
      await expect(opened).rejects.toMatchObject({ code: 'state_newer' })
      await expect(opened).rejects.toThrow('9999-future')
      state = await engine.open({ clock, migrations: [...migrations, newer] })
    })

    test('whatever comes at once, the outcome is that of one after the other', async () => {
      type Deed = Readonly<{ kind: 'write' | 'append' | 'transaction'; ids: number[]; regrets: boolean }>
      const deed = fc.record({
        kind: fc.constantFrom('write', 'append', 'transaction'),
        ids: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 3 }),
        regrets: fc.boolean(),
      }) as fc.Arbitrary<Deed>
      let round = 0
      const tried = fc.asyncProperty(fc.array(deed, { maxLength: 30 }), async deeds => {
        const prefix = `r${round++}-`
        const carryOut = ({ kind, ids, regrets }: Deed, nth: number): Promise<unknown> => {
          const details = String(nth)
          if (kind === 'append') return state.append(ids.map(id => keep(`${prefix}${id}`, details)))
          if (kind === 'write') return state.write(ids.map(id => insert(`${prefix}${id}`, { details })))
          return state.transaction(async tx => {
            for (const id of ids)
              await tx
                .insertInto('audit')
                .values(entry(`${prefix}${id}`, { details }))
                .execute()
            if (regrets) throw new Error('regret')
          })
        }
        const outcomes = await Promise.all(deeds.map((each, nth) => failing(carryOut(each, nth))))
        const taken = new Map<number, number>()
        const wanted = deeds.map(({ kind, ids, regrets }, nth) => {
          const isNew = new Set(ids).size === ids.length && ids.every(id => !taken.has(id))
          if (!isNew && kind !== 'append') return 'conflict'
          if (kind === 'transaction' && regrets) return 'regret'
          for (const id of ids) taken.set(id, nth)
          return 'nothing failed'
        })
        expect(outcomes).toEqual(wanted)
        const rows = (await details()).filter(row => row.startsWith(prefix))
        expect(rows).toEqual([...taken].sort().map(([id, nth]) => `${prefix}${id} ${nth}`))
      })
      await fc.assert(tried, { numRuns: 25 })
    })

    test('is healthy', async () => {
      expect(await state.health()).toEqual({ writable: true })
    })
  })
}
