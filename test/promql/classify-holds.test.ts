// What the classifier says of an expression holds when it is evaluated: series of different signatures never meet,
// no sample outside of its selections counts, and time alone changes only what it says that time changes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { keyOf, labelsOf, labelValue } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Series } from '#core/model.ts'
import { childrenOf } from '#promql/children.ts'
import { type Class, classify } from '#promql/classify.ts'
import { evaluateNow } from '#promql/evaluate.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { parse } from '#promql/parse.ts'
import type { Point } from '#promql/series-line.ts'
import { runs } from '../runs.ts'
import { isAlmost } from './conformance/compare.ts'

const stepMs = 15_000
const lookbackMs = 120_000

type Data = readonly Readonly<{ series: Series; points: readonly Point[] }>[]

// Few labels of few values, so that much meets; some are missing, and some say what `le` says.
const labels = fc.record({
  host: fc.constantFrom('1', '2', ''),
  dc: fc.constantFrom('x', 'y', '1'),
  le: fc.constantFrom('', '', '1', '+Inf'),
})
const point: fc.Arbitrary<Point> = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -8, max: 40 }).map(each => each / 4) },
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant('stale' as const) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY) },
)
const line = fc.record({
  series: fc
    .record({ name: fc.constantFrom('a_total', 'b'), labels })
    .map(({ name, labels }) => ({ name, labels: labelsOf(Object.entries(labels)) })),
  points: fc.array(point, { minLength: 30, maxLength: 30 }),
})
// By name, as the source has them, so that of equal values the same one comes first in every part.
const data: fc.Arbitrary<Data> = fc
  .uniqueArray(line, { minLength: 4, maxLength: 12, selector: each => keyOf(each.series) })
  .map(lines => lines.toSorted((a, b) => (a.series.name < b.series.name ? -1 : 1)))

