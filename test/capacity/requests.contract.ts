// What requests promise on every engine of the state: deeds with their facts, two at once, runs once or again, notices that
// are never lost. Called by requests.test.ts for SQLite and by live/room-books.test.ts for PostgreSQL.
import { describe, expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { keptMonths, keptReport } from '../../capacity/report/kept-reports.ts'
import type { Act } from '../../capacity/requests/life.ts'
import type { Requests } from '../../capacity/requests.ts'
import { dayMs, deed, lineOf, nowMs, planOf, pooled, poolOf, today } from './requests/made.ts'
import { openRequestWorld, type TwoStates } from './requests/world.ts'

const own = {
  pool: 'web',
  part: {},
  kind: 'expand' as const,
  application: 'pay',
  neededDay: today + 20,
  why: 'launch',
}

export function requestsContract(engine: string, states: () => Promise<TwoStates>): void {
  const world = () => openRequestWorld({ states })

  describe(engine, () => {
    test('a request of a person goes its way; facts, audit and tickets know of every step', async () => {
      const w = await world()
      const made = await w.requests.make({ ...own, units: 4 }, deed({ who: 'ann', why: 'launch' }))
      expect(made).toMatchObject({
        ...{ number: 1, month: '2026-12', source: 'person', state: 'draft', unit: 'server', version: 1 },
        cost: { amount: 4_000, currency: 'CNY' },
      })
      const acts: Act[] = [
        { do: 'submit' },
        { do: 'approve' },
        { do: 'order', dueDay: today + 9 },
        { do: 'deliver', units: 1 },
      ]
      let version = 1
      for (const act of acts)
        version = (await w.requests.act({ number: 1, version }, act, deed({ who: 'eve' }))).version
      const { request, facts } = (await w.requests.get(1))!
      expect(request).toMatchObject({ state: 'ordered', deliveredUnits: 1, dueDay: today + 9, version: 5 })
      expect(facts.map(({ what, who, why }) => `${what} ${who} ${why}`)).toEqual([
        'made ann launch',
        'submitted eve because',
        'approved eve because',
        'ordered eve because',
        'delivered eve because',
      ])
      const audit = await w.state.db.selectFrom('audit').select(['what', 'who']).orderBy('id').execute()
      expect(audit.map(({ what, who }) => `${what} by ${who}`)).toEqual([
        'capacity request made by ann',
        ...['submitted', 'approved', 'ordered', 'delivered'].map(each => `capacity request ${each} by eve`),
      ])
      await w.quiet()
      expect(w.told.map(({ id, receiver }) => `${id} ${receiver}`)).toEqual(
        [1, 2, 3, 4, 5].map(each => `capacity/request/1/${each} tickets`),
      )
      expect(w.told.at(-1)).toMatchObject({
        title: 'Request 1 (web, 4 servers): 1 of 4 delivered',
        data: {
          ...{ kind: 'capacity_request', key: 'capacity/request/1/5' },
          request: {
            number: 1,
            state: 'ordered',
            due: '2026-12-04',
            may: ['deliver', 'correct', 'close', 'edit'],
          },
        },
      })
    })

    test('an order without a due day is known by the day on which it was ordered, to all processes', async () => {
      const w = await world()
      const other = await w.open(w.other)
      await w.requests.make({ ...own, units: 4 }, deed())
      let version = 1
      const act = async (act: Act, days: number) => {
        const made = deed({ atMs: nowMs + days * 86_400_000 })
        version = (await w.requests.act({ number: 1, version }, act, made)).version
        await other.refresh()
        expect(other.coming('web', {})).toEqual(w.requests.coming('web', {}))
        return w.requests.coming('web', {}).map(({ day, orderedDay }) => [day, orderedDay])
      }
      expect(await act({ do: 'submit' }, 0)).toEqual([])
      expect(await act({ do: 'approve' }, 1)).toEqual([[null, null]])
      const before = w.requests.version
      expect(await act({ do: 'order' }, 2)).toEqual([[null, today + 2]])
      expect(w.requests.version).toBeGreaterThan(before)
      expect(await act({ do: 'deliver', units: 1 }, 3)).toEqual([
        [null, today + 2],
        [today + 3, undefined],
      ])
      expect((await act({ do: 'edit', change: { dueDay: today + 9 } }, 4))[0]).toEqual([today + 9, today + 2])
      expect((await act({ do: 'edit', change: { dueDay: null } }, 5))[0]).toEqual([null, today + 2])
      // Who starts later knows the same.
      const late = await w.open()
      expect(late.coming('web', {})).toEqual(w.requests.coming('web', {}))
    })

    test('of two who change it at once one is told what is there now', async () => {
      const w = await world()
      const other = await w.open(w.other)
      await w.requests.make({ ...own, units: 4 }, deed())
      const edit = (units: number): Act => ({ do: 'edit', change: { units } })
      const outcomes = await Promise.allSettled([
        w.requests.act({ number: 1, version: 1 }, edit(5), deed({ who: 'ann' })),
        other.act({ number: 1, version: 1 }, edit(6), deed({ who: 'bob' })),
      ])
      const [lost] = outcomes.flatMap(each => (each.status === 'rejected' ? [each.reason] : []))
      const { request, facts } = (await other.get(1))!
      expect(lost).toMatchObject({ code: 'request_changed', present: { version: 2, units: request.units } })
      expect(facts.map(({ what }) => what)).toEqual(['made', 'edited'])
      // Nothing of what was refused is left, nor told.
      await w.quiet()
      expect(new Set(w.told.map(({ id }) => id)).size).toBe(2)
      await expect(w.requests.act({ number: 9, version: 1 }, edit(5), deed())).rejects.toThrow(
        'there is no request 9',
      )
    })

    test('numbers go on and are never given twice', async () => {
      const w = await world()
      const other = await w.open(w.other)
      const made = await Promise.all(
        [1, 2, 3, 4, 5, 6].map(at => (at % 2 ? w.requests : other).make({ ...own, units: at }, deed())),
      )
      expect(made.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5, 6])
      const twelve = await w.requests.make({ ...own, units: 12 }, deed())
      const pieces = await other.split(twelve, [{ units: 5 }, { units: 7 }], deed())
      expect(pieces.map(({ number, units, splitFrom }) => [number, units, splitFrom])).toEqual([
        [7, 5, null],
        [8, 7, 7],
      ])
    })

    test('who wants something by a day that has passed has mistyped it', async () => {
      const w = await world()
      const late = w.requests.make({ ...own, units: 1, neededDay: today - 1 }, deed())
      await expect(late).rejects.toThrow(/needed: wanted a day from .* on, found/)
      expect((await w.requests.make({ ...own, units: 1, neededDay: today }, deed())).neededDay).toBe(today)
    })

    test('what is approved or ordered counts, until it has come', async () => {
      const w = await world()
      const other = await w.open(w.other)
      const comingTo = (requests: Requests, part = {}) =>
        requests
          .coming('web', part)
          .map(({ request, units, day, isDelivered }) => [request, units, day && day - today, isDelivered])
      const both = (part = {}) => [w.requests, other].map(each => comingTo(each, part))
      await w.requests.make({ ...own, units: 12, part: { zone: 'a' } }, deed())
      const unchanged = w.requests.version
      await w.requests.act({ number: 1, version: 1 }, { do: 'submit' }, deed())
      expect([...both(), w.requests.version]).toEqual([[], [], unchanged])
      await w.requests.act({ number: 1, version: 2 }, { do: 'approve' }, deed())
      const before = other.version
      await other.refresh()
      expect(other.version).toBe(before + 1)
      const approved = [[1, 12, null, false]]
      expect(both()).toEqual([approved, approved])
      await other.refresh()
      expect(other.version).toBe(before + 1)
      expect([both({ zone: 'a' }), both({ zone: 'b' })]).toEqual([
        [approved, approved],
        [[], []],
      ])
      await w.requests.act({ number: 1, version: 3 }, { do: 'order' }, deed())
      await w.requests.act({ number: 1, version: 4 }, { do: 'deliver', units: 5 }, deed())
      await other.refresh()
      const delivered = [
        [1, 7, null, false],
        [1, 5, 0, true],
      ]
      expect([...both(), other.deliveredUnits('web', {})]).toEqual([delivered, delivered, 5])
      await w.requests.act({ number: 1, version: 5 }, { do: 'close' }, deed())
      expect(comingTo(w.requests)).toEqual([[1, 5, 0, true]])
      expect(w.requests.deliveredUnits('web', { zone: 'a' })).toBe(5)
      // What was given back leaves.
      await w.requests.make({ ...own, kind: 'reclaim', units: 2 }, deed())
      for (const [at, act] of (['submit', 'approve', 'order'] as const).entries())
        await w.requests.act({ number: 2, version: at + 1 }, { do: act }, deed())
      expect(comingTo(w.requests)[0]).toEqual([2, -2, 20, false])
      await w.requests.act({ number: 2, version: 4 }, { do: 'deliver' }, deed())
      expect(comingTo(w.requests)).toEqual([
        [1, 5, 0, true],
        [2, -2, 0, true],
      ])
      expect(w.requests.deliveredUnits('web', {})).toBe(3)
      // Whoever has counted anew has those in his number that came before.
      const since = (day: number) => w.requests.deliveredUnits('web', {}, day)
      expect([since(today), since(today + 1), since(0)]).toEqual([3, 0, 3])
      // After a restart all the same.
      const again = await w.open()
      expect([comingTo(again), again.deliveredUnits('web', {})]).toEqual([comingTo(w.requests), 3])
      expect(again.deliveredUnits('web', {}, today + 1)).toBe(0)
    })

    test('a delivery that was typed wrongly is put right, for the plan and for stated units', async () => {
      const w = await world()
      await w.requests.make({ ...own, units: 100 }, deed())
      for (const [at, act] of (['submit', 'approve', 'order', 'deliver'] as const).entries())
        await w.requests.act({ number: 1, version: at + 1 }, { do: act }, deed())
      expect(w.requests.deliveredUnits('web', {})).toBe(100)
      const put = (units: number, why = 'ten came') =>
        w.requests.act({ number: 1, version: 5 }, { do: 'correct', units }, deed({ why }))
      await expect(put(100)).rejects.toThrow('have come in all, less than 100, found 100')
      await expect(put(10, '')).rejects.toThrow('wanted the reason why request 1 is to be corrected')
      expect(await put(10)).toMatchObject({ state: 'ordered', deliveredUnits: 10, units: 100 })
      expect(w.requests.deliveredUnits('web', {})).toBe(10)
      expect(w.requests.coming('web', {}).map(({ units, isDelivered }) => [units, isDelivered])).toEqual([
        [90, false],
        [100, true],
        [-90, true],
      ])
      const audit = await w.state.db.selectFrom('audit').select('details').orderBy('id').execute()
      expect(JSON.parse(audit.at(-1)!.details)).toMatchObject({
        ...{ number: 1, units: -90, deliveredUnits: 10, corrected: true, why: 'ten came' },
      })
    })

    test('a part is one that its pool has, as far as anybody knows', async () => {
      const w = await world()
      const partsOf = () => [{ zone: 'a' }, { zone: 'b' }]
      const requests = await w.open(w.state, { partsOf })
      const make = (part: Readonly<Record<string, string>>) =>
        requests.make({ ...own, units: 4, part }, deed())
      await expect(make({ zome: 'a' })).rejects.toThrow(
        'part: wanted of web one of zone, found zome; did you mean zone?',
      )
      await expect(make({ zone: 'A' })).rejects.toThrow('no part of web is called zone=A; did you mean a?')
      expect((await make({ zone: 'a' })).number).toBe(1)
      // It may be a zone to come.
      expect((await make({ zone: 'c' })).number).toBe(2)
      const pieces = (part: Readonly<Record<string, string>>) =>
        requests.split({ number: 3, version: 1 }, [{ units: 1 }, { units: 3, part }], deed())
      await make({})
      await expect(pieces({ rack: 'r' })).rejects.toThrow('part: wanted of web one of zone, found rack')
      expect(await pieces({ zone: 'b' })).toMatchObject([{ units: 1 }, { units: 3, part: { zone: 'b' } }])
    })

    test('what is submitted in one month is not drafted again in the next, and the planners hear of it', async () => {
      const w = await world()
      await w.run(planOf([pooled('web', 12)], { month: '2026-11' }))
      await w.requests.act({ number: 1, version: 1 }, { do: 'submit' }, deed())
      const { drafts, run } = await w.run(planOf([pooled('web', 14)]))
      expect(drafts).toEqual({ made: 0, changed: 0, noted: 1, withdrawn: 0 })
      expect(await w.requests.list({ limit: 9 })).toHaveLength(1)
      expect(run.summary.earlier).toMatchObject([{ number: 1, units: 12, neededUnits: 14 }])
      await w.quiet()
      expect(w.told.at(-1)?.text).toContain('request 1 of 2026-11 (submitted, 12 servers), now 14')
    })

    test('what was approved while the plan was being made is on order, and no more is drafted than is missing', async () => {
      const w = await world()
      await w.requests.make({ ...own, units: 5 }, deed())
      const plan = planOf([pooled('web', 12)])
      await w.requests.act({ number: 1, version: 1 }, { do: 'submit' }, deed())
      await w.requests.act({ number: 1, version: 2 }, { do: 'approve' }, deed())
      await w.run(plan)
      expect((await w.requests.list({ limit: 9 })).map(({ units, state }) => [units, state])).toEqual([
        [7, 'draft'],
        [5, 'approved'],
      ])
      await w.run(planOf([pooled('web', 12, { ordersSeen: [1] })]))
      expect((await w.requests.get(2))!.request.units).toBe(12)
    })

    test('what was withdrawn while the plan was being made is planned anew, also where nothing was needed', async () => {
      const w = await world()
      await w.requests.make({ ...own, units: 5 }, deed())
      await w.requests.act({ number: 1, version: 1 }, { do: 'submit' }, deed())
      await w.requests.act({ number: 1, version: 2 }, { do: 'approve' }, deed())
      const planNow = (units: number, ordersSeen: readonly number[]) =>
        planOf([pooled('web', units, { ordersSeen })], { ordersVersion: w.requests.version })
      const plan = planNow(0, [1])
      await w.requests.act({ number: 1, version: 3 }, { do: 'withdraw' }, deed())
      const asked: number[] = []
      const again = async () => {
        asked.push(5)
        return planNow(5, [])
      }
      await w.run(plan, { again })
      expect(asked).toEqual([5])
      expect((await w.requests.get(2))!.request).toMatchObject({ units: 5, state: 'draft' })
      // What changes nothing on order needs no other plan.
      await w.requests.act({ number: 2, version: 1 }, { do: 'submit' }, deed())
      await w.run(planNow(5, []), { again })
      expect(asked).toEqual([5])
    })

    test('where orders change with each plan, the fourth one stands', async () => {
      const w = await world()
      const asked: number[] = []
      const again = async () => {
        const plan = planOf([pooled('web', 12)], { ordersVersion: w.requests.version })
        await w.requests.make({ ...own, units: 1 }, deed())
        const number = asked.push(w.requests.version)
        await w.requests.act({ number, version: 1 }, { do: 'submit' }, deed())
        await w.requests.act({ number, version: 2 }, { do: 'approve' }, deed())
        return plan
      }
      await w.run(await again(), { again })
      expect(asked).toHaveLength(4)
      // Approved since that one was made, or at least not in it.
      expect((await w.requests.get(5))!.request).toMatchObject({ units: 8, state: 'draft' })
    })

    test('what an older version said a give-back costs is what it saves', async () => {
      const w = await world()
      await w.run(planOf([pooled('web', -2)]))
      const { request } = (await w.requests.get(1))!
      expect(request.cost).toEqual({ amount: -2_000, currency: 'CNY' })
      const old = JSON.stringify({ ...request, cost: { amount: 2_000, currency: 'CNY' }, notedUnits: null })
      await w.state.write([
        w.state.db.updateTable('capacity_requests').set({ request: old }).where('number', '=', 1),
      ])
      expect((await w.requests.get(1))!.request.cost).toEqual(request.cost)
      // One of a person too.
      const mine = await w.requests.make({ ...own, kind: 'reclaim', units: 3 }, deed())
      expect(mine.cost).toEqual({ amount: -3_000, currency: 'CNY' })
    })

    test('the run of a month is made once, whoever makes it; on demand again, and what people did stays', async () => {
      const w = await world()
      const other = await w.open(w.other)
      const asked = {
        trigger: 'schedule' as const,
        dueMs: nowMs,
        dueMonth: '2026-11',
        who: 'plimsoll',
        atMs: nowMs,
      }
      const plan = planOf([pooled('web', 12), pooled('db', 2)])
      const made = await Promise.all([w.requests.draft(plan, asked), other.draft(plan, asked)])
      expect(made.filter(each => each !== undefined)).toHaveLength(1)
      expect(await w.requests.list({ limit: 9 })).toHaveLength(2)
      await w.quiet()
      expect(new Set(w.told.map(({ id }) => id))).toEqual(
        new Set(['planners', 'tickets'].map(each => `capacity/run/schedule/2026-11/${each}`)),
      )

      await w.requests.act({ number: 1, version: 1 }, { do: 'edit', change: { units: 10 } }, deed())
      await w.requests.make({ ...own, units: 4 }, deed())
      await w.requests.merge({ number: 3, version: 1 }, { number: 1, version: 2 }, deed())
      await w.clock.runFor(1_000)
      const { drafts, run } = await w.run(planOf([pooled('web', 15), pooled('db', 3)]))
      expect(drafts).toEqual({ made: 0, changed: 1, noted: 1, withdrawn: 0 })
      expect(
        (await w.requests.list({ limit: 9 })).map(each => [each.number, each.state, each.units]),
      ).toEqual([
        [3, 'withdrawn', 4],
        [2, 'draft', 3],
        [1, 'draft', 14],
      ])
      expect((await w.requests.get(1))?.facts.map(({ what }) => what)).toEqual([
        'made',
        'edited',
        'merged',
        'noted',
      ])
      expect(run.summary.expand).toMatchObject({ pools: 2, costs: [{ currency: 'CNY', amount: 18_000 }] })
      expect(await w.requests.plannedBefore('2026-12')).toBeNull()
      expect(await other.plannedBefore('2027-01')).toMatchObject({
        month: '2026-12',
        pools: [
          { name: 'web', unit: 'server', units: 15 },
          { name: 'db', units: 3 },
        ],
      })
      expect((await w.requests.runs(9)).map(({ trigger, who }) => `${trigger} ${who}`)).toEqual([
        'person bob',
        'schedule plimsoll',
      ])
      expect(
        await w.requests.list({ limit: 9, pool: 'db', states: ['draft'], month: '2026-12' }),
      ).toHaveLength(1)
      expect((await w.requests.list({ limit: 9, below: 2 })).map(({ number }) => number)).toEqual([1])
    })

    test('a sentence that an older version wrote is read as it is, and data after the next run', async () => {
      const w = await world()
      const plan = planOf([pooled('web', 12)])
      await w.run(plan)
      const { request } = (await w.requests.get(1))!
      const { resourceUnit: _, parts: __, isAtRisk: ___, ...basis } = request.basis!
      const old = JSON.stringify({ ...request, basis, why: 'cpu: 84 cores.', notedUnits: null })
      await w.state.write([
        w.state.db.updateTable('capacity_requests').set({ request: old }).where('number', '=', 1),
      ])
      const read = (await w.requests.get(1))!.request
      expect([read.why, read.basis]).toEqual([
        'cpu: 84 cores.',
        { ...request.basis, resourceUnit: '', parts: [], isAtRisk: false },
      ])
      expect((await w.run(plan)).drafts).toMatchObject({ changed: 1 })
      expect((await w.requests.get(1))!.request).toMatchObject({ why: '', basis: request.basis })
      // And the same once more is nothing new.
      expect((await w.run(plan)).drafts).toEqual({ made: 0, changed: 0, noted: 0, withdrawn: 0 })
    })

    test('the report of each month is kept with its run, for every process; a later run of the month replaces it', async () => {
      const w = await world()
      const other = await w.open(w.other)
      const readAll = () => keptMonths(w.other.db)
      expect(await readAll()).toEqual([])
      await w.run(planOf([pooled('web', 12), pooled('db', 2)], { month: '2026-11' }))
      await w.run(planOf([pooled('web', 3)]))
      expect(await readAll()).toEqual(['2026-12', '2026-11'])
      const past = await keptReport(w.other.db, '2026-11', '2026-12')
      expect(past.summary).toMatchObject({
        orders: [{ units: 12 }, { units: 2 }],
        costs: [{ amount: 14_000 }],
        changes: null,
      })
      // With the drafts of the run itself, as they were then: a later month has taken them back.
      expect((await other.list({ limit: 9 })).map(({ state }) => state)).toContain('withdrawn')
      expect(past.requests.map(({ number, units, state }) => [number, units, state])).toEqual([
        [2, 2, 'draft'],
        [1, 12, 'draft'],
      ])
      expect(past.pools.find(({ name }) => name === 'web')?.requests).toMatchObject([{ units: 12 }])
      const next = await keptReport(w.other.db, '2026-12', '2026-12')
      expect(next.summary.changes?.pools).toMatchObject([
        { pool: 'web', before: { units: 12 }, now: { units: 3 } },
        { pool: 'db', before: { units: 2 }, now: null },
      ])
      await w.run(planOf([pooled('web', 5)]))
      const again = await keptReport(w.state.db, '2026-12', '2026-12')
      expect(again.summary.orders).toMatchObject([{ units: 5 }])
      await expect(keptReport(w.state.db, '2020-01', '2026-12')).rejects.toMatchObject({
        code: 'not_found',
        detail: 'there is no report of 2020-01: the present one is for 2026-12, kept are 2026-11',
      })
    })

    test('two years of reports are kept; pieces that nobody finds any more go a day later', async () => {
      const w = await world()
      const monthOf = (nth: number): string => new Date(Date.UTC(2026, nth)).toISOString().slice(0, 7)
      for (let nth = 0; nth < 26; nth++) await w.run(planOf([pooled('web', 1)], { month: monthOf(nth) }))
      const months = await keptMonths(w.state.db)
      expect([months.length, months[0], months.at(-1)]).toEqual([24, '2028-02', '2026-03'])
      const pieces = async () =>
        (await w.state.db.selectFrom('capacity_report_pools').select('report').execute()).length
      // A run may be writing them.
      expect(await pieces()).toBe(26)
      const before = await w.state.db.selectFrom('capacity_reports').selectAll().execute()
      await w.clock.runFor(dayMs + 1)
      await w.run(planOf([pooled('web', 1)], { month: monthOf(25) }))
      expect(await pieces()).toBe(24)
      expect((await keptReport(w.state.db, '2026-03', '2028-03')).pools).toHaveLength(1)
      // Whoever began to read what is replaced meanwhile reads what is there instead.
      const stale = before.find(({ month }) => month === monthOf(25))
      const once = [stale]
      const slow = {
        select: () => slow,
        where: () => slow,
        executeTakeFirst: async () => once.pop(),
      }
      const selectFrom = (table: never) =>
        table === 'capacity_reports' && once.length > 0 ? slow : w.state.db.selectFrom(table)
      expect((await keptReport({ selectFrom } as never, monthOf(25), '2028-03')).pools).toHaveLength(1)
      // A piece that is lost is no endless search.
      const lost = w.state.db.deleteFrom('capacity_report_pools').where('piece', '=', 0)
      await w.state.write([lost])
      await expect(keptReport(w.state.db, monthOf(25), '2028-03')).rejects.toMatchObject({
        code: 'state_corrupt',
      })
    })

    test('a process that ends between the pieces of a report and its run: no report; then one run with one', async () => {
      const w = await world()
      const dies = async (): Promise<never> => {
        throw new Failure('state_unavailable', 'it ends here')
      }
      // Nothing is tidied up either.
      const write: typeof w.state.write = statements =>
        statements.some(each => each.compile().sql.startsWith('delete from "capacity_report_pools"'))
          ? dies()
          : w.state.write(statements)
      const owner = { write, transaction: dies }
      const asked = { trigger: 'schedule', dueMs: nowMs, dueMonth: '2026-11', who: 'plimsoll', atMs: nowMs }
      const plan = planOf([pooled('web', 12)])
      await expect(w.run(plan, { ...asked, owner })).rejects.toThrow('it ends here')
      expect(await keptMonths(w.state.db)).toEqual([])
      expect(await w.state.db.selectFrom('capacity_report_pools').select('report').execute()).toHaveLength(1)
      await w.run(plan, asked)
      expect(await w.run(plan, asked)).toBeUndefined()
      expect(await keptMonths(w.state.db)).toEqual(['2026-12'])
      expect(await w.requests.runs(9)).toHaveLength(1)
      expect((await keptReport(w.state.db, '2026-12', '2027-01')).pools).toHaveLength(1)
    })

    test('what fails leaves no piece of a report, however often it is tried', async () => {
      const w = await world()
      const plan = planOf([pooled('web', 12)])
      const refused = async (): Promise<never> => {
        throw new Failure('state_unavailable', 'longer than 5000 ms')
      }
      const pieces = () => w.state.db.selectFrom('capacity_report_pools').select('report').execute()
      for (let nth = 0; nth < 3; nth++) {
        const owner = { write: w.state.write, transaction: refused }
        await expect(w.run(plan, { owner })).rejects.toThrow('longer than')
      }
      expect(await pieces()).toEqual([])
      // Full in the middle of them.
      let writes = 0
      const write: typeof w.state.write = statements =>
        statements.some(each => each.compile().sql.includes('insert into "capacity_report_pools"')) &&
        writes++ === 1
          ? refused()
          : w.state.write(statements)
      const many = planOf(Array.from({ length: 600 }, (_, at) => pooled(`p${at}`, 1)))
      const owner = { write, transaction: w.state.transaction }
      await expect(w.run(many, { owner })).rejects.toThrow('longer than')
      expect([writes, await pieces()]).toEqual([2, []])
    })

    test('the transaction of a run only writes; what was changed since it was prepared is in it', async () => {
      const w = await world()
      await w.run(planOf([pooled('web', 12)]))
      const read: string[] = []
      let begun = 0
      type Work = Parameters<typeof w.state.transaction>[0]
      const owner = {
        write: w.state.write,
        async transaction(work: Work) {
          // Somebody submits the draft between what is read and what is written.
          if (begun++ === 0)
            await w.requests.act(
              { number: 1, version: 1 },
              { do: 'submit' },
              { who: 'ann', why: '', atMs: nowMs },
            )
          return w.state.transaction(tx => work(spied(tx, read)))
        },
      } as typeof w.state
      const { drafts } = await w.run(planOf([pooled('web', 20)]), { owner })
      expect([begun, drafts]).toEqual([2, { made: 0, changed: 0, noted: 1, withdrawn: 0 }])
      expect(read).not.toContain('capacity_requests')
      expect((await w.requests.list({ limit: 9 })).map(({ state, units }) => [state, units])).toEqual([
        ['submitted', 12],
      ])
    })

    test('more drafts than a transaction takes are written before it; a run that ends between goes on', async () => {
      const w = await world()
      const requests = await w.open(w.state, { stepsInTransaction: 100 })
      const plan = (month: string) =>
        planOf(
          Array.from({ length: 250 }, (_, at) => pooled(`p${at}`, 1)),
          { month },
        )
      let begun = 0
      type Work = Parameters<typeof w.state.transaction>[0]
      const owner = {
        write: w.state.write,
        async transaction(work: Work) {
          if (++begun === 2) throw new Failure('state_unavailable', 'it ends here')
          // Somebody has to do with one that is written already.
          if (begun === 4)
            await w.requests.act({ number: 1, version: 1 }, { do: 'submit' }, deed({ who: 'ann' }))
          return w.state.transaction(work)
        },
      } as typeof w.state
      const asked = { trigger: 'schedule' as const, dueMs: nowMs, dueMonth: '2026-11', who: 'plimsoll' }
      const run = (month: string, dueMonth: string) =>
        requests.draft(plan(month), { ...asked, dueMonth, atMs: w.clock.nowMs(), owner })
      await expect(run('2026-12', '2026-11')).rejects.toThrow('it ends here')
      expect([(await requests.list({ limit: 999 })).length, await requests.runs(9)]).toEqual([100, []])
      expect(await keptMonths(w.state.db)).toEqual([])
      const made = await run('2026-12', '2026-11')
      expect(made?.drafts).toEqual({ made: 150, changed: 0, noted: 0, withdrawn: 0 })
      const found = await requests.list({ limit: 999 })
      expect([new Set(found.map(({ pool }) => pool)).size, found.length]).toEqual([250, 250])
      expect((await keptReport(w.state.db, '2026-12', '2027-01')).requests).toHaveLength(250)
      expect(await run('2026-12', '2026-11')).toBeUndefined()
      // A month later nothing stands twice.
      const next = await run('2027-01', '2026-12')
      expect(next?.drafts).toMatchObject({ made: 249, withdrawn: 249 })
      const open = (await requests.list({ limit: 999, states: ['draft', 'submitted'] })).map(
        ({ pool }) => pool,
      )
      expect([open.length, new Set(open).size]).toEqual([250, 250])
      expect((await requests.get(251))?.facts).toHaveLength(1)
      expect(await requests.runs(9)).toHaveLength(2)
    })

    test('somebody who never stops changing requests does not hold up a run', async () => {
      const w = await world()
      await w.run(planOf([pooled('web', 12)]))
      let version = 1
      type Work = Parameters<typeof w.state.transaction>[0]
      const owner = {
        write: w.state.write,
        async transaction(work: Work) {
          const change = { units: 30 + version }
          const deed = { who: 'ann', why: 'x', atMs: nowMs }
          await w.requests.act({ number: 1, version: version++ }, { do: 'edit', change }, deed)
          return w.state.transaction(work)
        },
      } as typeof w.state
      expect((await w.run(planOf([pooled('web', 20)]), { owner })).drafts).toMatchObject({ noted: 1 })
    })

    test('what was said a month ago is held against today', async () => {
      const w = await world()
      const line = lineOf('web', 2)
      await w.run(planOf([pooled('web', 2)]))
      expect(w.requests.past(line.line, today + 29)).toBeNull()
      await w.clock.runFor(30 * dayMs)
      await w.requests.refresh()
      // Yesterday, in the plan of today.
      const past = w.requests.past(line.line, today + 29)
      expect(past).toMatchObject({
        madeDay: today - 1,
        ofDay: today + 29,
        likely: 82.9,
        low: 78.9,
        high: 87.9,
      })
      expect(w.requests.past({ ...line.line, resource: 'disk' }, today + 29)).toBeNull()
      expect(w.requests.past(line.line, today + 200)).toBeNull()
      // A later run of the same day replaces it, and old ones are forgotten.
      await w.clock.runFor(80 * dayMs)
      await w.run(planOf([pooled('web', 2)], { asOfDay: today + 109 }))
      expect(await w.state.db.selectFrom('capacity_said').select('made_day').execute()).toEqual([
        { made_day: today + 109 },
      ])
    })

    test('notices wait while the bus is away, and are told after a kill by the same ids', async () => {
      const w = await world()
      w.bus.isAway = true
      const { run } = await w.run(planOf([pooled('web', 12)]))
      await w.requests.act({ number: 1, version: 1 }, { do: 'submit' }, deed())
      await w.requests.close()
      expect(w.told).toEqual([])
      w.bus.isAway = false
      await w.open(w.other)
      await w.quiet()
      const ids = [
        `capacity/run/${run.id}/planners`,
        `capacity/run/${run.id}/tickets`,
        'capacity/request/1/2',
      ]
      expect(w.told.map(({ id }) => id)).toEqual(ids)
      expect(w.told[0]).toMatchObject({
        title: 'Capacity for 2026-12: order 12 servers, 12,000 CNY',
        path: '/capacity',
      })
      expect(w.told[0]?.data).toMatchObject({ kind: 'capacity_run', key: `capacity/run/${run.id}` })
    })

    test('what was asked for is judged when its day has come', async () => {
      const w = await world()
      const { drafts: _ } = await w.run(planOf([pooled('web', 2)]))
      await w.requests.act(
        { number: 1, version: 1 },
        { do: 'edit', change: { units: 5 } },
        deed({ who: 'ann' }),
      )
      const history = { demand: () => ({ firstDay: today + 66, values: Float64Array.of(98) }) }
      expect((await w.requests.judged(history)).requests).toEqual([])
      await w.clock.runFor(68 * dayMs)
      const { requests, planners } = await w.requests.judged(history)
      expect(requests).toMatchObject([
        { request: 1, formulaUnits: 2, askedUnits: 5, enoughUnits: 4, editedBy: 'ann' },
      ])
      expect(planners).toEqual([{ who: 'ann', count: 1, formulaUnits: -2, askedUnits: 1 }])
      // A year later it is history.
      await w.clock.runFor(365 * dayMs)
      expect((await w.requests.judged(history)).requests).toEqual([])
    })

    test('what a renamed pool leaves behind is told, and carried over with what has come of it', async () => {
      const w = await world()
      const other = await w.open(w.other)
      await w.requests.make({ ...own, units: 4, part: { zone: 'a' } }, deed())
      let version = 1
      const act = async (act: Act) => {
        version = (await w.requests.act({ number: 1, version }, act, deed())).version
        await other.refresh()
      }
      for (const each of ['submit', 'approve', 'order'] as const) await act({ do: each })
      await act({ do: 'deliver', units: 1 })
      const carry = (pool: string): Promise<void> => act({ do: 'edit', change: { pool } })
      const seen = (pool: string) => [
        other.coming(pool, {}).map(({ units }) => units),
        other.deliveredUnits(pool, { zone: 'a' }),
      ]
      await expect(carry('db')).rejects.toThrow('request 1 is of web, which is planned')
      await expect(carry('')).rejects.toThrow('no pool is called')
      expect(seen('web')).toEqual([[3, 1], 1])

      w.settings.pools = [poolOf('frontend', { by: ['zone'], unit: 'machine' }), poolOf('plain')]
      const { run } = await w.run(planOf([pooled('frontend', 3), pooled('plain', 0)]))
      expect(run.summary).toMatchObject({
        leftBehind: [{ number: 1, pool: 'web', state: 'ordered', units: 4 }],
        leftBehindCount: 1,
      })
      await w.quiet()
      expect(w.told.find(({ receiver }) => receiver === 'planners')?.text).toContain(
        'counted for none: request 1 of web (ordered, 4 servers)',
      )
      await expect(carry('frontent')).rejects.toThrow('no pool is called frontent')
      await expect(carry('plain')).rejects.toThrow('part: wanted of plain none')
      await expect(act({ do: 'edit', change: { pool: 'frontend', units: 5 } })).rejects.toThrow('only dueDay')
      await carry('frontend')
      expect(seen('web')).toEqual([[], 0])
      expect(seen('frontend')).toEqual([[3, 1], 1])
      expect((await w.requests.list({ pool: 'frontend', states: ['ordered'], limit: 9 }))[0]).toMatchObject({
        ...{ number: 1, unit: 'machine', units: 4, deliveredUnits: 1 },
      })
      const { facts } = (await w.requests.get(1))!
      expect(facts.at(-1)!.details).toEqual({
        pool: { was: 'web', is: 'frontend' },
        unit: { was: 'server', is: 'machine' },
      })
      // Once more: nothing is left behind.
      const again = await w.run(planOf([pooled('frontend', 0), pooled('plain', 0)]))
      expect(again.run.summary).toMatchObject({ leftBehind: [], leftBehindCount: 0 })
    })

    test('texts of all kinds come back as they were', async () => {
      const w = await world()
      const why = "Strom für 张三 \0 \ud800 O'Brien"
      await w.requests.make({ ...own, units: 4, why, part: { zone: 'a\0b' } }, deed({ why }))
      const { request, facts } = (await w.requests.get(1))!
      expect([request.why, facts[0]?.why, request.part]).toEqual([why, why, { zone: 'a\0b' }])
      await expect(w.requests.make({ ...own, units: 4, month: '2026-13' }, deed())).rejects.toThrow(
        'month: wanted',
      )
      await expect(w.requests.make({ ...own, units: 4, pool: 'wep' }, deed())).rejects.toThrow(
        'no pool is called wep',
      )
    })
  })
}

// Notes the tables that are read.
function spied<Tx extends object>(tx: Tx, read: string[]): Tx {
  return new Proxy(tx, {
    get(db, key) {
      const found = Reflect.get(db, key)
      if (typeof found !== 'function') return found
      return (...given: unknown[]) => {
        if (key === 'selectFrom' && typeof given[0] === 'string') read.push(given[0])
        return found.apply(db, given)
      }
    },
  })
}
