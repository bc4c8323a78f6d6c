import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import { isStale } from '#core/stale.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import { Head, type Watch } from '../../rules/head.ts'
import { openHeadStore } from '../../rules/head-store.ts'
import { lookbackMs } from '../../rules/lookback.ts'
import { runs } from '../runs.ts'
import { openPlainStore, type Row, rowsOf } from './plain-store.ts'

const name = (value: string) => ({ name: '__name__', op: '=', value }) as const
const host = (value: string) => ({ name: 'host', op: '=~', value }) as const
const newest: Watch = { matchers: [name('a')], keepMs: 0, windowsMs: [], ends: true }
const minutes: Watch = { matchers: [name('b')], keepMs: 120_000, windowsMs: [120_000], ends: false }

// At a time relative to the present.
type Given = readonly [series: number, shiftMs: number, value: Row['value']]

function world(watches: readonly Watch[], maxBytes = 1 << 24) {
  const table = new SeriesTable()
  const series = (of: string, value = 'x'): number => table.intern(of, labelsOf([['host', value]]))
  const store = openPlainStore(table)
  const head = new Head({ table, lookbackMs, maxBytes })
  let isThere = true
  const both = openHeadStore({ store, table, head: () => (isThere ? head : undefined) })
  const start = 1_800_000_000_000
  const w = {
    table,
    store,
    head,
    both,
    series,
    nowMs: start,
    leave: () => {
      isThere = false
    },
    // What comes goes to both.
    come(...given: readonly Given[]) {
      head.take(rowsOf(w.slip(...given)), w.nowMs)
    },
    // To the store alone.
    slip(...given: readonly Given[]): Row[] {
      const rows = given.map(([of, shiftMs, value]) => ({ series: of, tMs: w.nowMs + shiftMs, value }))
      store.write(rows)
      return rows
    },
    pass(ms: number) {
      w.nowMs += ms
      head.due(w.nowMs)
    },
    // As the engine does at its start and after a reload.
    async watch(to: readonly Watch[]) {
      head.due(w.nowMs)
      head.watch(to)
      for (const { matchers, keepMs } of to) {
        const range = { fromMs: w.nowMs - Math.max(keepMs, lookbackMs), toMs: w.nowMs }
        for (const { series: of, tMs, values } of await store.select(matchers, {
          ...range,
          onlyNewest: keepMs === 0,
        })) {
          head.warm(table.find(of)!, tMs, values)
        }
      }
    },
    // What the store answers, and whether it had to be asked for it.
    async ask({ matchers }: Pick<Watch, 'matchers'>, back: number, to = 0, onlyNewest = false) {
      const range: Range = { fromMs: w.nowMs - back, toMs: w.nowMs + to, ...(onlyNewest && { onlyNewest }) }
      const wanted = shown(await store.select(matchers, range))
      const before = store.reads
      const found = shown(await both.select(matchers, range))
      return { found, wanted, byHead: store.reads === before }
    },
    // The first question after a minute goes to the store, and has the two compared.
    async settle(...asked: readonly Watch[]) {
      w.pass(60_000)
      for (const each of asked) await w.ask(each, 1_000)
      await new Promise<void>(resolve => setImmediate(resolve))
    },
  }
  head.due(start)
  head.watch(watches)
  return w
}

const shown = (found: readonly SeriesSamples[]) =>
  found.map(({ series, tMs, values }) => ({
    is: `${series.name} ${series.labels['host']}`,
    points: Array.from(tMs, (t, at) => [t, isStale(values, at) ? 'stale' : values[at]]),
  }))

test('the recent past of what a rule reads comes from the head, once it was compared', async () => {
  const w = world([newest, minutes])
  const [a, b] = [w.series('a'), w.series('b')]
  w.come([a, 0, 1], [b, 0, 1])
  w.pass(59_999)
  w.come([a, 0, 2], [b, 0, 2])
  const t = async (of: Watch, back: number, isNewest: boolean, byHead: boolean) => {
    const { found, wanted, byHead: was } = await w.ask(of, back, 0, isNewest)
    expect([found, was]).toEqual([wanted, byHead])
    expect(found.length).toBeGreaterThan(0)
  }

  await t(newest, 300_000, true, false)
  await w.settle(newest, minutes)
  w.come([a, 0, 3], [b, 0, 'stale'])
  await t(newest, 299_999, true, true)
  // All samples of five minutes, where only the newest is kept.
  await t(newest, 299_999, false, false)
  await t(minutes, 119_999, false, true)
  await t(minutes, 119_999, true, true)
  // Further back than anybody looks.
  await t(minutes, 200_000, false, false)
  // Another selector, which finds the same series.
  await t({ ...newest, matchers: [name('a'), host('x')] }, 299_999, true, false)
  const [last] = await w.both.last(minutes.matchers, { fromMs: w.nowMs - 1_000, toMs: w.nowMs })
  expect([last?.tMs, last?.value]).toEqual([w.nowMs, Number.NaN])
})

