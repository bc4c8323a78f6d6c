import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { readSeriesLine } from '#promql/series-line.ts'
import type { Source } from '#promql/source.ts'
import { type BacktestOptions, backtest, type Report } from '../../rules/backtest.ts'
import { groupsOf } from './rules-of.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
// Noon in Berlin, the day before the clocks go back.
const noonMs = Date.UTC(2026, 9, 24, 10)

// A sample each minute.
function sourceOf(...lines: string[]): MemorySource {
  const source = new MemorySource()
  for (const line of lines) {
    const { series, points } = readSeriesLine(line)
    source.add(series, points, minute, noonMs)
  }
  return source
}

const slow = (source: Source): Source => ({
  select: async (matchers, range) => await source.select(matchers, range),
})

type More = Partial<BacktestOptions> & Readonly<{ minutes?: number }>

const run = (rules: string, source: Source, { minutes = 240, ...more }: More = {}): Promise<Report> =>
  backtest({
    source: slow(source),
    groups: groupsOf(rules),
    fromMs: noonMs,
    toMs: noonMs + minutes * minute,
    timeZone: 'Europe/Berlin',
    ...more,
  })

const one = (rule: string, head = ''): string => `groups: [{name: g, interval: 1m, ${head}rules: [${rule}]}]`
const hot = '{alert: Hot, expr: x > 5}'

test('how often, how long, how short, how many at once, and who most', async () => {
  const source = sourceOf(
    // One minute, then five, then thirty in which another joins.
    'x{h="a"} 0 9 0x9 9x4 0x60 9x29 0x300',
    'x{h="b"} 0x90 9x9 0x300',
  )
  const { alerts } = await run(one(hot), source)
  const [found] = alerts
  expect(found).toMatchObject({
    name: 'Hot',
    group: 'g',
    firings: 4,
    totalMs: (1 + 5 + 30 + 10) * minute,
    medianMs: 7.5 * minute,
    longestMs: 30 * minute,
    short: 1,
    // The second began ten minutes after the first.
    repeated: 1,
    night: 0,
    nightMs: 0,
    atOnce: 2,
    open: 0,
    labelSets: 2,
    noise: 50,
    weight: 2,
    faults: null,
    change: null,
    episodesMore: 0,
  })
  expect(found?.top).toEqual([
    { labels: { alertname: 'Hot', h: 'a' }, firings: 3, totalMs: 36 * minute },
    { labels: { alertname: 'Hot', h: 'b' }, firings: 1, totalMs: 10 * minute },
  ])
  expect(
    found?.episodes.map(({ beginMs, endMs }) => [
      (beginMs - noonMs) / minute,
      ((endMs ?? 0) - noonMs) / minute,
    ]),
  ).toEqual([
    [1, 2],
    [12, 17],
    [78, 108],
    [91, 101],
  ])
  // 240 parts of a minute each.
  expect(found?.strip.slice(0, 3)).toEqual([0, minute, 0])
  expect(found?.strip.reduce((sum, ms) => sum + ms, 0)).toBe(found?.totalMs)
})

test('by night counts twice, and the night of the change of clocks has an hour more', async () => {
  // From noon on: a minute at 13:00, one at 23:01, and ten hours from midnight on.
  const source = sourceOf('x 0x59 9 0x599 9 0x57 9x599 0x600')
  const { alerts } = await run(one(hot), source, { minutes: 1_800 })
  expect(alerts[0]).toMatchObject({ firings: 3, short: 2, repeated: 1, night: 2 })
  // Both that are short, and the third that came back within the hour.
  expect(alerts[0]).toMatchObject({ noise: 100, weight: 5 })
  // From midnight to 8 o'clock are nine hours.
  expect(alerts[0]?.nightMs).toBe((1 + 9 * 60) * minute)
})

test('what still fires at the end counts up to there, and is not short', async () => {
  const { alerts } = await run(one(hot), sourceOf('x 0x9 9x1'), { minutes: 11 })
  expect(alerts[0]).toMatchObject({ firings: 1, open: 1, short: 0, totalMs: minute, noise: 0 })
  expect(alerts[0]?.episodes).toEqual([
    { labels: { alertname: 'Hot' }, beginMs: noonMs + 10 * minute, endMs: null, least: 9, most: 9 },
  ])
})

