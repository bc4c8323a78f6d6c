// The five minutes and the days of pools: what is recorded, what is missed, made up for and left out.
import { expect, test } from 'vitest'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import { dayStartMs, readDay } from '../../../capacity/days.ts'
import { type OpenHistory, openHistory } from '../../../capacity/history/open-history.ts'
import type { Line } from '../../../capacity/pool.ts'
import { dayMs, minuteMs, openWorld, poolsOf } from './world.ts'

const day = (text: string): number => readDay(text)!
const noonMs = Date.UTC(2026, 10, 20, 12)
const step = 5 * minuteMs

const lineOf = (pool: string, resource = 'cpu', part: Record<string, string> = {}): Line => ({
  ...{ pool, resource, part: labelsOf(Object.entries(part)) },
})
const peaks = (history: OpenHistory, line: Line, toDay: number, days: number): number[] => [
  ...history.demand(line, 'peak', { toDay, days }).values,
]
const supplies = (history: OpenHistory, line: Line, toDay: number, days: number): number[] => [
  ...history.supply(line, { toDay, days }).values,
]

const web = {
  web: {
    labels: { owner: 'payments' },
    by: ['zone'],
    resources: {
      cpu: {
        usage: 'sum by (zone) (used)',
        capacity: 'sum by (zone) (size)',
        waterline: '70%',
        unit: 'cores',
      },
    },
  },
}

test('each five minutes the whole and its parts are recorded', async () => {
  const w = await openWorld({ startMs: noonMs + 19_000, pools: web })
  const all = { fromMs: noonMs - 20 * minuteMs, toMs: noonMs + 20 * minuteMs }
  w.put('used', { zone: 'a', host: 'h1' }, { ...all, value: () => 3 })
  w.put('used', { zone: 'a', host: 'h2' }, { ...all, value: () => 4 })
  w.put('used', { zone: 'b', host: 'h3' }, { ...all, value: tMs => (tMs < noonMs + step ? 5 : 6) })
  w.put('size', { zone: 'a' }, { ...all, value: () => 10 })
  const recorder = w.open()
  // Before twenty seconds are over, noon is not due.
  await recorder.tick(w.clock.nowMs())
  await recorder.tick(noonMs + 20_000)
  await recorder.tick(noonMs + 21_000)
  await recorder.tick(noonMs + step + 20_000)
  const pool = { owner: 'payments', pool: 'web', resource: 'cpu' }
  const times = [noonMs - step, noonMs, noonMs + step]
  const t = (labels: object, values: readonly number[]) =>
    expect(w.recorded('capacity_usage')).toContainEqual({
      labels: expect.objectContaining({ ...pool, ...labels }),
      points: times.map((tMs, at) => [tMs, values[at]]),
    })
  t({ zone: 'a' }, [7, 7, 7])
  t({ zone: 'b' }, [5, 5, 6])
  expect(w.recorded('capacity_usage')).toHaveLength(3)
  const whole = w.recorded('capacity_usage').find(({ labels }) => labels['zone'] === undefined)
  expect(whole).toEqual({
    labels: labelsOf(Object.entries(pool)),
    points: times.map((tMs, at) => [tMs, [12, 12, 13][at]]),
  })
  expect(w.recorded('capacity_supply').map(({ points }) => points.map(([, value]) => value))).toEqual([
    [10, 10, 10],
    [10, 10, 10],
  ])
})