const text = (strings: readonly string[], ...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map(found => strings.map((each, at) => each + (found[at] ?? '')).join(''))
const list = fc.constantFrom('', 'host', 'dc', 'host, dc', 'le', 'host, le', '__name__', 'host, __name__')
const shift = fc.constantFrom(
  '',
  '',
  '',
  '',
  ' offset 1m',
  ' offset -30s',
  ' @ 300',
  ' @ end()',
  ' @ 150 offset 20s',
)
const selector = text`${fc.constantFrom('a_total', 'b', '{__name__=~"a_total|b"}')}${fc.constantFrom('', '', '{host="1"}', '{dc!="x"}')}`
const windowed = fc.constantFrom(
  ...['rate', 'increase', 'delta', 'irate', 'idelta', 'resets', 'changes', 'deriv', 'absent_over_time'],
  ...['sum', 'avg', 'min', 'max', 'count', 'stddev', 'stdvar', 'last', 'first', 'present', 'mad'].map(
    each => `${each}_over_time`,
  ),
  ...['ts_of_first', 'ts_of_last', 'ts_of_max', 'ts_of_min'].map(each => `${each}_over_time`),
)
const ofVector = fc.constantFrom(
  ...[
    'abs',
    'ceil',
    'sgn',
    'absent',
    'timestamp',
    '-',
    'minute',
    'sort',
    'sort_desc',
    'round',
    'vector(1) + on () ',
  ],
)
const ofLabels = fc.constantFrom<(inner: string) => string>(
  inner => `label_replace(${inner}, "dc", "$1", "host", "([12])")`,
  inner => `label_replace(${inner}, "host", "$1", "__name__", "(.*)")`,
  inner => `label_replace(${inner}, "__name__", "z", "dc", "x")`,
  inner => `label_join(${inner}, "le", "-", "host", "dc")`,
  inner => `label_join(${inner}, "z", "-", "host", "dc")`,
  inner => `histogram_quantile(0.5, ${inner})`,
  inner => `histogram_fraction(0, 1, ${inner})`,
  inner => `sort_by_label(${inner}, "host")`,
  inner => `count_values by (host) ("dc", ${inner})`,
  inner => `count_values without (le) ("v", ${inner})`,
)
const folding = fc.constantFrom('sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar')
const picking = fc.constantFrom('topk', 'bottomk', 'quantile')
const computing = fc.constantFrom('+', '-', '*', '/', '==', '!=', '>', '<=', '> bool', 'atan2')
const sets = fc.constantFrom('and', 'or', 'unless')
const group = fc.constantFrom(
  '',
  '',
  'group_left ()',
  'group_left (dc)',
  'group_right (le)',
  'group_right (z, host)',
)

const expression = fc.letrec<{ vector: string; scalar: string }>(tie => ({
  vector: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text`${selector}${shift}`,
    text`${windowed}(${selector}[${fc.constantFrom('45s', '1m', '2m30s')}]${shift})`,
    text`${windowed}((${tie('vector')})[${fc.constantFrom('1m:', '90s:20s', '50s:7s')}]${shift})`,
    text`predict_linear(${selector}[1m], ${tie('scalar')})`,
    text`quantile_over_time(${tie('scalar')}, ${selector}[1m])`,
    text`${folding} ${fc.constantFrom('by', 'without')} (${list}) (${tie('vector')})`,
    text`${picking} ${fc.constantFrom('by', 'without')} (${list}) (${tie('scalar')}, ${tie('vector')})`,
    text`${ofVector}(${tie('vector')})`,
    fc.tuple(ofLabels, tie('vector')).map(([wrap, inner]) => wrap(inner)),
    text`(${tie('vector')}) ${computing} (${tie('scalar')})`,
    text`(${tie('scalar')}) ${computing.map(each => each.replace('atan2', '>'))} (${tie('vector')})`,
    text`(${tie('vector')}) ${computing} (${tie('vector')})`,
    text`(${tie('vector')}) ${computing} on (${list}) ${group} (${tie('vector')})`,
    text`(${tie('vector')}) ${computing} ignoring (${list}) ${group} (${tie('vector')})`,
    text`(${tie('vector')}) ${sets} (${tie('vector')})`,
    text`(${tie('vector')}) ${sets} ${fc.constantFrom('on', 'ignoring')} (${list}) (${tie('vector')})`,
    text`clamp(${tie('vector')}, ${tie('scalar')}, 40)`,
    fc.constantFrom('vector(1)', 'hour()', 'vector(time())', 'label_replace(vector(2), "host", "1", "", "")'),
  ),
  scalar: fc.oneof(
    { maxDepth: 1 },
    { weight: 6, arbitrary: fc.constantFrom('1', '0.5', '2', 'time()', '0', 'pi()') },
    text`scalar(${tie('vector')})`,
  ),
})).vector

type Values = Map<string, number>

