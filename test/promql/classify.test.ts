import fc from 'fast-check'
import { expect, test } from 'vitest'
import { childrenOf } from '#promql/children.ts'
import { classify } from '#promql/classify.ts'
import { parse } from '#promql/parse.ts'
import { expressions } from './expressions.ts'

const lookbackMs = 300_000
const classOf = (text: string) => classify(parse(text), { lookbackMs })

// `without ()`: by every label.
function signatureOf(text: string): string {
  const { scope, signature } = classOf(text)
  return scope === 'global' ? 'global' : `${signature.kind} (${signature.labels.join(', ')})`
}

test('finds the labels that series share where they meet', () => {
  const t = (text: string, signature: string) => expect(signatureOf(text), text).toBe(signature)

  // One series, one result.
  t('up', 'without ()')
  t('up == 0', 'without ()')
  t('rate(a[5m]) * 8 > 100', 'without ()')
  t('-abs(a)', 'without ()')
  t('predict_linear(a[1h], 4 * 3600) < 0', 'without ()')
  t('max_over_time(rate(a[1m])[1h:])', 'without ()')
  t('clamp_max(a, time())', 'without ()')
  t('a + time()', 'without ()')
  t('sort_desc(a)', 'without ()')
  t('quantile_over_time(0.9, a[5m])', 'without ()')
  t('timestamp(a)', 'without ()')

  // Two series that agree in what they are matched by.
  t('a / b', 'without ()')
  t('a and b', 'without ()')
  t('a or b unless c', 'without ()')
  t('a / on (host) b', 'by (host)')
  t('a / on (host, __name__) b', 'by (host)')
  t('a / ignoring (mode) b', 'without (mode)')
  t('a * on (host) group_left (rack) b', 'by (host)')
  t('a * ignoring (mode) group_right (rack) b', 'without (mode)')
  t('a and on (host, device) (b / on (host, rack) c)', 'by (host)')
  t('a / on (host) b > on (rack) c', 'global')
  t('(a / ignoring (x) b) / ignoring (y) c', 'without (x, y)')
  t('a / on (host, x) (b / ignoring (x) c)', 'by (host)')

  // Many series, grouped.
  t('sum by (host, device) (a)', 'by (device, host)')
  t('sum without (cpu) (a)', 'without (cpu)')
  t('sum without () (a)', 'without ()')
  t('topk by (host) (3, a)', 'by (host)')
  t('quantile by (host) (0.9, rate(a[5m]))', 'by (host)')
  t('sum by (host) (a) / sum by (host, rack) (b)', 'by (host)')
  t('sum by (rack) (a / on (host) b)', 'global')
  t('max by (rack) (sum by (rack, host) (a))', 'by (rack)')
  t('sum by (host) (sum without (host) (a))', 'global')
  t('count_values by (host, v) ("v", a)', 'by (host)')
  t('count_values without (cpu) ("v", a)', 'without (cpu, v)')
  t('sum by (host) (a) > scalar(b)', 'global')
  t('topk by (host) (scalar(b), a)', 'global')
  t('sum(a)', 'global')
  t('topk(3, a)', 'global')
  t('sum by () (a)', 'global')
  t('a / on () group_left sum(b)', 'global')

  // Functions that change labels.
  t('histogram_quantile(0.9, rate(a[5m]))', 'without (le)')
  t('histogram_quantile(0.9, sum by (host, le) (rate(a[5m])))', 'by (host)')
  t('histogram_fraction(0, 1, a)', 'without (le)')
  t('label_replace(a, "x", "$1", "y", "(.*)")', 'without (x)')
  t('label_join(a, ("x"), ",", "y", "z")', 'without (x)')
  t('sum by (x, y) (label_replace(a, "x", "$1", "y", "(.*)"))', 'by (y)')

  // What is there, or not, without any series.
  t('absent(a)', 'global')
  t('absent_over_time(a[5m])', 'global')
  t('a unless on (host) absent(b)', 'global')
  t('scalar(a)', 'global')
  t('vector(1)', 'global')
  t('1 + 2', 'global')
  t('time() > bool 5', 'global')
  t('hour()', 'global')
  t('a or vector(0)', 'global')
  t('a or on () vector(0)', 'global')
  t('a * on () vector(2)', 'global')
  t('vector(1) and a', 'global')
  // What is no series matches each alike.
  t('a and on () hour() > 8', 'without ()')
  t('a and on () (hour() > 8 and day_of_week() < 6)', 'without ()')
  t('a unless on () vector(1) == 2', 'without ()')
  t('a * on () group_left vector(2)', 'without ()')
  t('vector(2) * on () group_right (x) a', 'without (x)')
  t('hour(a)', 'without ()')
})

