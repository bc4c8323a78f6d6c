import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { MemorySource } from '#promql/memory-source.ts'
import type { Source } from '#promql/source.ts'
import { backtest } from '../../../rules/backtest.ts'
import type { RuleGroup } from '../../../rules/rule.ts'
import { runs } from '../../runs.ts'
import { groupsOf } from '../rules-of.ts'
import { inOrder, keyOf, type Live, live, type Span } from './live.ts'

const minute = 60_000
const beginMs = Date.UTC(2026, 9, 1)

type Point = number | 'stale' | undefined
type Data = readonly Readonly<{ name: string; labels: Record<string, string>; points: readonly Point[] }>[]

function sourceOf(data: Data): MemorySource {
  const source = new MemorySource()
  for (const { name, labels, points } of data) {
    const series = { name, labels: labelsOf(Object.entries(labels)) }
    for (const [at, point] of points.entries()) {
      if (point !== undefined) source.put(series, beginMs + at * minute, point)
    }
  }
  return source
}

// As a store does, it answers later.
const slow = (source: Source): Source => ({
  select: async (matchers, range) => await source.select(matchers, range),
})

async function replayed(
  groups: readonly RuleGroup[],
  source: Source,
  { fromMs, toMs, stepMs }: Span,
): Promise<Live> {
  const { alerts, records } = await backtest({
    source: slow(source),
    groups,
    fromMs,
    toMs,
    stepMs,
    timeZone: 'UTC',
  })
  const fired = alerts.flatMap(({ id, episodes }) =>
    episodes.map(({ labels, beginMs, endMs }) => ({ rule: id, key: keyOf(labels), beginMs, endMs })),
  )
  const faults = [...alerts, ...records].flatMap(({ id, faults }) =>
    faults === null ? [] : [[id, faults.count] as const],
  )
  return { fired: inOrder(fired), faults: new Map(faults) }
}

async function same(text: string, data: Data, span: Span): Promise<Live> {
  const groups = groupsOf(text)
  const wanted = live(groups, sourceOf(data), span)
  const found = await replayed(groups, sourceOf(data), span)
  expect(found.fired, text).toEqual(wanted.fired)
  expect(found.faults, text).toEqual(wanted.faults)
  return found
}

const expressions = [
  'x > 2',
  'x == 0',
  'x{h="1"} > 1',
  'avg_over_time(x[5m]) > 2',
  'rate(x[4m]) * 60 > 0.5',
  'max(x) > 3',
  'sum by (h) (x) > 4',
  'absent(x{h="1"})',
  'x offset 3m > 2',
  'changes(x[10m]) > 4',
  'x > on (h) group_left () y',
  'max_over_time((x > 1)[6m:2m])',
  'topk(1, x) > 2',
  'rec > 2',
  'rec offset 2m > 1',
  'avg_over_time(rec[3m]) > 1',
  'count(ALERTS{alertstate="firing"}) > 1',
  'ALERTS{alertname="A0"}',
  'x @ end() > 2',
  'scalar(max(x)) > bool 2',
  'hour() > 3',
]
const recordings = [
  'x',
  'sum by (h) (x)',
  'x * 2 > 3',
  'max_over_time(x[3m])',
  'rec + 1',
  'late',
  'x * on (h) y',
]
const labelled = [
  '',
  ', labels: {s: page}',
  ', labels: {h: same}',
  ', labels: {v: "{{ $value }}"}',
  ', labels: {w: "{{ $labels.h }}!"}',
]
const durations = ['0s', '1m', '2m', '5m']

const alert = fc
  .record({
    expr: fc.constantFrom(...expressions),
    wait: fc.constantFrom(...durations),
    keep: fc.constantFrom(...durations),
    labels: fc.constantFrom(...labelled),
  })
  .map(
    ({ expr, wait, keep, labels }) =>
      (at: number) =>
        `- {alert: A${at}, expr: '${expr}', for: ${wait}, keep_firing_for: ${keep}${labels}}`,
  )
const recording = fc
  .record({ expr: fc.constantFrom(...recordings), name: fc.constantFrom('rec', 'rec', 'late') })
  .map(
    ({ expr, name }) =>
      () =>
        `- {record: ${name}, expr: '${expr}'}`,
  )

const group = fc
  .record({
    rules: fc.array(fc.oneof({ weight: 3, arbitrary: alert }, { weight: 1, arbitrary: recording }), {
      minLength: 1,
      maxLength: 4,
    }),
    limit: fc.constantFrom(0, 0, 0, 1, 2),
    offset: fc.constantFrom('0s', '0s', '0s', '90s'),
  })
  .map(
    ({ rules, limit, offset }) =>
      `groups:\n  - name: g\n    limit: ${limit}\n    query_offset: ${offset}\n    rules:\n${rules.map((each, at) => `      ${each(at)}`).join('\n')}`,
  )

// Long times of one value, gaps, ends.
const points = fc
  .array(
    fc.record({
      value: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 0, max: 5 }) as fc.Arbitrary<Point> },
        { weight: 1, arbitrary: fc.constantFrom<Point>('stale', undefined) },
      ),
      times: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map(runs => runs.flatMap(({ value, times }) => new Array<Point>(times).fill(value)))

const data: fc.Arbitrary<Data> = fc.tuple(points, points, points, points).map(([a, b, c, d]) => [
  { name: 'x', labels: { h: '1' }, points: a },
  { name: 'x', labels: { h: '2', z: 'q' }, points: b },
  { name: 'y', labels: { h: '1' }, points: c },
  { name: 'y', labels: { h: '2' }, points: d },
])

// They fire often, and fail at each step, whatever else is drawn.
const often: readonly Point[] = Array.from({ length: 330 }, (_, at) => (at % 6 < 3 ? 5 : 0))
const restless: Data = ['1', '2'].map(h => ({ name: 'x', labels: { h }, points: often }))
const firing = `groups: [{name: g, rules: [{alert: A0, expr: 'x > 2'}]}]`
const failing = `groups: [{name: g, limit: 1, rules: [{alert: A0, expr: 'x > 2'}]}]`

test('the same firings and failures as evaluating every step', async () => {
  let [fired, failed] = [0, 0]
  await fc.assert(
    fc.asyncProperty(group, data, fc.constantFrom(30_000, minute, 90_000), async (text, data, stepMs) => {
      const found = await same(text, data, { fromMs: beginMs, toMs: beginMs + 330 * minute, stepMs })
      fired += found.fired.length
      failed += found.faults.size
    }),
    {
      numRuns: runs(16),
      examples: [
        [firing, restless, minute],
        [failing, restless, minute],
      ],
    },
  )
  // It is about something.
  expect(fired).toBeGreaterThan(runs(16))
  expect(failed).toBeGreaterThan(0)
})
