import { describe, expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import {
  noteLine,
  pointLine,
  sampleLine,
  seriesPrefix,
  unfit,
  unfitSeries,
} from '#core/line-protocol/encode.ts'
import { writeStale } from '#core/stale.ts'

test('says what a text has that the protocol cannot carry', () => {
  const t = (text: string, wanted: string | undefined): void =>
    expect(unfit(text), JSON.stringify(text)).toBe(wanted)
  t('a b,c=d"e\\f', undefined)
  t('北京 🚢', undefined)
  t('', 'it is empty')
  t('a\nb', 'it contains a control character')
  t('a\x7f', 'it contains a control character')
  t('a\\', 'it ends in a backslash')
  t('a\ud800', 'it contains half a surrogate pair')
})

test('a series that cannot be carried is named with its fault', () => {
  const t = (name: string, labels: [string, string][], wanted: string | undefined): void => {
    const series = { name, labels: labelsOf(labels) }
    expect(unfitSeries(series)).toBe(wanted)
    if (wanted !== undefined) expect(() => seriesPrefix(series)).toThrow(Failure)
  }
  t('m', [['a', 'b']], undefined)
  t('#m', [], 'name "#m": it begins with #')
  t('m', [['a', 'x\ny']], 'label "a": it contains a control character')
  t('m', [['a\\', 'x']], 'label "a\\\\": it ends in a backslash')
})

test('samples are fields called value, and what is no number is a special', () => {
  const prefix = seriesPrefix({ name: 'a metric', labels: labelsOf([['k 2', 'v,2'], ['k1', 'v=1']]) }) // biome-ignore format: a table
  expect(prefix).toBe('a\\ metric,k\\ 2=v\\,2,k1=v\\=1 ')
  const values = Float64Array.of(1.5, -0, 1e21, Number.NaN, Infinity, -Infinity, 0)
  writeStale(values, 6)
  const t = (at: number, wanted: string): void =>
    expect(sampleLine('m ', 7, values, at)).toBe(`m ${wanted} 7\n`)
  t(0, 'value=1.5')
  t(1, 'value=-0')
  t(2, 'value=1e+21')
  t(3, 'value__special="NaN"')
  t(4, 'value__special="+Inf"')
  t(5, 'value__special="-Inf"')
  t(6, 'value__special="stale"')
  expect(noteLine('m ', { tMs: 7, text: 'a "b" \\c\nd' })).toBe('m value="a \\"b\\" \\\\c\nd" 7\n')
})

describe('a point', () => {
  const point = { measurement: 'm', tags: [], fields: [['f', { float: 1 }]] } as const

  test("has floats in the reference encoder's form", () => {
    const t = (float: number, wanted: string): void =>
      expect(pointLine({ ...point, fields: [['f', { float }]] })).toBe(`m f=${wanted}`)
    t(0, '0')
    t(-0, '-0')
    t(999_999, '999999')
    t(1e6, '1e+06')
    t(6_632_243, '6.632243e+06')
    t(0.0001, '0.0001')
    t(0.00001, '1e-05')
    t(-1.5e300, '-1.5e+300')
  })

  test('is refused when it could not be read again', () => {
    const t = (changed: object, wanted: string): void =>
      expect(() => pointLine({ ...point, ...changed })).toThrow(wanted)
    t({ measurement: '' }, 'measurement "": it is empty')
    t({ measurement: '#m' }, 'it begins with #')
    t({ tags: [['a', '']] }, 'value of tag "a" "": it is empty')
    t({ tags: [['a\n', 'b']] }, 'it contains a control character')
    t({ fields: [] }, 'no fields')
    t({ fields: [['f', { float: Number.NaN }]] }, 'no number NaN')
  })
})
