// The answer of a range selector, cut into chunks wherever it may be.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matches } from '#core/matchers.ts'
import type { Matcher } from '#core/model.ts'
import { MatrixReader } from '#core/store/prometheus/matrix.ts'
import { runs } from '../../runs.ts'

type Point = readonly [tMs: number, value: number]
type Found = readonly [is: string, points: Point[]][]

type Options = Readonly<{
  chunk?: number
  fromMs?: number
  toMs?: number
  samplesMax?: number
  matchers?: readonly Matcher[]
}>

function read(
  text: string,
  { chunk = 1e9, fromMs = 0, toMs = 1e15, samplesMax = 1e6, matchers = [] }: Options = {},
): Found {
  const reader = new MatrixReader({ fromMs, toMs, samplesMax, isWanted: series => matches(series, matchers) })
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += chunk) reader.push(bytes.subarray(at, at + chunk))
  return reader
    .end()
    .map(({ series, tMs, values }) => [
      [series.name, ...Object.entries(series.labels).map(each => each.join('='))].join(' '),
      Array.from(tMs, (t, at) => [t, values[at]!] as const),
    ])
}

const answer = (result: string, head = '"status":"success"'): string =>
  `{${head},"data":{"resultType":"matrix","result":[${result}]}}`
const one = (values: string): string => answer(`{"metric":{"__name__":"up"},"values":[${values}]}`)

test('reads times and values as databases write them', () => {
  const t = (pair: string, tMs: number, value: number) =>
    expect(read(one(pair)), pair).toEqual([['up', [[tMs, value]]]])
  t('[1795229092.005,"0.3"]', 1_795_229_092_005, 0.3)
  t('[1795229092,"1"]', 1_795_229_092_000, 1)
  t('[1795229092.1,"-7.25"]', 1_795_229_092_100, -7.25)
  t('[1795229092.12,"0.30000000000000004"]', 1_795_229_092_120, 0.30000000000000004)
  // Written otherwise, and not by those we know.
  t('[1.795229092005e9,"1e3"]', 1_795_229_092_005, 1_000)
  t('[1795229092.00500001,"1"]', 1_795_229_092_005, 1)
  t('[ 1795229092 , "1" ]', 1_795_229_092_000, 1)
  t('[0,"NaN"]', 0, Number.NaN)
  t('[0,"+Inf"]', 0, Number.POSITIVE_INFINITY)
  t('[0,"-Inf"]', 0, Number.NEGATIVE_INFINITY)
  t('[0,"-0"]', 0, -0)
  t('[0,"5e-324"]', 0, 5e-324)
  t('[0,"1.7976931348623157e+308"]', 0, Number.MAX_VALUE)
  t(`[0,"17976931348623157${'0'.repeat(292)}"]`, 0, Number.MAX_VALUE)
})

test('reads every number and time that can be, however the answer is cut', () => {
  const value = fc.oneof(
    fc.double(),
    fc.integer().map(each => each / 1_000),
    fc.integer(),
  )
  const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  const points = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 2e12 }), value), {
    selector: ([tMs]) => tMs,
    maxLength: 6,
  })
  const series = fc.record({ value: label, name: label, points })
  const goText = (number: number): string =>
    Object.is(number, -0) ? '-0' : String(number).replace('Infinity', 'Inf').replace(/^Inf/, '+Inf')
  fc.assert(
    fc.property(fc.array(series, { maxLength: 4 }), fc.integer({ min: 1, max: 40 }), (all, chunk) => {
      const sorted = all.map(each => ({ ...each, points: each.points.toSorted((a, b) => a[0] - b[0]) }))
      const result = sorted.map(each => {
        const values = each.points.map(([tMs, number]) => `[${tMs / 1_000},"${goText(number)}"]`)
        return `{"metric":${JSON.stringify({ __name__: each.name, a: each.value })},"values":[${values.join(',')}]}`
      })
      const wanted = sorted
        .filter(each => each.points.length > 0)
        .map(each => [`${each.name} a=${each.value}`, each.points])
      expect(read(answer(result.join(',')), { chunk })).toEqual(wanted)
    }),
    { numRuns: runs(60) },
  )
})

test('passes over what it does not know', () => {
  const histograms = '"histograms":[[1,{"count":"2","buckets":[[0,"}]\\"[","1","2"]]}]]'
  const text = answer(
    `{"metric":{"__name__":"up"},${histograms},"values":[[1,"1"]],"more":null},{"metric":{},"values":[]}`,
  )
  for (let chunk = 1; chunk < 50; chunk++) {
    expect(read(text, { chunk }), String(chunk)).toEqual([['up', [[1_000, 1]]]])
  }
})

test('leaves out what lies outside of the range and series that nobody asked for', () => {
  expect(read(one('[1,"1"],[1.001,"2"],[1.002,"3"],[1.003,"4"]'), { fromMs: 1_001, toMs: 1_002 })).toEqual([
    [
      'up',
      [
        [1_001, 2],
        [1_002, 3],
      ],
    ],
  ])
  const two = answer('{"metric":{"h":"a"},"values":[[1,"1"]]},{"metric":{"h":"b"},"values":[[1,"1"]]}')
  expect(read(two, { matchers: [{ name: 'h', op: '=', value: 'b' }] })).toEqual([[' h=b', [[1_000, 1]]]])
  expect(read(answer(''))).toEqual([])
})

test('of several values of one time the largest is read', () => {
  expect(read(one('[1,"8"],[1,"6"],[1,"7"],[2,"1"]'))).toEqual([
    [
      'up',
      [
        [1_000, 8],
        [2_000, 1],
      ],
    ],
  ])
})

test('refuses more than was allowed, half answers, parts and nonsense', () => {
  const t = (text: string, what: string, options: Options = {}) =>
    expect(() => read(text, options), text).toThrow(what)
  t(one('[1,"1"],[2,"1"],[3,"1"]'), 'too_many_samples', { samplesMax: 2 })
  t(one('[1,"1"]').slice(0, -4), 'it ends too early')
  t('', 'it ends too early')
  t(answer('', '"status":"success","isPartial":true'), 'did not answer')
  t('{"status":"success","data":{"resultType":"vector","result":[]}}', 'no matrix')
  t(`<html>${' '.repeat(70_000)}`, 'no "result":[')
  t(one('[1,1]'), 'without quotes')
  t(one('[1,"one"]'), 'the value "one"')
  t(one('7'), 'where a sample begins')
  t(answer('7'), 'where a series begins')
})