test('what has no number is a gap and never 0', async () => {
  const w = await openWorld({
    startMs: noonMs,
    pools: {
      empty: { resources: { cpu: { usage: 'sum(nobody)', capacity: 'nobody', unit: 'cores' } } },
      nothing: { resources: { cpu: { usage: 'zero / zero', capacity: '1 / zero', unit: 'cores' } } },
      mixed: { by: ['zone'], resources: { cpu: { usage: 'half', capacity: 'half', unit: 'cores' } } },
      scalar: { resources: { cpu: { usage: 'scalar(zero) + 2', capacity: '5', unit: 'cores' } } },
    },
  })
  const all = { fromMs: noonMs - step, toMs: noonMs + 1 }
  w.put('zero', {}, { ...all, value: () => 0 })
  w.put('half', { zone: 'a' }, { ...all, value: () => Number.NaN })
  w.put('half', { zone: 'b' }, { ...all, value: () => 7 })
  await w.open().tick(noonMs + 30_000)
  const seen = w
    .recorded('capacity_usage')
    .map(({ labels, points }) => [labels['pool'], labels['zone'], points[0]?.[1]])
  expect(seen).toEqual(
    expect.arrayContaining([
      ['mixed', undefined, 7],
      ['mixed', 'b', 7],
      ['scalar', undefined, 2],
    ]),
  )
  expect(seen).toHaveLength(3)
  expect(await w.own.text()).toContain('plimsoll_capacity_questions_total{outcome="empty"} 4')
})

test('live units are supply, broken ones are not; stated units and what was delivered are', async () => {
  const w = await openWorld({
    startMs: noonMs,
    pools: {
      live: {
        resources: { cpu: { usage: 'count(up)', units: 'count(up == 1)', unit_capacity: 32, unit: 'cores' } },
      },
      stated: { units: 12, resources: { disk: { usage: 'count(up)', unit_capacity: 2e12, unit: 'bytes' } } },
      counted: {
        ...{ units: 12, counted: '2026-11-25' },
        resources: { disk: { usage: 'count(up)', unit_capacity: 1, unit: 'bytes' } },
      },
    },
  })
  const all = { fromMs: noonMs - step, toMs: noonMs + 1 }
  w.put('up', { host: 'a' }, { ...all, value: () => 1 })
  w.put('up', { host: 'b' }, { ...all, value: () => 0 })
  const deliveredUnits = (pool: string, _: object, fromDay = 0) => {
    if (pool === 'counted') return fromDay === readDay('2026-11-25') ? 1 : 100
    return pool === 'stated' ? 3 : 0
  }
  await w.open({ deliveredUnits }).tick(noonMs + 30_000)
  const supply = w.recorded('capacity_supply').map(({ labels, points }) => [labels['pool'], points[0]?.[1]])
  expect(supply).toEqual([
    ['live', 32],
    ['stated', 15 * 2e12],
    ['counted', 13],
  ])
})

test('a question that fails hurts its own pool only, and is told until it is well', async () => {
  const w = await openWorld({
    startMs: noonMs,
    pools: {
      bad: { resources: { cpu: { usage: 'one * on (zone) one', capacity: '1', unit: 'cores' } } },
      good: { resources: { cpu: { usage: 'sum(one)', capacity: '1', unit: 'cores' } } },
    },
  })
  const all = { fromMs: noonMs - step, toMs: noonMs + step }
  for (const host of ['a', 'b']) w.put('one', { host, zone: 'z' }, { ...all, value: () => 1 })
  const recorder = w.open()
  await recorder.tick(noonMs + 30_000)
  const usage = (): unknown[] => w.recorded('capacity_usage').map(({ labels }) => labels['pool'])
  expect(usage()).toEqual(['good'])
  expect(recorder.troubles()).toMatchObject([{ pool: 'bad', resource: 'cpu', track: 'usage', when: 'now' }])
  expect(recorder.troubles()[0]?.text).toContain('many')
  w.pools = poolsOf({ bad: { resources: { cpu: { usage: 'sum(one)', capacity: '1', unit: 'cores' } } } })
  await recorder.tick(noonMs + step + 30_000)
  expect(usage()).toContain('bad')
  expect(recorder.troubles()).toEqual([])
})