test('the advice is what a longer wait really leaves', async () => {
  const text = `x ${'0x9 9x2 '.repeat(8)}0x9 9x19 0x100`
  const { alerts } = await run(one(hot), sourceOf(text))
  expect(alerts[0]?.firings).toBe(9)
  expect(alerts[0]?.advice).toBe('`for: 5m` would have left 1 of 9')
  for (const { forMs, keepFiringMs, firings } of alerts[0]!.variants) {
    const rule = `{alert: Hot, expr: x > 5, for: ${forMs}ms, keep_firing_for: ${keepFiringMs}ms}`
    const again = await run(one(rule), sourceOf(text))
    expect(again.alerts[0]?.firings, rule).toBe(firings)
  }
})

test('an older version beside it: what is gone, what is new, what is the same', async () => {
  const rules = (limit: number, more: string): string =>
    `groups: [{name: g, interval: 1m, rules: [{alert: Hot, expr: "x > ${limit}"}, ${more}]}]`
  const source = sourceOf('x{h="a"} 0x9 6x9 0x9 9x9 0x200', 'x{h="b"} 0x100 6x9 0x100')
  const [lower, higher] = [rules(5, '{alert: Added, expr: x > 8}'), rules(8, '{alert: Old, expr: x > 5}')]
  const t = async (now: string, before: string, change: object, removed: object[]) => {
    const report = await run(now, source, { against: groupsOf(before) })
    expect(report.alerts.find(each => each.name === 'Hot')?.change).toEqual(change)
    expect(report.removed).toMatchObject(removed)
    return report
  }
  await t(higher, lower, { kind: 'known', was: 3, gone: 2, new: 0, same: 1 }, [{ name: 'Added', firings: 1 }])
  const report = await t(lower, higher, { kind: 'known', was: 1, gone: 0, new: 2, same: 1 }, [
    { name: 'Old', firings: 3 },
  ])
  expect(report.alerts.find(each => each.name === 'Added')?.change).toEqual({
    kind: 'added',
    was: 0,
    gone: 0,
    new: 1,
    same: 0,
  })
  // A label that a rule sets makes it another rule by id, and the same one by its name.
  const paged = lower.replace('{alert: Hot,', '{alert: Hot, labels: {severity: page},')
  await t(paged, lower, { kind: 'known', was: 3, gone: 0, new: 0, same: 3 }, [])
})

test('a rule that fails is told, the others go on, and it fires where it did not fail', async () => {
  const rules = `groups: [{name: g, interval: 1m, rules: [{record: r, expr: x * on () y}, {alert: Both, expr: x + on () y > 0}, ${hot}]}]`
  const { alerts, records } = await run(
    rules,
    sourceOf('x 9x10 0x100', 'y{h="1"} 1x50 stale', 'y{h="2"} _x10 1x4 stale _x50'),
  )
  const faults = {
    count: 5,
    isRough: false,
    firstMs: noonMs + 10 * minute,
    detail: expect.stringContaining('found duplicate series'),
  }
  expect(records).toEqual([{ id: expect.any(String), file: 'a.yml', group: 'g', name: 'r', faults }])
  expect(alerts.find(each => each.name === 'Both')).toMatchObject({ faults, firings: 1 })
  expect(alerts.find(each => each.name === 'Hot')).toMatchObject({ faults: null, firings: 1 })
})

test('where too many steps fail to look into each, whole stretches count as failed', async () => {
  const text = one('{alert: Twice, expr: x + on () y}')
  const source = sourceOf('x 1x1440', 'y{h="1"} 1x1440', 'y{h="2"} 1x1440')
  const { alerts, notes } = await run(text, source, { minutes: 1_440, against: groupsOf(text) })
  expect(alerts[0]?.faults).toMatchObject({ count: 1_441, isRough: true, firstMs: noonMs })
  expect(notes).toEqual(['In the older version these rules failed at times: Twice.'])
})

test('of many firings the first are listed, and all are counted', async () => {
  const text = `groups: [{name: g, interval: 1m, rules: [${Array.from({ length: 1_000 }, (_, at) => `{alert: A${at}, expr: x > ${at === 0 ? 5 : 50}}`)}]}]`
  const { alerts, notes } = await run(text, sourceOf(`x ${'0 9 '.repeat(210)}0`), { minutes: 430 })
  expect(alerts[0]).toMatchObject({ name: 'A0', firings: 210, short: 210, repeated: 209, episodesMore: 10 })
  expect(alerts[0]?.episodes).toHaveLength(200)
  expect(notes).toEqual([expect.stringContaining('A0 fired too often to list: the first 200')])
})

