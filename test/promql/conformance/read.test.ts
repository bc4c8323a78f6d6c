// The reader of Prometheus' test language, and that the runner finds what is wrong.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSeriesLine } from '#promql/series-line.ts'
import { readCommands } from './read.ts'
import { runFile, tally } from './run-file.ts'

test('reads points', () => {
  const t = (text: string, ...points: unknown[]) =>
    expect(readSeriesLine(`x ${text}`).points, text).toEqual(points)

  t('1 2 -3.5', 1, 2, -3.5)
  t('1+2x3', 1, 3, 5, 7)
  t('1-2x3', 1, -1, -3, -5)
  t('-1e2+1x1', -100, -99)
  t('5x2', 5, 5, 5)
  t('0x2', 0, 0, 0)
  t('_ 1 _x3 2', undefined, 1, undefined, undefined, undefined, 2)
  t('1 stale', 1, 'stale')
  t(
    'Inf -Inf +inf nan',
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  )
  t('.5 2. 1e-3', 0.5, 2, 0.001)
  t('')
})

test('reads series', () => {
  const t = (text: string, name: string, labels: object) => {
    const { series } = readSeriesLine(`${text} 1`)
    expect(series.name, text).toBe(name)
    expect({ ...series.labels }, text).toEqual(labels)
  }

  t('x', 'x', {})
  t('a:b:{c="d"}', 'a:b:', { c: 'd' })
  t("{a='1', b=`2`, }", '', { a: '1', b: '2' })
  t('{__name__="x y", "c d"="e\\"f"}', 'x y', { 'c d': 'e"f' })
  t('{"x.y", a="1"}', 'x.y', { a: '1' })
  t('{}', '', {})
})

test('refuses points and series that are none', () => {
  const t = (text: string, said: string) => expect(() => readSeriesLine(text), text).toThrow(said)

  t('x 1+2', 'how often')
  t('x 1x', 'is no point')
  t('x one', 'is no point')
  t('x 1x99999999', 'more than')
  t('x{a} 1', 'wanted =')
  t('x{a=1} 1', 'in quotes')
  t('x{a="1" b="2"} 1', 'wanted ,')
  t('"x" 1', 'wanted a series')
  t('x {{count:1}}', 'native histograms')
})

const outcomes = (text: string): string[] => runFile(text).map(each => each.outcome)

test('says what is wrong, and goes on', () => {
  const t = (text: string, ...wanted: string[]) => expect(outcomes(text), text).toEqual(wanted)
  const load = 'load 1m\n  x{a="1"} 1 2 3\n  y 1\n'

  t(`${load}\neval instant at 1m x\n  x{a="1"} 2`, 'passed')
  t(`${load}\neval instant at 1m x\n  x{a="1"} 3`, 'failed')
  t(`${load}\neval instant at 1m x\n  x{a="2"} 2`, 'failed')
  t(`${load}\neval instant at 1m x`, 'failed')
  t(`${load}\neval instant at 1m z`, 'passed')
  t(`${load}\neval instant at 1m z\n  z 1`, 'failed')
  t(`${load}\neval instant at 1m x +`, 'failed')
  t(`${load}\neval instant at 1m x\n  expect fail`, 'failed')
  t(`${load}\neval_fail instant at 1m x * on() group_left {__name__=~".+"}`, 'passed')
  t(`${load}\neval instant at 1m rate(x[2m])\n  expect info\n  {a="1"} 0.016666666`, 'passed')
  t(`${load}\neval instant at 1m rate(x[2m])\n  expect no_info\n  {a="1"} 0.016666666`, 'failed')
  t(`${load}\neval instant at 1m x\n  expect warn\n  x{a="1"} 2`, 'failed')
  t(`${load}\neval range from 0 to 2m step 1m x\n  x{a="1"} 1 2 3`, 'passed')
  t(`${load}\neval range from 0 to 2m step 1m x\n  x{a="1"} 1 2`, 'failed')
  t(`${load}\neval range from 0 to 2m step 1m x > 1\n  x{a="1"} _ 2 3`, 'passed')
  t(`${load}\neval instant at 1m 2 + 1\n  3`, 'passed')
  t(`${load}\neval instant at 1m 2 + 1\n  4`, 'failed')
  t(`${load}\neval instant at 1m "a"\n  expect string "a"`, 'passed')
  t(`${load}\neval instant at 1m "a"\n  expect string "b"`, 'failed')
  t(`${load}\neval_ordered instant at 1m sort_desc({__name__=~"x|y"})\n  x{a="1"} 2\n  y 1`, 'passed')
  t(`${load}\neval_ordered instant at 1m sort({__name__=~"x|y"})\n  x{a="1"} 2\n  y 1`, 'failed')
  t(
    `${load}\neval instant at 2m x[2m]\n  expect range vector from 1m to 2m step 1m\n  x{a="1"} 2 3`,
    'passed',
  )
  t(`${load}\nclear\neval instant at 1m x`, 'passed')
  t(`# only a remark\n\nplease\n${load}\neval instant at 1m x\n  x{a="1"} 2`, 'failed', 'passed')
  t('load 1m\n  x 1 two\n\neval instant at 0 z', 'failed', 'passed')
  t('eval instant at soon x', 'failed')
  t('eval now x', 'failed')
})

test('skips what needs native histograms or is experimental', () => {
  const t = (text: string, ...wanted: string[]) => expect(outcomes(text), text).toEqual(wanted)
  const native = 'load 1m\n  h{a="1"} {{schema:0 count:1}}x3\n  x 1\n'

  t(`${native}\neval instant at 0 h\n  h{a="1"} {{schema:0 count:1}}`, 'skipped', 'skipped')
  t(`${native}\neval instant at 0 sum(h)`, 'skipped', 'skipped')
  t(`${native}\neval instant at 0 x\n  x 1`, 'skipped', 'passed')
  // What came of the floats is what was wanted.
  t(`${native}\neval instant at 0 abs({__name__=~"h|x"})\n  {} 1`, 'skipped', 'passed')
  t(
    `load_with_nhcb 1m\n  h_bucket{le="1"} 1\n\neval instant at 0 h_bucket\n  h_bucket{le="1"} 1`,
    'skipped',
    'passed',
  )
  t('load 1m\n  x{a="1"}@st -1s -2s\n  x{a="1"} 1 2\n\neval instant at 1m x', 'skipped', 'skipped')
  t('eval instant at 0 limitk(1, x)', 'skipped')
  t('eval instant at 0 sum_over_time(x[-(-5m)])', 'skipped')
  t('eval instant at 0 x </ 5', 'skipped')
  t('eval instant at 0 histogram_sum(x)', 'skipped')
  t('eval instant at 0 rate(x[1m] anchored)', 'skipped')
})

test('is not upset by anything', () => {
  const word = fc.constantFrom(
    'eval',
    'instant',
    'at',
    '5m',
    'load',
    'x{',
    'a="1"}',
    '{{',
    '1x3',
    'expect',
    'fail',
    '\n',
    '\n  ',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string())), words => {
      const { passed, failed, skipped } = tally(runFile(words.join(' ')))
      expect(passed + failed + skipped).toBeGreaterThanOrEqual(0)
    }),
  )
  expect(readCommands('')).toEqual([])
})
