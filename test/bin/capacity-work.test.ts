// What a process does with the turn for capacity: it sends nothing after its end, and is an ordinary process afterwards.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Bus } from '#core/bus.ts'
import { realClock, SimulatedClock } from '#core/clock.ts'
import { readConfig } from '#core/config.ts'
import { Failure } from '#core/errors.ts'
import type { Lease } from '#core/lease.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { startCapacity } from '../../bin/capacity.ts'
import { type Desk, whileHeld } from '../../bin/capacity-work.ts'
import { roomSchemas } from '../../bin/room-schemas.ts'
import { dayRowOf } from '../../capacity/history/day-row.ts'
import { capacitySchema } from '../../capacity/pool-settings.ts'
import { planOf, pooled } from '../capacity/requests/made.ts'
import { bearer, ask as get, openStand } from '../core/http/ask.ts'

test('what was measured is sent while the turn is held, and by one process alone', async () => {
  const sent: unknown[] = []
  const bus = {
    async publish(_: string, items: readonly unknown[]) {
      sent.push(...items)
    },
  }
  let isHeld = true
  const desk: Pick<Desk, 'lease'> = {
    lease: { name: 'capacity/turn', isHeld: () => isHeld } as Partial<Lease> as Lease,
  }
  const guarded = whileHeld(desk, bus as Partial<Bus> as Bus)
  await guarded.publish('notices', [{ n: 1 }] as never)
  isHeld = false
  await expect(guarded.publish('notices', [{ n: 2 }] as never)).rejects.toMatchObject({ code: 'lease_lost' })
  desk.lease = undefined
  await guarded.publish('notices', [{ n: 3 }] as never)
  expect(sent).toEqual([{ n: 1 }, { n: 3 }])
})

async function newState(): Promise<State> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-capacity-work-'))
  const state = await openSqliteState({ file: join(folder, 'state.sqlite') })
  onTestFinished(async () => {
    await state.close()
    rmSync(folder, { recursive: true })
  })
  return state
}

const silent = { select: () => [], last: () => [], publish: async () => {} }

test('whose work failed takes imports as every process does', async () => {
  const own = await newState()
  const kept = JSON.stringify({ hive: {}, judged: { pool: 'gone' }, isTold: true })
  await own.write([own.db.insertInto('capacity_advice').values({ pool: 'gone', kept })])
  // The owner's first write, of advice that no pool wants any more, fails.
  const state: State = {
    ...own,
    async write(statements) {
      if (statements.some(each => each.compile().sql.includes('capacity_advice')))
        throw new Failure('state_unavailable', 'away')
      return own.write(statements)
    },
  }
  const told: string[] = []
  const read = readConfig({ env: {}, rooms: roomSchemas })
  if (!read.ok) throw new Error('the default configuration is bad')
  const capacity = capacitySchema.parse({
    pools: { web: { resources: { cpu: { usage: 'x', capacity: 'y', unit: 'cores' } } } },
  })
  await using running = await startCapacity({
    config: { ...read.config, capacity, engines: {} as never },
    ...{ bus: silent as never, store: silent as never, state, clock: realClock, own: openOwnMetrics() },
    ...{ table: new SeriesTable(), log: openLog({ write: line => void told.push(line) }) },
  })
  await expect.poll(() => told.join()).toContain('the work of an owner failed')
  const { history } = running.room
  const day = 20_000
  const row = dayRowOf(day, Float64Array.of(day * 86_400_000), Float64Array.of(7))
  await history.take({ pool: 'web', resource: 'cpu', part: {} }, 'usage', [row], 'replace')
})

test('alone in the world, what fails for a while is begun again, and ends no process', async () => {
  const own = await newState()
  const kept = JSON.stringify({ hive: {}, judged: { pool: 'gone' }, isTold: true })
  await own.write([own.db.insertInto('capacity_advice').values({ pool: 'gone', kept })])
  const left = () => own.db.selectFrom('capacity_advice').select('pool').execute()
  let isFull = true
  // The days cannot be read first, nor then what is known of advice be put right: the disk is full.
  let refused = 0
  const away = (): never => {
    refused++
    throw new Failure('state_unavailable', 'the disk is full')
  }
  const state: State = {
    ...own,
    db: new Proxy(own.db, {
      get(db, key) {
        const found = Reflect.get(db, key)
        if (key === 'selectFrom' && isFull && refused < 2)
          return (table: string) => (table === 'capacity_lines' ? away() : db.selectFrom(table as never))
        return typeof found === 'function' ? found.bind(db) : found
      },
    }),
    async write(statements) {
      if (isFull && statements.some(each => each.compile().sql.includes('capacity_advice'))) away()
      return own.write(statements)
    },
  }
  const told: string[] = []
  const read = readConfig({ env: {}, rooms: roomSchemas })
  if (!read.ok) throw new Error('the default configuration is bad')
  const capacity = capacitySchema.parse({
    pools: { web: { resources: { cpu: { usage: 'x', capacity: 'y', unit: 'cores' } } } },
  })
  const clock = new SimulatedClock(Date.parse('2026-11-21T09:00:00Z'))
  await using _ = await startCapacity({
    config: { ...read.config, capacity },
    ...{ bus: silent as never, store: silent as never, state, clock, own: openOwnMetrics() },
    ...{ table: new SeriesTable(), log: openLog({ write: line => void told.push(line), clock }) },
  })
  // Real work between the retries of simulated time.
  const turns = async (isDone: () => boolean | Promise<boolean>) => {
    for (let nth = 0; nth < 200 && !(await isDone()); nth++) {
      await left()
      await clock.runFor(1_000)
    }
    expect(await isDone()).toBe(true)
  }
  await turns(() => refused >= 4)
  expect(told.join('')).toContain('the work on capacity failed and is begun again')
  isFull = false
  await turns(async () => (await left()).length === 0)
})

test('the report of an earlier month is the one that its run kept; of one that is not there, others are named', async () => {
  const state = await newState()
  const read = readConfig({ env: {}, rooms: roomSchemas })
  if (!read.ok) throw new Error('the default configuration is bad')
  const clock = new SimulatedClock(Date.parse('2026-11-25T09:00:00Z'))
  await using running = await startCapacity({
    config: { ...read.config, timezone: 'UTC' },
    ...{ bus: silent as never, store: silent as never, state, clock, own: openOwnMetrics() },
    ...{ table: new SeriesTable(), log: openLog({ write: () => {} }) },
  })
  const asked = { trigger: 'person' as const, dueMs: 0, dueMonth: '2026-09', who: 'ann', atMs: 0 }
  await running.room.requests.draft(planOf([pooled('web', 12)], { month: '2026-10' }), asked)
  await using stand = await openStand(running.routes, { clock })
  const ask = (query: string) =>
    get(stand.http, `/api/plimsoll/v1/capacity/report?format=json${query}`, { headers: bearer('read') })
  expect((await ask('&month=2026-10')).json).toMatchObject({
    month: '2026-10',
    summary: { orderUnits: [{ unit: 'server', units: 12 }] },
  })
  expect((await ask('')).json).toMatchObject({ month: '2026-12', summary: { orderUnits: [] } })
  expect((await ask('&month=2026-12')).json).toMatchObject({ month: '2026-12', pools: [] })
  expect(await ask('&month=2026-09')).toMatchObject({
    status: 404,
    json: {
      error: {
        detail: 'there is no report of 2026-09: the present one is for 2026-12, kept are 2026-10',
      },
    },
  })
})
