// What is compiled finds what the evaluator finds, bit for bit; what is not compiled is left to it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateNow } from '#promql/evaluate.ts'
import { parse } from '#promql/parse.ts'
import { type Kernel, openHits, openKernels, openSheet, type Sheet } from '../../rules/kernel.ts'
import { runs } from '../runs.ts'
import { expression } from './kernel/expressions.ts'
import { type Points, points, sourceOf, startMs, stripsOf } from './kernel/strips.ts'

const lookbackMs = 300_000
const compile = (text: string): Kernel | undefined => openKernels({ lookbackMs }).compile(parse(text))

function found(kernel: Kernel, sheet: Sheet): Map<number, number> {
  const hits = openHits()
  kernel.find(sheet, hits)
  return new Map(Array.from({ length: hits.count }, (_, each) => [hits.at[each]!, hits.values[each]!]))
}

// Of samples each 10 s up to second 100.
function at(
  text: string,
  atMs: number,
  ...all: readonly (readonly (number | 'stale')[])[]
): [number, number][] {
  const strips = stripsOf(
    all.map(values => values.map((each, at) => [100_000 - (values.length - 1 - at) * 10_000, each])),
  )
  const sheet = openSheet()
  sheet.begin(
    strips,
    Uint32Array.from(all, (_, slot) => slot),
    atMs,
  )
  const kernel = compile(text)
  if (kernel === undefined) throw new Error(`${text} is not compiled`)
  return [...found(kernel, sheet)]
}

test('finds the series that meet a condition, and their numbers', () => {
  const t = (text: string, wanted: [number, number][]) =>
    expect(at(text, 100_000, [1, 2, 9], [1, 8, 3], [7], [1, 'stale'], [Number.NaN]), text).toEqual(wanted)

  t('m > 5', [
    [0, 9],
    [2, 7],
  ])
  t('5 > m', [[1, 3]])
  t('9 < m', [])
  t('9 <= m', [[0, 9]])
  t('m > 5 and m < 8', [[2, 7]])
  t('m > 5 unless m == 7', [[0, 9]])
  t('m < 5 or m > 8', [
    [0, 9],
    [1, 3],
  ])
  t('m > 8 or m < 5', [
    [0, 9],
    [1, 3],
  ])
  t('m != 7', [
    [0, 9],
    [1, 3],
    [4, Number.NaN],
  ])
  t('m > bool 5', [
    [0, 1],
    [1, 0],
    [2, 1],
    [4, 0],
  ])
  t('m == m', [
    [0, 9],
    [1, 3],
    [2, 7],
  ])
  t('-m * 2 ^ 10 < -7 * 1024', [[0, -9_216]])
  t('avg_over_time(m[20s]) > 5', [
    [0, 5.5],
    [1, 5.5],
    [2, 7],
  ])
  // Of which the marker is no part.
  t('count_over_time(m[20s])', [
    [0, 2],
    [1, 2],
    [2, 1],
    [3, 1],
    [4, 1],
  ])
  t('idelta(m[20s]) > 0', [[0, 7]])
  t('clamp_max(max_over_time(m[1m]) - min_over_time(m[1m]), 7.5) > 7', [[0, 7.5]])
  t('m > NaN', [])
})

test('looks at each series as of its newest sample, at most a minute ahead', () => {
  const t = (text: string, nowMs: number, wanted: [number, number][]) =>
    expect(at(text, nowMs, [1, 2, 3], [4, 'stale', 5], []), `${text} at ${nowMs}`).toEqual(wanted)

  t('m', 90_000, [
    [0, 3],
    [1, 5],
  ])
  t('m', 40_000, [
    [0, 3],
    [1, 5],
  ])
  // A millisecond too far ahead.
  t('m', 39_999, [[0, 2]])
  t('count_over_time(m[10s1ms])', 40_000, [
    [0, 2],
    [1, 1],
  ])
  t('count_over_time(m[10s1ms])', 39_999, [[0, 1]])
  t('m', 19_999, [])
  t('m', 399_999, [
    [0, 3],
    [1, 5],
  ])
  t('m', 400_000, [])
})

test('keeps apart what only looks alike', () => {
  const texts = ['m > 5', 'm > bool 5', '5 > m', '5 > bool m', 'm - 5', '5 - m', '-m', 'm / 0', 'm / -0']
  texts.push('m and m > 5', 'm unless m > 5', 'm == m', 'm == bool m', 'm + m', 'm > 5m', 'm{a="b"}')
  texts.push('clamp_min(m, 5)', 'clamp_max(m, 5)', 'round(m, 5)', 'round(m)', 'abs(m)')
  texts.push('sum_over_time(m[10s])', 'sum_over_time(m[20s])', 'avg_over_time(m[20s])')
  texts.push('quantile_over_time(0, m[20s])', 'quantile_over_time(1, m[20s])')
  const { compile } = openKernels({ lookbackMs })
  const kernels = texts.map(text => compile(parse(text))!)
  const sheet = openSheet()
  sheet.begin(
    stripsOf([
      [
        [90_000, 9],
        [100_000, 3],
      ],
      [[100_000, 6.5]],
    ]),
    Uint32Array.of(0, 1),
    100_000,
  )
  // Twice, so that what is shared is there.
  for (const [each, text] of [...texts.entries(), ...texts.entries()]) {
    expect([...found(kernels[each]!, sheet)], text).toEqual(at(text, 100_000, [9, 3], [6.5]))
  }
})

// What the evaluator finds for one series at the time that its newest sample asks for.
function wanted(text: string, points: Points, nowMs: number) {
  const newestMs = points.at(-1)?.[0] ?? nowMs
  const atMs = Math.max(nowMs, Math.min(newestMs, nowMs + 60_000))
  const { value } = evaluateNow(parse(text), sourceOf(points), { atMs }, { lookbackMs })
  if (value.kind !== 'vector') throw new Error(`${text} is no vector`)
  return value
}