test('tells how far back each selector looks', () => {
  const t = (text: string, ...wanted: [farMs: number, nearMs: number, atMs?: number][]) => {
    const found = classOf(text).selections.map(({ farMs, nearMs, atMs }) =>
      atMs === undefined ? [farMs, nearMs] : [farMs, nearMs, atMs],
    )
    expect(found, text).toEqual(wanted)
  }
  const minute = 60_000

  t('1')
  t('up', [5 * minute, 0])
  t('up offset 1m', [6 * minute, minute])
  t('up offset -1m', [4 * minute, -minute])
  t('rate(up[10m])', [10 * minute, 0])
  t('rate(up[10m] offset 1h)', [70 * minute, 60 * minute])
  t('up[1h:1m]', [65 * minute, 0])
  t('max_over_time(rate(up[10m])[1h:1m])', [70 * minute, 0])
  t('max_over_time(rate(up[10m] offset 1m)[1h:1m] offset 2m)', [73 * minute, 3 * minute])
  t('a / b > c offset 1w', [5 * minute, 0], [5 * minute, 0], [10_085 * minute, 10_080 * minute])
  // Times that @ fixes do not go along.
  t('up @ 100', [5 * minute, 0, 100_000])
  t('rate(up[10m] @ 100 offset 1m)', [11 * minute, minute, 100_000])
  t('up[1h:] @ 100', [65 * minute, 0, 100_000])
  t('(up offset 1m)[1h:] @ 100', [66 * minute, minute, 100_000])
  t('max_over_time((up @ 100)[1h:])', [5 * minute, 0, 100_000])
  // In a rule, start and end are the time of evaluation, and a subquery around does not move them.
  t('max_over_time((up @ end())[1h:])', [5 * minute, 0])
  t('(up @ start() offset 1m)[1h:] @ 100', [6 * minute, minute])

  expect(classOf('rate(a[10m]) / (b offset 20m) + c @ 5').windowMs).toBe(25 * minute)
  expect(classOf('a @ 5').windowMs).toBe(0)
  expect(classOf('a offset -1h').windowMs).toBe(0)
  expect(classify(parse('a'), { lookbackMs: 1_000 }).windowMs).toBe(1_000)
})

test('names the series of each selector', () => {
  expect(classOf('a{x="1"} and {__name__=~"b.*"}').selections.map(each => each.matchers)).toEqual([
    [
      { name: '__name__', op: '=', value: 'a' },
      { name: 'x', op: '=', value: '1' },
    ],
    [{ name: '__name__', op: '=~', value: 'b.*' }],
  ])
})

test('tells what time alone can change', () => {
  const t = (text: string, usesTime: boolean, drifts: boolean) =>
    expect(classOf(text), text).toMatchObject({ usesTime, drifts })

  t('up == 0', false, false)
  t('avg_over_time(a[5m])', false, false)
  t('hour(a)', false, false)
  t('time() - a > 300', true, false)
  t('time() - timestamp(a) > 300', true, false)
  t('a and on () hour() > 8', true, false)
  t('absent(a)', true, false)
  t('absent_over_time(a[5m])', true, false)
  t('predict_linear(a[1h], 3600) < 0', true, true)
  t('sum by (host) (rate(a[5m]))', false, true)
  t('max_over_time(a[5m:1m])', false, true)
})

test('tells whether several series make one result', () => {
  const t = (text: string, aggregates: boolean) => expect(classOf(text).aggregates, text).toBe(aggregates)

  t('a / b', false)
  t('sum by (host) (a)', true)
  t('histogram_quantile(0.9, a)', true)
  t('a / on (host) sum by (host) (b)', true)
})

test('every expression has a class, and each of its selectors a window', () => {
  fc.assert(
    fc.property(expressions, expr => {
      const { selections, windowMs } = classify(expr, { lookbackMs })
      for (const each of selections) expect(each.farMs).toBeGreaterThan(each.nearMs)
      for (const child of childrenOf(expr)) {
        expect(classify(child, { lookbackMs }).selections.length).toBeLessThanOrEqual(selections.length)
      }
      expect(windowMs).toBeGreaterThanOrEqual(0)
    }),
    { numRuns: 300 },
  )
})