test('what the store cannot have yet is there', async () => {
  const w = world([minutes])
  const b = w.series('b')
  w.come([b, 0, 1])
  await w.settle(minutes)
  // Recorded by a rule, and not written yet.
  w.head.put(b, w.nowMs, 2)

  const { found, wanted } = await w.ask(minutes, 60_000)
  expect(wanted[0]?.points.map(each => each[1])).toEqual([1])
  expect(found[0]?.points.map(each => each[1])).toEqual([1, 2])
})

test('an answer stays as it is while the head goes on', async () => {
  const w = world([minutes])
  const b = w.series('b')
  w.come([b, 0, 1])
  await w.settle(minutes)
  w.come([b, 0, 2])
  const found = await w.both.select(minutes.matchers, { fromMs: w.nowMs - 60_000, toMs: w.nowMs })
  const before = shown(found)
  w.come([b, -1, 7], [b, 0, 8])
  expect(shown(found)).toEqual(before)
})

test('what came before the watch, or from ahead, is not missed', async () => {
  const w = world([])
  const [x, y] = [w.series('b', 'x'), w.series('b', 'y')]
  w.come([x, -30_000, 1], [y, -10_000, 1], [y, 100_000, 2])
  // Warm only up to the present.
  await w.watch([minutes])
  await w.settle(minutes)
  w.come([x, 0, 3])
  const t = async (back: number, to: number, byHead: boolean) => {
    const { found, wanted, byHead: was } = await w.ask(minutes, back, to)
    expect([found, was], `${back} ${to}`).toEqual([wanted, byHead])
  }

  await t(50_000, 60_000, false)
  // What is missing is at 40 s from now.
  w.pass(41_000)
  w.come([x, 0, 4], [y, 0, 4])
  await t(20_000, 0, false)
  await t(500, 0, true)
})

test('what waits because it is far ahead is read from the store', async () => {
  const w = world([newest])
  const a = w.series('a')
  w.come([a, 0, 1])
  await w.settle(newest)
  w.come([a, 65_000, 2])
  const t = async (to: number, byHead: boolean) => {
    const { found, wanted, byHead: was } = await w.ask(newest, 300_000, to, true)
    expect([found, was], `${to}`).toEqual([wanted, byHead])
  }

  await t(0, true)
  await t(70_000, false)
  w.pass(6_000)
  await t(59_000, true)
})

test('of a watch that keeps the newest only, nothing is said of what came before that', async () => {
  const w = world([])
  const a = w.series('a')
  w.come([a, 65_000, 1])
  await w.watch([newest])
  w.pass(10_000)
  w.come([a, 56_000, 2])
  await w.settle(newest)
  w.come([a, 0, 3])
  const t = async (back: number, byHead: boolean) => {
    const { found, wanted, byHead: was } = await w.ask(newest, back, 10_000)
    expect([found, was], `${back}`).toEqual([wanted, byHead])
  }

  w.pass(10_000)
  await t(16_000, false)
  await t(13_000, true)
})

test('a series that has ended has given up what nobody looks back to', async () => {
  const w = world([minutes])
  const b = w.series('b')
  for (let at = 0; at < 12; at++) {
    w.come([b, 0, at])
    w.pass(10_000)
  }
  await w.settle(minutes)
  w.pass(120_000)
  w.pass(10_000)
  const t = async (back: number, to: number, byHead: boolean) => {
    const { found, wanted, byHead: was } = await w.ask(minutes, back, to, true)
    expect([found, was], `${back} ${to}`).toEqual([wanted, byHead])
  }

  // The sample wanted is the third from the end.
  await t(240_000, -215_000, false)
  await t(240_000, -205_000, true)
  await t(240_000, 0, true)
  // A store may have forgotten it.
  w.pass(200_000)
  await t(430_000, 0, false)
})

test('whoever was missed or dropped is looked for in the store', async () => {
  const w = world([minutes], 1 << 14)
  const b = w.series('b')
  const t = async (byHead: boolean) => {
    const { found, wanted, byHead: was } = await w.ask(minutes, 1_000)
    expect([found, was]).toEqual([wanted, byHead])
  }
  w.come([b, 0, 1])
  await w.settle(minutes)
  await t(true)

  // The rules refused a batch that the sink took.
  w.slip([b, 0, 5])
  w.head.miss()
  await t(false)
  await w.settle(minutes)
  w.come([b, 0, 1])
  await t(true)

  // From too far ahead.
  w.come([b, 700_000, 1])
  await t(false)
  w.pass(1_000)
  await t(false)

  // More series than there is room for.
  w.come(...Array.from({ length: 200 }, (_, at) => [w.series('b', `y${at}`), 0, 1] as const))
  expect(w.head.dropped).toBeGreaterThan(2)
  await t(false)

  w.leave()
  await t(false)
})