test('a label with many values makes no more lines than the pool may have parts, and it is told', async () => {
  const usage = { usage: 'sum by (pod) (used)', capacity: 'sum by (pod) (size)', unit: 'cores' }
  const pods = { web: { by: ['pod'], parts: 2, resources: { cpu: usage } } }
  const w = await openWorld({ startMs: noonMs, pools: pods })
  const put = (pod: string, value: number, fromMs = noonMs - 2 * dayMs) => {
    w.put('used', { pod }, { fromMs, toMs: noonMs + dayMs, everyMs: step, value: () => value })
    w.put('size', { pod }, { fromMs, toMs: noonMs + dayMs, everyMs: step, value: () => 10 * value })
  }
  for (const [at, pod] of ['a', 'b', 'c', 'd'].entries()) put(pod, at + 1)
  const recorder = w.open()
  await recorder.tick(noonMs + 30_000)
  put('late', 100, noonMs + step)
  await recorder.tick(noonMs + step + 30_000)
  const seen = (name: string) =>
    w
      .recorded(name)
      .map(({ labels, points }) => [labels['pod'] ?? '', ...points.map(([, value]) => value)])
      .sort()
  expect(seen('capacity_usage')).toEqual([
    ['', 10, 110],
    ['c', 3, 3],
    ['d', 4, 4],
  ])
  expect(seen('capacity_supply').map(([pod]) => pod)).toEqual(['', 'c', 'd'])
  expect(recorder.troubles()).toMatchObject([
    { pool: 'web', resource: 'cpu', track: 'usage', when: 'now', about: 'parts' },
    { track: 'supply', text: '3 more parts by pod than 2: the smallest count for the whole only' },
  ])

  // Another process makes the days, from the samples themselves and from what was recorded.
  await w.clock.runFor(dayMs)
  await w.open().catchUp()
  const lines = [{}, { pod: 'c' }, { pod: 'd' }].map(part => lineOf('web', 'cpu', part))
  expect(w.history.lines()).toHaveLength(3)
  expect(lines.map(line => peaks(w.history, line, day('2026-11-20'), 2))).toEqual([
    [10, 110],
    [3, 3],
    [4, 4],
  ])
  w.pools = poolsOf({ web: { ...pods.web, parts: 9 } })
  await w.open().catchUp()
  await recorder.tick(w.clock.nowMs())
  expect(recorder.troubles()).toEqual([])
})

test('what a store or a bus did not let through is recorded when it does again', async () => {
  const w = await openWorld({ startMs: noonMs, pools: web })
  const all = { fromMs: noonMs - step, toMs: noonMs + 60 * minuteMs }
  w.put('used', { zone: 'a' }, { ...all, value: tMs => (tMs - noonMs) / minuteMs })
  const recorder = w.open()
  await recorder.tick(noonMs + 30_000)
  w.failing = new Failure('store_unavailable', 'away')
  await expect(recorder.tick(noonMs + step + 30_000)).rejects.toThrow('store_unavailable')
  w.failing = undefined
  w.refusing = true
  await expect(recorder.tick(noonMs + 2 * step + 30_000)).rejects.toThrow('bus_unavailable')
  w.refusing = false
  await recorder.tick(noonMs + 3 * step + 30_000)
  const whole = w.recorded('capacity_usage').find(({ labels }) => labels['zone'] === undefined)
  expect(whole?.points).toEqual([0, 1, 2, 3].map(at => [noonMs + at * step, at * 5]))
  expect(recorder.troubles()).toEqual([])
})

test('the next process goes on where the last one stopped, a day back at most', async () => {
  const w = await openWorld({ startMs: noonMs, pools: web })
  w.put(
    'used',
    { zone: 'a' },
    { fromMs: noonMs - 2 * dayMs, toMs: noonMs + 3 * dayMs, everyMs: step, value: () => 1 },
  )
  const first = w.open()
  for (let at = 0; at < 3; at++) await first.tick(noonMs + at * step + 20_000)
  const points = (): number =>
    w.recorded('capacity_usage').find(({ labels }) => labels['zone'] === undefined)!.points.length
  expect(points()).toBe(3)
  // Twenty minutes asleep.
  await w.clock.runFor(30 * minuteMs + 30_000)
  const second = new AbortController()
  const again = w.open().run(second.signal)
  await w.clock.runFor(1_000)
  second.abort()
  await again
  expect(points()).toBe(7)
  await w.clock.runFor(2 * dayMs)
  const third = new AbortController()
  const late = w.open().run(third.signal)
  await w.clock.runFor(1_000)
  third.abort()
  await late
  // Nothing of the last day was recorded, so it begins anew; the days themselves are whole.
  await w.open().catchUp()
  expect(points()).toBe(8)
  expect(w.history.rows(lineOf('web'), 'usage', { toDay: day('2026-11-21'), days: 1 })).toMatchObject([
    { count: 288 },
  ])
})

