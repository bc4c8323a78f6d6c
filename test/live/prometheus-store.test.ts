// The store on a real VictoriaMetrics: the contract of every engine, what this one makes of numbers and names, and its
// bad days. Each test has a server of its own, because this database has no tenants.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type Batch, noRows } from '#core/batch.ts'
import { realClock } from '#core/clock.ts'
import type { DeadLetter } from '#core/dead-letter.ts'
import { labelsOf } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import type { Matcher } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { openPostgresState } from '#core/state/postgres.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { Notes } from '#core/store/prometheus/notes.ts'
import { openPrometheusStore } from '#core/store/prometheus.ts'
import type { Store } from '#core/store.ts'
import { storeContract } from '../core/store.contract.ts'
import { startPostgres } from '../engines/postgres.ts'
import { startVictoria, type Victoria } from '../engines/victoria.ts'

type World = Readonly<{
  store: Store
  table: SeriesTable
  victoria: Victoria
  letters: DeadLetter[]
  // What is written becomes visible within a second; this makes it at once.
  visible(): Promise<void>
}>

const undo: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

async function open(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-live-'))
  undo.push(async () => rmSync(folder, { recursive: true }))
  const victoria = await startVictoria(folder)
  undo.push(() => victoria.kill())
  const state = await openSqliteState({ file: join(folder, 'state.db'), clock: realClock })
  undo.push(() => state.close())
  const table = new SeriesTable()
  const letters: DeadLetter[] = []
  const store = await openPrometheusStore({
    settings: { url: victoria.url, write: `${victoria.url}/api/v1/write`, headers: {} },
    table,
    clock: realClock,
    own: openOwnMetrics(),
    log: openLog({ write: () => {} }),
    state,
    deadLetters: async more => void letters.push(...more),
    keepMs: 400 * 86_400_000,
  })
  undo.push(() => store.close())
  const visible = async (): Promise<void> => {
    expect((await fetch(`${victoria.url}/internal/force_flush`)).ok).toBe(true)
  }
  return { store, table, victoria, letters, visible }
}

async function opened() {
  const { store, table, visible } = await open()
  const shown: Store = {
    append: batches => store.append(batches).then(visible),
    select: (...asked) => store.select(...asked),
    last: (...asked) => store.last(...asked),
    notes: (...asked) => store.notes(...asked),
    series: (...asked) => store.series(...asked),
    labelNames: (...asked) => store.labelNames(...asked),
    labelValues: (...asked) => store.labelValues(...asked),
    health: () => store.health(),
    close: () => store.close(),
  }
  return { store: shown, table }
}

storeContract('VictoriaMetrics', opened, { overwrites: false, staleMarkers: false, exactNumbers: false })

const is = (name: string, value: string): Matcher => ({ name, op: '=', value })
const nowMs = Math.floor(realClock.nowMs() / 1_000) * 1_000
const always = { fromMs: nowMs - 86_400_000, toMs: nowMs + 86_400_000 }

type Points = readonly (readonly [tMs: number, value: number])[]
function batchOf(
  { table }: Pick<World, 'table'>,
  name: string,
  labels: Record<string, string>,
  points: Points,
): Batch {
  const id = table.intern(name, labelsOf(Object.entries(labels)))
  const rows = {
    series: Uint32Array.from(points, () => id),
    tMs: Float64Array.from(points, ([tMs]) => tMs),
    values: Float64Array.from(points, ([, value]) => value),
  }
  return { receivedAtMs: nowMs, partition: 0, rows, notes: [] }
}