test('finds what the evaluator finds', () => {
  const expressions = fc.array(expression, { minLength: 1, maxLength: 4 })
  const data = fc.array(points, { minLength: 1, maxLength: 5 })
  const time = fc.integer({ min: startMs - 70_000, max: startMs + 700_000 })
  let compared = 0
  fc.assert(
    fc.property(expressions, data, time, (texts, all, nowMs) => {
      const kernels = openKernels({ lookbackMs })
      // Twice, so that some are computed for one reader and some for several.
      const compiled = [...texts, ...texts.slice(1)].map(text => ({
        text,
        kernel: kernels.compile(parse(text)),
      }))
      const strips = stripsOf(all)
      const sheet = openSheet()
      const slots = [...all.keys()].reverse()
      for (const asked of [slots, slots.slice(1), slots]) {
        sheet.begin(strips, Uint32Array.from(asked), nowMs)
        for (const { text, kernel } of compiled) {
          // Where one side keeps the name and the other does not, or is left to the evaluator.
          if (kernel === undefined) expect(text).toContain(' or ')
          if (kernel === undefined) continue
          const hits = found(kernel, sheet)
          for (const [at, slot] of asked.entries()) {
            const { series, values } = wanted(text, all[slot]!, nowMs)
            expect(hits.has(at), `${text} of ${slot}`).toBe(values.length === 1)
            if (values.length === 0) continue
            compared++
            // Not even 0 and -0 are the same.
            expect(hits.get(at), text).toBe(values[0])
            expect(kernel.keepsName, text).toBe(series[0]?.name === 'm')
          }
        }
      }
    }),
    { numRuns: runs(80) },
  )
  expect(compared).toBeGreaterThan(runs(200))
})

test('says what it reads', () => {
  const t = (text: string, keepMs: number, windowsMs: number[], ends: boolean) =>
    expect(compile(text)?.watch, text).toEqual({
      matchers: [{ name: '__name__', op: '=', value: 'm' }],
      keepMs,
      windowsMs,
      ends,
    })

  t('m > 5', 0, [], true)
  t('rate(m[5m])', 300_000, [300_000], false)
  t('m > avg_over_time(m[1h])', 3_600_000, [3_600_000], true)
  t('rate(m[1m]) > 2 * rate(m[5m]) or rate(m[1m]) > 5', 300_000, [60_000, 300_000], false)
})

test('takes matchers in any order for the same selector', () => {
  expect(compile('m{a="1",b=~"x|y"} / {b=~"x|y",__name__="m",a="1"}')).toBeDefined()
  expect(compile('m{a="1",b=~"x|y"} / m{a="1",b=~"x|z"}')).toBeUndefined()
})

test('says whether the name of the metric stays', () => {
  const t = (text: string, keeps: boolean) => expect(compile(text)?.keepsName, text).toBe(keeps)

  t('m', true)
  t('+m > 5', true)
  t('5 < m', true)
  t('m > bool 5', false)
  t('m * 1', false)
  t('-m', false)
  t('abs(m)', false)
  t('avg_over_time(m[1m])', false)
  t('last_over_time(m[1m]) != 0', true)
  t('first_over_time(m[1m])', true)
  t('m > avg_over_time(m[1m])', true)
  t('avg_over_time(m[1m]) < m', false)
  t('m unless rate(m[1m]) > 1', true)
  t('rate(m[1m]) > 1 and m', false)
  t('m > 5 or m < 1', true)
})

test('leaves everything else to the evaluator', () => {
  const t = (text: string) => expect(compile(text), text).toBeUndefined()

  // Several series make one result.
  t('sum(m)')
  t('sum by (host) (m) > 5')
  t('topk(1, m)')
  t('count_values("v", m)')
  t('m / on (host) m')
  t('m / ignoring (host) m')
  t('m * on (host) group_left () m')
  t('m * ignoring () group_left () m')
  t('m and on () m')
  t('m / n')
  t('m{host="a"} / m')
  t('rate(m[5m]) / rate(n[5m])')
  t('histogram_quantile(0.9, m)')
  // Labels change, or names are not all alike.
  t('label_replace(m, "a", "b", "c", "d")')
  t('label_join(m, "a", ",", "b")')
  t('m or rate(m[5m])')
  t('m or -m')
  // Time alone changes them.
  t('time() - m')
  t('m > time()')
  t('timestamp(m)')
  t('hour(m)')
  t('absent(m)')
  t('absent_over_time(m[5m])')
  t('predict_linear(m[1h], 3600)')
  // Another time, or many.
  t('m offset 5m')
  t('m @ 100')
  t('rate(m[5m] offset 1m)')
  t('rate(m[5m] @ end())')
  t('max_over_time(m[5m:1m])')
  t('quantile_over_time(0.5, m[5m:1m])')
  // What they select may have several names.
  t('{host="a"}')
  t('{__name__=~"m|n"}')
  t('rate({__name__!="m",a="b"}[5m])')
  // No series at all.
  t('5')
  t('1 + 2 * 3')
  t('vector(1)')
  t('"text"')
  t('m[5m]')
  t('m > scalar(m)')
  t('m or vector(0)')
  t('round(m, scalar(m))')
  // The evaluator warns, refuses or finds nothing.
  t('quantile_over_time(2, m[5m])')
  t('quantile_over_time(scalar(m), m[5m])')
  t('double_exponential_smoothing(m[5m], 0, 0.5)')
  t('clamp(m, 5, 1)')
})
