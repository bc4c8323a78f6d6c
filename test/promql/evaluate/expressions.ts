// Expressions and data by chance, for the properties that hold of all. Called by the property tests.
import fc from 'fast-check'
import { labelsOf } from '#core/labels.ts'
import { MemorySource } from '#promql/memory-source.ts'
import type { Point } from '#promql/series-line.ts'

// Quarters add up exactly, in whichever order.
const value = fc.integer({ min: -40, max: 400 }).map(each => each / 4)
const point: fc.Arbitrary<Point> = fc.oneof(
  { weight: 20, arbitrary: value },
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant('stale' as const) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY) },
)

const labels = [
  { host: '1', dc: 'x' },
  { host: '2', dc: 'x' },
  { host: '3', dc: 'y' },
]

const stepMs = 15_000

// Three series of each of two names.
export const source = fc
  .array(fc.array(point, { minLength: 40, maxLength: 40 }), { minLength: 6, maxLength: 6 })
  .map(all => {
    const source = new MemorySource()
    for (const [at, points] of all.entries()) {
      const name = at < 3 ? 'a_total' : 'b'
      source.add({ name, labels: labelsOf(Object.entries(labels[at % 3]!)) }, points, stepMs)
    }
    return source
  })

const shift = fc.constantFrom('', '', '', ' offset 1m', ' offset -30s', ' @ 300', ' @ 200 offset 20s')
const matchers = fc.constantFrom('', '', '{host="1"}', '{dc="x"}', '{host!="2"}', '{dc=~"x|z"}')
const name = fc.constantFrom('a_total', 'b')
const window = fc.constantFrom('30s', '45s', '1m', '2m30s')
const inner = fc.constantFrom('1m:', '90s:20s', '2m:15s', '50s:7s')
// Not by (__name__): whether a group keeps its name is decided for all steps together, as in Prometheus.
const grouping = fc.constantFrom('', ' by (dc)', ' by (host)', ' without (host)')
const matching = fc.constantFrom(
  '',
  ' on (host)',
  ' ignoring (dc)',
  ' on (dc) group_left ()',
  ' on (host) group_right (dc)',
)
const overTime = fc.constantFrom(
  ...['rate', 'increase', 'delta', 'irate', 'idelta', 'resets', 'changes', 'deriv', 'present', 'absent'],
  ...['sum', 'avg', 'min', 'max', 'count', 'stddev', 'last', 'quantile'],
)
const ofVector = fc.constantFrom('abs', 'ceil', 'sgn', 'absent', 'timestamp', '-', 'minute', 'sort')
const folding = fc.constantFrom(
  'sum',
  'avg',
  'min',
  'max',
  'count',
  'group',
  'stddev',
  'quantile',
  'count_values',
)
const arithmetic = fc.constantFrom('+', '-', '*', '/', '%', '^', 'atan2')
const comparison = fc.constantFrom('==', '!=', '>', '<=', '> bool')
const sets = fc.constantFrom('and', 'or', 'unless')
const setMatching = fc.constantFrom('', ' on (dc)', ' ignoring (host)')

const text = (strings: readonly string[], ...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map(found => strings.map((each, at) => each + (found[at] ?? '')).join(''))

const overWindow = (does: string, what: string): string => {
  if (/^(?:rate|increase|delta|irate|idelta|resets|changes|deriv)$/.test(does)) return `${does}(${what})`
  return does === 'quantile' ? `quantile_over_time(0.7, ${what})` : `${does}_over_time(${what})`
}

const folded = (does: string, by: string, what: string): string => {
  const param = does === 'quantile' ? '0.3, ' : does === 'count_values' ? '"v", ' : ''
  return `${does}${by} (${param}${what})`
}

export const expression = fc.letrec<{ vector: string; scalar: string }>(tie => ({
  vector: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text`${name}${matchers}${shift}`,
    fc
      .tuple(overTime, text`${name}${matchers}[${window}]${shift}`)
      .map(([does, what]) => overWindow(does, what)),
    fc
      .tuple(overTime, text`(${tie('vector')})[${inner}]${shift}`)
      .map(([does, what]) => overWindow(does, what)),
    fc.tuple(folding, grouping, tie('vector')).map(([does, by, what]) => folded(does, by, what)),
    text`${ofVector}(${tie('vector')})`,
    text`(${tie('vector')}) ${fc.oneof(arithmetic, comparison)} (${tie('scalar')})`,
    text`(${tie('scalar')}) ${fc.oneof(arithmetic, comparison)} (${tie('vector')})`,
    text`(${tie('vector')}) ${fc.oneof(arithmetic, comparison)}${matching} (${tie('vector')})`,
    text`(${tie('vector')}) ${sets}${setMatching} (${tie('vector')})`,
    text`label_replace(${tie('vector')}, "dc", "$1", "host", "([12])")`,
    text`clamp(${tie('vector')}, ${tie('scalar')}, 40)`,
  ),
  scalar: fc.oneof(
    { maxDepth: 1 },
    fc.constantFrom('1', '2.5', '-3', 'time()', 'NaN', '0'),
    text`scalar(${tie('vector')})`,
  ),
})).vector
