// Two processes of a fleet with one state: what one has imported, the other shows a second later.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import { readConfig } from '#core/config.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { startCapacity } from '../../bin/capacity.ts'
import { roomSchemas } from '../../bin/room-schemas.ts'
import { readDay } from '../../capacity/days.ts'
import { dayRowOf } from '../../capacity/history/day-row.ts'
import { capacitySchema } from '../../capacity/pool-settings.ts'
import { ask, bearer, openStand } from '../core/http/ask.ts'

const silent = { select: () => [], last: () => [], publish: async () => {} }
const lookMs = 1_000

async function world() {
  const life = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-capacity-shared-'))
  life.defer(() => rmSync(folder, { recursive: true }))
  const clock = new SimulatedClock(Date.parse('2026-11-21T09:00:00Z'))
  const read = readConfig({ env: {}, rooms: roomSchemas })
  if (!read.ok) throw new Error('the default configuration is bad')
  const capacity = capacitySchema.parse({
    pools: { web: { resources: { cpu: { usage: 'x', capacity: 'y', unit: 'cores' } } } },
  })
  const open = async () => {
    const state = await openSqliteState({ file: join(folder, 'state.sqlite') })
    life.defer(() => state.close())
    const running = life.use(
      await startCapacity({
        config: { ...read.config, timezone: 'UTC', capacity, engines: {} as never },
        ...{ bus: silent as never, store: silent as never, state, clock, own: openOwnMetrics() },
        ...{ table: new SeriesTable(), log: openLog({ write: () => {} }) },
      }),
    )
    const stand = life.use(await openStand(running.routes, { clock }))
    const days = async (): Promise<number> => {
      const { json } = await ask(stand.http, '/api/plimsoll/v1/capacity/history', { headers: bearer('read') })
      return json.lines[0].days
    }
    return { ...running, days }
  }
  return { clock, open, [Symbol.asyncDispose]: () => life[Symbol.asyncDispose]() }
}

test('what one process has imported, others show a second later, and who starts at once', async () => {
  await using w = await world()
  const [one, two] = [await w.open(), await w.open()]
  expect([await one.days(), await two.days()]).toEqual([0, 0])
  const day = readDay('2026-11-20')!
  const take = (nth: number) => {
    const row = dayRowOf(day - nth, Float64Array.of(1), Float64Array.of(7))
    return one.room.history.take({ pool: 'web', resource: 'cpu', part: {} }, 'usage', [row], 'fill')
  }
  for (const nth of [0, 1]) {
    await take(nth)
    expect(await one.days()).toBe(nth + 1)
    await w.clock.runFor(lookMs)
    // The state answers in real time.
    await expect.poll(two.days).toBe(nth + 1)
  }
  expect(await (await w.open()).days()).toBe(2)
})