test('a series that there was no room for is looked for in the store', async () => {
  const w = world([minutes], 30_000)
  const all = Array.from({ length: 400 }, (_, at) => w.series('b', `h${at}`))
  w.come(...all.map((each): Given => [each, 0, 1]))
  expect(w.head.counts.no_room).toBeGreaterThan(0)
  await w.settle(minutes)
  w.pass(10_000)
  w.come(...all.map((each): Given => [each, 0, 2]))
  const { found, wanted } = await w.ask(minutes, 1_000)
  expect(found).toEqual(wanted)
})

test('a store that does not answer is compared later', async () => {
  const w = world([minutes])
  const b = w.series('b')
  w.come([b, 0, 1])
  const { select } = w.store
  w.store.select = () => Promise.reject(new Failure('too_many_samples', 'for once'))
  w.pass(60_000)
  const range = { fromMs: w.nowMs, toMs: w.nowMs }
  await expect(w.both.select(minutes.matchers, range)).rejects.toThrow('for once')
  w.store.select = select
  const t = async (byHead: boolean) => expect((await w.ask(minutes, 1_000)).byHead).toBe(byHead)

  await t(false)
  await w.settle()
  await t(false)
  await w.settle(minutes)
  await t(true)
})

test('a caller who has gone is not answered', async () => {
  const w = world([minutes])
  const signal = AbortSignal.abort(new Error('gone'))
  await expect(w.both.select(minutes.matchers, { fromMs: 0, toMs: 1 }, signal)).rejects.toThrow('gone')
})

const lists: readonly (readonly Watch[])[] = [
  [newest, minutes],
  [
    { ...newest, keepMs: 20_000 },
    { matchers: [host('x|y')], keepMs: 70_000, windowsMs: [70_000], ends: true },
    { ...minutes, keepMs: 0, windowsMs: [] },
  ],
]
const asked = [newest.matchers, minutes.matchers, [host('x|y')]]

const row = fc.record({
  of: fc.nat(5),
  shiftMs: fc.oneof(
    { weight: 80, arbitrary: fc.integer({ min: -900, max: 0 }) },
    { weight: 30, arbitrary: fc.integer({ min: -90_000, max: 500 }) },
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 90_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 600_000, max: 700_000 }) },
  ),
  value: fc.oneof(
    { weight: 6, arbitrary: fc.nat(3) },
    { weight: 1, arbitrary: fc.constantFrom<Row['value']>('stale', Number.NaN) },
  ),
})
const rows = fc.array(row, { maxLength: 6 })
const passed = fc.oneof(
  { weight: 8, arbitrary: fc.nat(15_000) },
  { weight: 2, arbitrary: fc.integer({ min: 60_000, max: 200_000 }) },
)
const step = fc.oneof(
  { weight: 28, arbitrary: fc.record({ does: fc.constant('come' as const), passed, rows }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('miss' as const), rows }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('watch' as const), list: fc.nat(1) }) },
  {
    weight: 28,
    arbitrary: fc.record({
      does: fc.constant('ask' as const),
      matchers: fc.constantFrom(...asked),
      back: fc.oneof(fc.integer({ min: 0, max: 400_000 }), fc.constantFrom(299_999, 119_999)),
      to: fc.oneof(fc.constant(0), fc.integer({ min: -100_000, max: 70_000 })),
      isNewest: fc.boolean(),
    }),
  },
)

test('every answer is that of the store', async () => {
  let byHead = 0
  let answers = 0
  const story = fc.array(step, { minLength: 20, maxLength: 60, size: 'max' })
  await fc.assert(
    fc.asyncProperty(rows, story, fc.boolean(), async (before, all, isCalm) => {
      // Half of the stories have nothing that keeps the head from answering for minutes.
      const steps = isCalm ? all.filter(each => each.does === 'come' || each.does === 'ask') : all
      const w = world([])
      const series = ['a', 'b'].flatMap(of => ['x', 'y', 'z'].map(each => w.series(of, each)))
      // At full seconds, so that one is often written over another.
      const given = (rows: typeof before) =>
        rows.map(({ of, shiftMs, value }) => {
          const tMs = w.nowMs + (isCalm ? Math.min(shiftMs, 59_000) : shiftMs)
          return [series[of]!, Math.floor(tMs / 1_000) * 1_000 - w.nowMs, value] as const
        })
      w.slip(...given(before))
      await w.watch(lists[0]!)
      for (const each of steps) {
        if (each.does === 'watch') await w.watch(lists[each.list]!)
        else if (each.does === 'miss') {
          w.slip(...given(each.rows))
          w.head.miss()
        } else if (each.does === 'come') {
          w.pass(each.passed)
          w.come(...given(each.rows))
        } else {
          const { matchers, back, to, isNewest } = each
          const answer = await w.ask({ matchers }, back, Math.max(to, -back), isNewest)
          expect(answer.found).toEqual(answer.wanted)
          await new Promise<void>(resolve => setImmediate(resolve))
          answers++
          if (answer.byHead) byHead++
        }
      }
    }),
    { numRuns: runs(100) },
  )
  // Else nothing was shown.
  expect(byHead / answers).toBeGreaterThan(0.1)
})