test('groups are replayed in the order in which they read each other', async () => {
  const rules = `groups:
  - {name: reader, interval: 1m, rules: [{alert: Late, expr: r > 5}]}
  - {name: writer, interval: 1m, rules: [{record: r, expr: x * 2}]}`
  const { alerts, notes } = await run(rules, sourceOf('x 0x9 3x9 0x100'))
  expect(alerts[0]?.episodes[0]?.beginMs).toBe(noonMs + 10 * minute)
  expect(notes).toEqual([])
  const circle = rules.replace(
    'expr: x * 2',
    `expr: 'x * 2 + on () group_left () count(ALERTS{alertname="Late"})'`,
  )
  expect((await run(circle, sourceOf('x 1x100'))).notes).toEqual([
    "Groups read each other's results in a circle (reader, writer): some are seen late.",
  ])
})

test('what live rules have stored under a recorded name is only the past', async () => {
  const rules = one('{record: r, expr: x}, {alert: R, expr: "max_over_time(r[10m]) > 5"}')
  const source = sourceOf('x 1x100', 'r 9x100')
  const before = sourceOf('x 1x100')
  before.add({ name: 'r', labels: {} }, [9], minute, noonMs - 5 * minute)
  expect((await run(rules, source)).alerts[0]?.firings).toBe(0)
  expect((await run(rules, before)).alerts[0]).toMatchObject({ firings: 1, totalMs: 5 * minute })
})

test('says what could not be replayed as live', async () => {
  const rules = `groups: [{name: arriving, rules: [{alert: Flaps, expr: x > 5, labels: {v: "{{ $value }}"}}]}]`
  const { notes, alerts } = await run(rules, sourceOf('x 6 7 8 9 8 7 0x90'), { minutes: 30 })
  expect(notes).toEqual([
    'Without an interval, rules are evaluated on arrival; here every 15s: arriving.',
    'Labels made of the value or the time: each text is an alert of its own (Flaps).',
  ])
  expect(alerts[0]).toMatchObject({
    firings: 6,
    labelSets: 4,
    advice: expect.stringContaining('say it in an annotation'),
  })
  const { notes: stepped } = await run(rules, sourceOf('x 0x9'), { stepMs: minute })
  expect(stepped[0]).toContain('every 1m')
})

test('each selector is read once for a stretch, whoever asks', async () => {
  const reads: [number, number][] = []
  const source = sourceOf('x 1x3000')
  const counted: Source = {
    select: async (matchers, range) => {
      reads.push([(range.fromMs - noonMs) / minute, (range.toMs - noonMs) / minute])
      return source.select(matchers, range)
    },
  }
  const rules = one(`${hot}, {alert: B, expr: "rate(x[30m]) > 1"}, {alert: C, expr: "x offset 1h > 5"}`)
  const { samplesRead } = await run(rules, counted, { minutes: 2_879 })
  // Two hours, eight, then a day at most.
  expect(reads.map(([, to]) => Math.round(to))).toEqual([120, 600, 2_040, 2_879])
  expect(reads.map(([from]) => Math.round(from))).toEqual([-65, 55, 535, 1_975])
  expect(samplesRead).toBeGreaterThan(2_879)
  expect(samplesRead).toBeLessThan(3_200)
})

test('progress is told, and a caller who goes away ends it', async () => {
  const shares: number[] = []
  const end = new AbortController()
  const source = sourceOf('x 1x1440')
  const onProgress = ({ share }: { share: number }) => void shares.push(share)
  await run(one(hot), source, { minutes: 1_440, onProgress })
  expect(shares.at(-1)).toBe(1)
  expect(shares.length).toBeGreaterThan(1)
  const gone = new Failure('query_canceled', 'the caller has gone away')
  const stopped = run(one(hot), source, {
    minutes: 1_440,
    signal: end.signal,
    onProgress: () => end.abort(gone),
  })
  await expect(stopped).rejects.toBe(gone)
})

test('a store that is away ends the replay, and one that finds too much at once does not', async () => {
  const away: Source = {
    select: async () => {
      throw new Failure('store_unavailable', 'it does not answer')
    },
  }
  await expect(run(one(hot), away)).rejects.toThrow('it does not answer')
  const source = sourceOf('x 0x9 9x9 0x200')
  const small: Source = {
    select: async (matchers, range) => {
      if (range.toMs - range.fromMs > 40 * minute) throw new Failure('too_many_samples', 'too many')
      return source.select(matchers, range)
    },
  }
  expect((await run(one(hot), small)).alerts[0]).toMatchObject({
    firings: 1,
    totalMs: 10 * minute,
    faults: null,
  })
})

test('a day has its steps where the clock has them, from the beginning to the end', async () => {
  const source = sourceOf(`x 9x${(3 * day) / minute}`)
  const { alerts } = await run(one(hot), source, { fromMs: noonMs + 30_001, toMs: noonMs + 10 * minute })
  expect(alerts[0]?.episodes[0]?.beginMs).toBe(noonMs + minute)
})