// Nothing where the text is no expression, as where a label stands in `on` and in group_left.
function read(written: string) {
  try {
    const expr = parse(written)
    return { expr, known: classify(expr, { lookbackMs }) }
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

function valuesOf(written: string, data: Data, atMs: number): Values | 'failed' {
  const source = new MemorySource()
  for (const { series, points } of data) source.add(series, points, stepMs)
  try {
    const { value } = evaluateNow(parse(written), source, { atMs }, { lookbackMs })
    if (value.kind !== 'vector') throw new Error(`did not expect a ${value.kind}`)
    return new Map(value.series.map((each, row) => [keyOf(each), value.values[row]!]))
  } catch (error) {
    if (error instanceof Failure) return 'failed'
    throw error
  }
}

function expectSame(found: Values, wanted: Values, why: string): void {
  expect([...found.keys()].sort(), why).toEqual([...wanted.keys()].sort())
  for (const [key, value] of wanted) {
    expect(isAlmost(found.get(key)!, value), `${why}: ${key}: ${found.get(key)}, wanted ${value}`).toBe(true)
  }
}

// What series of one signature have in common.
function commonOf(series: Series, { kind, labels }: Class['signature']): string {
  const names = kind === 'by' ? labels : Object.keys(series.labels).filter(each => !labels.includes(each))
  return JSON.stringify(names.map(each => [each, labelValue(series, each)]))
}

// Of equal values topk takes the first, and count_values writes in the order in which values are met.
const hasTies = (written: string): boolean => /topk|bottomk/.test(written) && written.includes('count_values')

const isNow = (atMs: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 1 }).map(each => atMs + each * 37_123)

test('series of different signatures have no result in common', () => {
  let apart = 0
  fc.assert(
    fc.property(expression, data, isNow(250_000), (written, data, atMs) => {
      const found = read(written)
      if (found === undefined || found.known.scope === 'global') return
      const whole = valuesOf(written, data, atMs)
      if (whole === 'failed' || hasTies(written)) return
      const { signature } = found.known
      const parts = Map.groupBy(data, each => commonOf(each.series, signature))
      if (parts.size > 1 && whole.size > 0) apart++
      const all: [string, number][] = []
      for (const part of parts.values()) {
        const values = valuesOf(written, part, atMs)
        if (values === 'failed') throw new Error(`${written}: only a part of it fails`)
        all.push(...values)
      }
      expect(new Set(all.map(([key]) => key)).size, `${written}: no result is of two parts`).toBe(all.length)
      expectSame(new Map(all), whole, `${written} by ${JSON.stringify(signature)}`)
    }),
    { numRuns: runs(400) },
  )
  // Most expressions are global or come to nothing.
  expect(apart).toBeGreaterThan(runs(20))
})

type Seen = Class['selections'][number]

const endOf = ({ atMs }: Seen, nowMs: number): number => atMs ?? nowMs
const isSeen = (seen: Seen, tMs: number, nowMs: number): boolean =>
  tMs >= endOf(seen, nowMs) - seen.farMs && tMs <= endOf(seen, nowMs) - seen.nearMs

// Only the points that one of the selections sees.
const onlySeen = (data: Data, selections: readonly Seen[], nowMs: number): Data =>
  data.map(({ series, points }) => {
    const own = selections.filter(({ matchers }) => matches(series, matchers))
    const isKept = (at: number): boolean => own.some(each => isSeen(each, at * stepMs, nowMs))
    return { series, points: points.map((each, at) => (isKept(at) ? each : undefined)) }
  })

test('no sample outside of the selections counts', () => {
  fc.assert(
    fc.property(expression, data, isNow(250_000), (written, data, atMs) => {
      const found = read(written)
      if (found === undefined) return
      const whole = valuesOf(written, data, atMs)
      const seen = valuesOf(written, onlySeen(data, found.known.selections, atMs), atMs)
      if (whole === 'failed' || seen === 'failed') expect(seen, written).toBe(whole)
      else expectSame(seen, whole, written)
    }),
    { numRuns: runs(200) },
  )
})

// Which points each selection sees; the far end is open.
const windowsOf = (data: Data, selections: readonly Seen[], nowMs: number): string =>
  JSON.stringify(
    selections.map(seen =>
      data[0]!.points
        .map((_, at) => at * stepMs)
        .filter(tMs => isSeen(seen, tMs, nowMs) && tMs > endOf(seen, nowMs) - seen.farMs),
    ),
  )

test('time alone changes nothing but what is said to use it or to drift', () => {
  let held = 0
  fc.assert(
    fc.property(expression, data, fc.integer({ min: 200_000, max: 300_000 }), (written, data, atMs) => {
      const found = read(written)
      if (found === undefined || found.known.usesTime || found.known.drifts) return
      const later = atMs + 4_321
      const { selections } = found.known
      if (windowsOf(data, selections, atMs) !== windowsOf(data, selections, later)) return
      const [before, after] = [valuesOf(written, data, atMs), valuesOf(written, data, later)]
      if (before === 'failed' || after === 'failed') expect(after, written).toBe(before)
      else expectSame(after, before, written)
      if (childrenOf(found.expr).length > 0 && before !== 'failed' && before.size > 0) held++
    }),
    { numRuns: runs(600) },
  )
  expect(held).toBeGreaterThan(runs(20))
})