test('what this database makes of numbers', async () => {
  const world = await open()
  const t = async (written: readonly number[], read: readonly number[]) => {
    const name = `n${world.table.size}`
    await world.store.append([
      batchOf(
        world,
        name,
        {},
        written.map((value, at) => [nowMs + at, value]),
      ),
    ])
    await world.visible()
    const [found] = await world.store.select([is('__name__', name)], always)
    expect([...(found?.values ?? [])], String(written)).toEqual(read)
  }
  await t([1, 0.25, -3], [1, 0.25, -3])
  await t([1e15, 123_456_789_012], [1e15, 123_456_789_012])
  await t(
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  await t([5e-324, 1], [0, 1])
  await t([Number.MAX_VALUE], [1.797693134862315e308])
  // Twelve digits; of small numbers beside large ones, fewer.
  await t([0.1 + 0.2], [0.3])
  await t([1 / 3, 1e12], [0.333333, 1e12])
  await t([-0], [0])
  // Left out.
  await t([Number.NaN, 1], [1])
})

test('names of metrics and labels may be any text, and are asked for as it reads them', async () => {
  const world = await open()
  const labels = { 'service.name': 'shop', '1st-机器 "x"\\': 'y', über: 'z', or: 'w' }
  await world.store.append([
    batchOf(world, 'http.server/duration', labels, [[nowMs, 1]]),
    batchOf(world, 'up', { job: 'shop' }, [[nowMs, 2]]),
  ])
  await world.visible()
  for (const [name, value] of Object.entries({ __name__: 'http.server/duration', ...labels })) {
    const found = await world.store.select([is(name, value)], always)
    expect(
      found.map(({ values }) => [...values]),
      name,
    ).toEqual([[1]])
    expect(await world.store.labelValues(name, [is(name, value)], always), name).toEqual([value])
  }
  expect(await world.store.labelNames([is('service.name', 'shop')], always)).toContain('1st-机器 "x"\\')
  expect(world.letters).toEqual([])
})

// As a sink does it, for as long as the blows fall: what is refused is sent again until it is taken. Then all of it is
// read back and counted.
async function underFire(world: World, blow: () => Promise<void>): Promise<void> {
  let isOver = false
  let refused = 0
  const write = async (partition: number): Promise<number> => {
    for (let round = 0; ; round++) {
      if (isOver) return round * 50
      const points = Array.from({ length: 50 }, (_, at) => point(round * 50 + at))
      const batch = { ...batchOf(world, 'fire', { host: String(partition) }, points), partition }
      for (;;) {
        const failed = await world.store.append([batch]).catch((error: Error) => error)
        if (failed === undefined) break
        refused++
        await realClock.sleep(50)
      }
      await realClock.sleep(5)
    }
  }
  const point = (number: number) => [nowMs + number * 100, number] as const
  const writers = [0, 1, 2, 3].map(write)
  await blow()
  isOver = true
  const written = await Promise.all(writers)
  expect(refused, 'appends that were refused meanwhile').toBeGreaterThan(0)
  await world.visible()
  const found = await world.store.select([is('__name__', 'fire')], always)
  for (const { series, tMs, values } of found) {
    const wanted = Array.from({ length: written[Number(series.labels['host'])]! }, (_, number) =>
      point(number),
    )
    const there = Array.from(tMs, (t, at) => [t, values[at]])
    expect(there.length).toBe(wanted.length)
    expect(there).toEqual(wanted)
  }
  expect(found).toHaveLength(4)
  expect(world.letters).toEqual([])
}

test('killed with -9 three times while samples flow, nothing acknowledged is missing', async () => {
  const world = await open()
  await underFire(world, async () => {
    for (let each = 0; each < 3; each++) {
      await realClock.sleep(700)
      await world.victoria.kill()
      await realClock.sleep(200)
      await world.victoria.restart()
    }
    await realClock.sleep(500)
  })
})

test('killed in a quiet moment and back before anybody asks, nothing acknowledged is missing', async () => {
  const world = await open()
  await world.store.append([batchOf(world, 'quiet', {}, [[nowMs, 1]])])
  await world.victoria.kill()
  await world.victoria.restart()
  await world.store.append([batchOf(world, 'quiet', {}, [[nowMs + 1, 2]])])
  await world.visible()
  const [found] = await world.store.select([is('__name__', 'quiet')], always)
  expect([...found!.values]).toEqual([1, 2])
})

test('restarted and paused while samples flow, nothing acknowledged is missing', async () => {
  const world = await open()
  await underFire(world, async () => {
    await realClock.sleep(300)
    await world.victoria.restart()
    await realClock.sleep(300)
    world.victoria.pause()
    await realClock.sleep(2_000)
    world.victoria.wake()
    await realClock.sleep(300)
  })
})

test('notes rest in PostgreSQL as well, each once, whoever writes them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-live-'))
  undo.push(async () => rmSync(folder, { recursive: true }))
  const postgres = await startPostgres(folder)
  undo.push(() => postgres.stop())
  const writers = await Promise.all(
    [1, 2].map(async () => {
      const state = await openPostgresState({ url: postgres.urlOf('postgres'), clock: realClock })
      const table = new SeriesTable()
      const keepMs = 3_600_000
      const notes = new Notes({ state, table, clock: realClock, log: openLog({ write: () => {} }), keepMs })
      undo.push(() => state.close())
      undo.push(async () => notes.close())
      return { notes, table }
    }),
  )
  const odd = 'NUL \0 "机"'
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      writers.map(({ notes, table }, each) => {
        const rows = Array.from({ length: 50 }, (_, at) => {
          const series = table.intern('line', labelsOf([['host', String(at)]]))
          return { series, tMs: nowMs + round, text: odd }
        })
        const ordered = each === 0 ? rows : rows.reverse()
        return notes.add([{ receivedAtMs: nowMs, partition: 0, rows: noRows, notes: ordered }])
      }),
    )
  }
  const found = await writers[0]!.notes.find([is('__name__', 'line')], always, 10_000)
  expect(found).toHaveLength(1_000)
  expect(found[0]).toMatchObject({ tMs: nowMs + 19, text: odd })
  expect(
    await writers[1]!.notes.find([is('host', '7')], { fromMs: nowMs, toMs: nowMs + 1 }, 10),
  ).toHaveLength(2)
  await writers[1]!.notes.forget()
  expect(await writers[0]!.notes.find([], always, 10_000)).toHaveLength(1_000)
})