test('a new pool has its days at once, from the samples', async () => {
  const w = await openWorld({ startMs: noonMs, pools: web })
  const today = day('2026-11-20')
  // Five days are kept; each day's peak is at its end.
  w.put(
    'used',
    { zone: 'a' },
    {
      fromMs: noonMs - 5 * dayMs,
      toMs: noonMs,
      everyMs: step,
      value: tMs => Math.floor(tMs / dayMs) - today + 100,
    },
  )
  w.put('size', { zone: 'a' }, { fromMs: noonMs - 5 * dayMs, toMs: noonMs, everyMs: step, value: () => 200 })
  const seen: number[] = []
  await w.open().catchUp({ onProgress: (done, of) => seen.push(done / of) })
  expect(peaks(w.history, lineOf('web'), today, 7)).toEqual([Number.NaN, 95, 96, 97, 98, 99, Number.NaN])
  expect(peaks(w.history, lineOf('web', 'cpu', { zone: 'a' }), today - 1, 2)).toEqual([98, 99])
  expect(supplies(w.history, lineOf('web'), today - 1, 1)).toEqual([200])
  expect(w.history.rows(lineOf('web'), 'usage', { toDay: today - 5, days: 1 })).toMatchObject([
    { count: 144 },
  ])
  expect(seen.at(-1)).toBe(1)
  expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  expect(seen.length).toBeGreaterThanOrEqual(60)

  // Nothing is asked twice, not even of days without anything.
  const { asked } = w
  await w.open().catchUp()
  expect(w.asked).toBe(asked)
})

test('the same days come out however often and wherever it was interrupted', async () => {
  const today = day('2026-11-20')
  const story = async (failsAfter: readonly number[]): Promise<unknown> => {
    const w = await openWorld({ startMs: noonMs, pools: web })
    const of = { fromMs: noonMs - 30 * dayMs, toMs: noonMs, everyMs: step }
    w.put('used', { zone: 'a' }, { ...of, value: tMs => (tMs / step) % 97 })
    w.put('used', { zone: 'b' }, { ...of, value: tMs => (tMs / step) % 31 })
    w.put('size', { zone: 'b' }, { ...of, value: () => 100 })
    for (const after of failsAfter) {
      w.failing = new Failure('store_unavailable', 'away')
      w.failsAfter = after
      await w
        .open()
        .catchUp()
        .catch(() => undefined)
    }
    w.failing = undefined
    await w.open().catchUp()
    const window = { toDay: today, days: 70 }
    return w.history
      .lines()
      .map(line => [line, w.history.rows(line, 'usage', window), w.history.rows(line, 'supply', window)])
      .sort(([a], [b]) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
  }
  const whole = await story([])
  expect(whole).toHaveLength(3)
  expect(await story([0, 1, 7, 60, 61])).toEqual(whole)
})

test('a day is made ten minutes after its end, of what was recorded, and gaps are filled', async () => {
  const startMs = Date.UTC(2026, 10, 20)
  const w = await openWorld({ startMs: startMs + 30_000, pools: web })
  const all = { fromMs: startMs - step, toMs: startMs + 2 * dayMs, everyMs: step }
  w.put('used', { zone: 'a' }, { ...all, value: () => 5 })
  const first = w.open()
  for (let at = 0; at <= 72; at++) await first.tick(startMs + at * step + 30_000)
  // What was recorded before the machine slept says otherwise now.
  w.put('used', { zone: 'a' }, { ...all, value: () => 6 })
  const rows = () => w.history.rows(lineOf('web'), 'usage', { toDay: day('2026-11-20'), days: 1 })
  await w.clock.runUntil(startMs + dayMs + 9 * minuteMs)
  await w.open().catchUp()
  expect(rows()).toEqual([])
  const end = new AbortController()
  const on = w.open().run(end.signal)
  // The state lives in real time.
  await expect
    .poll(async () => {
      await w.clock.runFor(step)
      return rows()
    })
    .toMatchObject([{ count: 288, max: 6, sum: 6 * 288 - 73 }])
  end.abort()
  await on
})

test('what was recorded is the day, though the samples would say otherwise now', async () => {
  const startMs = Date.UTC(2026, 10, 20)
  const w = await openWorld({ startMs: startMs + dayMs + 20 * minuteMs, pools: web })
  const whole = { pool: 'web', resource: 'cpu', owner: 'payments' }
  const today = { fromMs: startMs, toMs: startMs + dayMs, everyMs: step }
  w.put('capacity_usage', whole, { ...today, value: tMs => (tMs < startMs + dayMs / 2 ? 3 : Number.NaN) })
  // Of a time when the pool was divided by something else.
  w.put('capacity_usage', { ...whole, rack: 'r1' }, { ...today, value: () => 77 })
  w.put('used', { zone: 'a' }, { ...today, value: () => 9 })
  const recorder = w.open()
  await recorder.backfill({ fromDay: day('2026-11-20') })
  const rows = () => w.history.rows(lineOf('web'), 'usage', { toDay: day('2026-11-20'), days: 1 })
  expect(rows()).toMatchObject([{ count: 288, min: 3, max: 9, sum: 144 * 12 }])
  // Asked to do it again, it looks at the samples alone.
  await recorder.backfill({ fromDay: day('2026-11-20'), again: true })
  expect(rows()).toMatchObject([{ count: 288, min: 9, max: 9 }])
})

test('days follow the clocks of the place', async () => {
  const t = async (zone: string, text: string, count: number, peak: number) => {
    const startMs = dayStartMs(zone, day(text))
    const endMs = dayStartMs(zone, day(text) + 1)
    const w = await openWorld({ zone, startMs: endMs + 20 * minuteMs, pools: web })
    // One more each hour, from the first of the day on; the days around are higher.
    const value = (tMs: number): number =>
      tMs < startMs || tMs >= endMs ? 1_000 : Math.floor((tMs - startMs) / 3_600_000)
    w.put('used', { zone: 'a' }, { fromMs: startMs - dayMs, toMs: endMs + dayMs, everyMs: step, value })
    await w.open().backfill({ fromDay: day(text) })
    const rows = w.history.rows(lineOf('web'), 'usage', { toDay: day(text), days: 1 })
    expect(rows, `${zone} ${text}`).toMatchObject(count === 0 ? [] : [{ count, max: peak }])
  }
  await t('Asia/Shanghai', '2026-11-20', 288, 23)
  await t('America/New_York', '2026-03-08', 276, 22)
  await t('America/New_York', '2026-11-01', 300, 24)
  await t('America/Sao_Paulo', '2018-11-04', 276, 22)
  await t('Pacific/Apia', '2011-12-30', 0, 0)
})

test('imported days that know more stay; others are replaced', async () => {
  const w = await openWorld({ startMs: noonMs, pools: web })
  const today = day('2026-11-20')
  w.put(
    'used',
    { zone: 'a' },
    { fromMs: noonMs - 3 * dayMs, toMs: noonMs, everyMs: 12 * step, value: () => 5 },
  )
  const imported = (of: number, count: number) => ({
    ...{ day: of, count, min: 1, max: 50, sum: 3 * count, last: 2, lastMs: of * dayMs, p95: 4, busyHour: 4 },
  })
  await w.history.take(lineOf('web'), 'usage', [imported(today - 1, 1_440), imported(today - 2, 20)], 'merge')
  await w.open().catchUp()
  expect(peaks(w.history, lineOf('web'), today - 1, 2)).toEqual([5, 50])
})

test('other questions are asked of the days that were not recorded', async () => {
  const w = await openWorld({
    startMs: noonMs,
    pools: { web: { resources: { cpu: { usage: 'sum(usedd)', capacity: '9', unit: 'cores' } } } },
  })
  const today = day('2026-11-20')
  w.put('used', {}, { fromMs: noonMs - 3 * dayMs, toMs: noonMs, everyMs: step, value: () => 5 })
  const recorder = w.open()
  await recorder.catchUp()
  expect(peaks(w.history, lineOf('web'), today - 1, 1)).toEqual([Number.NaN])
  w.pools = poolsOf({ web: { resources: { cpu: { usage: 'sum(used)', capacity: '9', unit: 'cores' } } } })
  await recorder.catchUp()
  expect(peaks(w.history, lineOf('web'), today - 1, 3)).toEqual([5, 5, 5])
})

test('a pool that vanished keeps its days, and gets no more', async () => {
  const w = await openWorld({ startMs: noonMs, pools: web })
  const today = day('2026-11-20')
  w.put(
    'used',
    { zone: 'a' },
    { fromMs: noonMs - 9 * dayMs, toMs: noonMs - 4 * dayMs, everyMs: step, value: () => 5 },
  )
  const recorder = w.open()
  await recorder.catchUp()
  await recorder.tick(noonMs + 30_000)
  expect(peaks(w.history, lineOf('web'), today - 1, 6)).toEqual([5, 5, 5, Number.NaN, Number.NaN, Number.NaN])
  expect(w.recorded('capacity_usage')).toEqual([])
  w.pools = []
  await recorder.catchUp()
  expect(w.history.lines()).toContainEqual(lineOf('web'))
})

test('a day of too many samples for one question is asked for in pieces', async () => {
  const w = await openWorld({ startMs: noonMs, pools: web })
  const today = day('2026-11-20')
  w.put(
    'used',
    { zone: 'a' },
    { fromMs: noonMs - 2 * dayMs, toMs: noonMs, value: tMs => (tMs / minuteMs) % 11 },
  )
  const recorder = w.open({ limits: { samples: 200 } })
  await recorder.backfill({ fromDay: today - 1 })
  const few = w.history.rows(lineOf('web'), 'usage', { toDay: today - 1, days: 1 })
  expect(few).toMatchObject([{ count: 288 }])
  await w.open().backfill({ fromDay: today - 1, again: true })
  expect(w.history.rows(lineOf('web'), 'usage', { toDay: today - 1, days: 1 })).toEqual(few)

  // Where not even an hour can be had, it is told, and what is behind waits.
  const strict = w.open({ limits: { samples: 5 } })
  await strict.catchUp()
  expect(strict.troubles()).toMatchObject([{ pool: 'web', track: 'usage', when: 'past' }])
  expect(peaks(w.history, lineOf('web'), today - 2, 1)).toEqual([Number.NaN])
  await w.open().catchUp()
  expect(peaks(w.history, lineOf('web'), today - 2, 1)).toEqual([10])
})

test('whoever stops it, stops it, and what is done is kept', async () => {
  const w = await openWorld({ startMs: noonMs, pools: web })
  w.put(
    'used',
    { zone: 'a' },
    { fromMs: noonMs - 60 * dayMs, toMs: noonMs, everyMs: 12 * step, value: () => 5 },
  )
  const stop = new AbortController()
  const onProgress = (done: number): void => {
    if (done === 5) stop.abort()
  }
  await expect(w.open().catchUp({ signal: stop.signal, onProgress })).rejects.toThrow('aborted')
  expect(peaks(w.history, lineOf('web'), day('2026-11-19'), 6)).toEqual([Number.NaN, 5, 5, 5, 5, 5])
})

test('what agents delivered a day late is in the days all the same', async () => {
  const w = await openWorld({ startMs: noonMs, pools: web })
  const yesterday = day('2026-11-19')
  const from = yesterday * dayMs
  w.put('used', { zone: 'a' }, { fromMs: from, toMs: from + dayMs / 2, everyMs: step, value: () => 5 })
  await w.open().catchUp()
  const count = () => w.history.rows(lineOf('web'), 'usage', { toDay: yesterday, days: 1 })[0]?.count
  expect(count()).toBe(144)
  w.put(
    'used',
    { zone: 'a' },
    { fromMs: from + dayMs / 2, toMs: from + dayMs, everyMs: step, value: () => 5 },
  )
  await w.clock.runFor(dayMs)
  await w.open().catchUp()
  expect(count()).toBe(288)
})

test('where the questions change, days that were recorded are asked anew', async () => {
  const cpu = (usage: string, units: number) => ({
    web: { units, resources: { cpu: { usage, unit_capacity: 1, unit: 'cores' } } },
  })
  const w = await openWorld({ startMs: noonMs, pools: cpu('sum(used)', 9) })
  const today = day('2026-11-20')
  w.put('used', {}, { fromMs: noonMs - 1.5 * dayMs, toMs: noonMs + dayMs, everyMs: step, value: () => 5_000 })
  const whole = { pool: 'web', resource: 'cpu' }
  const past = { fromMs: noonMs - 3 * dayMs, toMs: noonMs, everyMs: step }
  w.put('capacity_usage', whole, { ...past, value: () => 5_000 })
  w.put('capacity_supply', whole, { ...past, value: () => 9 })
  await w.open().catchUp()
  expect(peaks(w.history, lineOf('web'), today - 1, 3)).toEqual([5_000, 5_000, 5_000])

  w.pools = poolsOf(cpu('sum(used) / 1000', 12))
  await w.open().catchUp()
  // Two days ago there are no samples any more; units that are stated were those of then.
  expect(peaks(w.history, lineOf('web'), today - 1, 2)).toEqual([5_000, 5])
  expect(supplies(w.history, lineOf('web'), today - 1, 2)).toEqual([9, 9])
  // The day of the change began with the questions of before.
  await w.clock.runFor(dayMs)
  await w.open().catchUp()
  expect(peaks(w.history, lineOf('web'), today, 2)).toEqual([5, 5])
})

test('a clock that went ahead and was put back costs nothing', async () => {
  const stated = {
    web: { units: 3, resources: { cpu: { usage: 'sum(used)', unit_capacity: 10, unit: 'cores' } } },
  }
  const w = await openWorld({ startMs: noonMs, pools: stated })
  const today = day('2026-11-20')
  w.put('used', {}, { fromMs: noonMs - 60 * dayMs, toMs: noonMs + dayMs, everyMs: step, value: () => 5 })
  let aheadMs = 0
  const clock: Clock = {
    nowMs: () => w.clock.nowMs() + aheadMs,
    monotonicMs: () => w.clock.monotonicMs(),
    after: (ms, run) => w.clock.after(ms, run),
    sleep: (ms, signal) => w.clock.sleep(ms, signal),
  }
  w.history = await openHistory({ state: w.state, clock, zone: 'UTC' })
  const recorder = w.open({ clock })
  for (const ahead of [3 * dayMs, 400 * dayMs]) {
    aheadMs = ahead
    await recorder.tick(clock.nowMs())
    await recorder.catchUp()
    aheadMs = 0
    await recorder.catchUp()
  }
  // It is recorded again as if nothing had been.
  await recorder.tick(noonMs + 30_000)
  await recorder.tick(noonMs + step + 30_000)
  expect(w.recorded('capacity_usage')[0]?.points.map(([tMs]) => tMs)).toContain(noonMs + step)
  await w.clock.runFor(dayMs)
  w.put('used', {}, { fromMs: noonMs + dayMs, toMs: noonMs + 4 * dayMs, everyMs: step, value: () => 6 })
  await w.clock.runFor(3 * dayMs)
  await recorder.catchUp()
  const again = await openHistory({ state: w.state, clock, zone: 'UTC' })
  for (const history of [w.history, again]) {
    expect(peaks(history, lineOf('web'), today + 3, 5)).toEqual([5, 5, 6, 6, 6])
    expect(supplies(history, lineOf('web'), today + 3, 5)).toEqual([30, 30, 30, 30, 30])
  }
})
