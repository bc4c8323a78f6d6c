// What holds of any input: writing and reading again changes nothing, nothing throws, good lines survive bad
// neighbours, and the short ways say what the long ones say.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type NoteRow, RowBuffer } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import { nearest } from '#core/line-protocol/decimal.ts'
import { LineDecoder } from '#core/line-protocol/decode.ts'
import {
  noteLine,
  pointLine,
  sampleLine,
  seriesPrefix,
  unfit,
  unfitSeries,
} from '#core/line-protocol/encode.ts'
import { decodePoints, type FieldValue, type Point } from '#core/line-protocol/points.ts'
import { SeriesTable } from '#core/series.ts'
import { staleNaN, writeStale } from '#core/stale.ts'
import { runs } from '../../runs.ts'

const nowMs = Date.UTC(2026, 0, 1)

// Mostly what hurts: separators, quotes, backslashes, other scripts.
const nasty = fc
  .string({
    unit: fc.constantFrom('a', 'B', ' ', ',', '=', '"', '\\', '#', '_', '1', 'é', '北', '🚢'),
    minLength: 1,
    maxLength: 8,
  })
  .filter(text => unfit(text) === undefined)
const anyText = fc.string({ unit: 'binary', maxLength: 20 }).map(text => text.toWellFormed())

const value: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(float => ({ float })),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(int => ({ int })),
  fc.bigInt(0n, 2n ** 64n - 1n).map(uint => ({ uint })),
  fc.boolean().map(bool => ({ bool })),
  anyText.map(string => ({ string })),
)
const point: fc.Arbitrary<Point> = fc.record(
  {
    measurement: nasty.filter(text => !text.startsWith('#')),
    tags: fc.uniqueArray(fc.tuple(nasty, nasty), { selector: ([key]) => key, maxLength: 4 }),
    fields: fc.array(fc.tuple(nasty, value), { minLength: 1, maxLength: 4 }),
    timeNs: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  },
  { requiredKeys: ['measurement', 'tags', 'fields'] },
)

test('a point that is written and read again is the same', () => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 3 }), points => {
      const text = points.map(pointLine).join('\n')
      expect(decodePoints(Buffer.from(text))).toEqual({ points, rejected: 0, errors: [] })
    }),
    { numRuns: runs(200) },
  )
})

test('a series that is written and read again is the same, with its samples, specials and notes', () => {
  const series = fc.record({
    name: nasty,
    labels: fc
      .array(fc.tuple(fc.oneof(nasty, fc.constant('__proto__')), nasty), { maxLength: 4 })
      .map(labelsOf),
  })
  const number = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Infinity, -Infinity, staleNaN, 0, -0, 1e21, 5e-324),
  )
  fc.assert(
    fc.property(series, number, anyText, fc.boolean(), (written, sample, text, stale) => {
      fc.pre(unfitSeries(written) === undefined)
      const values = Float64Array.of(sample)
      if (stale) writeStale(values, 0)
      const prefix = seriesPrefix(written)
      const block = Buffer.from(
        sampleLine(prefix, nowMs, values, 0) + noteLine(prefix, { tMs: nowMs + 1, text }),
      )
      const table = new SeriesTable()
      const rows = new RowBuffer(0)
      const notes: NoteRow[] = []
      const decoder = new LineDecoder(table)
      expect(decoder.decode(block, { precision: 'ms', receivedAtMs: nowMs }, rows, notes).errors).toEqual([])
      const read = rows.rows()
      expect(table.get(read.series[0]!)).toEqual(written)
      expect([...read.tMs]).toEqual([nowMs])
      const bits = (column: Float64Array): string => Buffer.from(column.slice().buffer).toString('hex')
      if (Number.isNaN(sample) && !stale) expect(read.values[0]).toBeNaN()
      else expect(bits(read.values)).toBe(bits(values))
      expect(notes).toEqual([{ series: read.series[0], tMs: nowMs + 1, text }])
    }),
    { numRuns: runs(200) },
  )
})

// A block, from real pieces put together at random, so that most of it almost makes sense.
const piece = fc.constantFrom(
  'm', 'cpu,host=a', ',', ' ', ' ', '=', '"', '"', '\\', '\n', '\n', '\r', '#', 'f=1', 'v=1.5e3', 's="x"', 'i', '-', '.', '5',
  'x__special="NaN"', 'true', '1767225600000', '\0', '\x7f', 'é', '\xff',
) // biome-ignore format: a table of pieces
const block = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.array(piece, { maxLength: 60 }).map(pieces => new Uint8Array(Buffer.from(pieces.join(''), 'latin1'))),
  fc.array(piece, { maxLength: 60 }).map(pieces => new Uint8Array(Buffer.from(pieces.join('')))),
)

test('no bytes make either decoder throw, and both find the same errors', () => {
  const decoder = new LineDecoder(new SeriesTable())
  fc.assert(
    fc.property(block, bytes => {
      const options = { precision: 'ns', receivedAtMs: nowMs, anyTime: true } as const
      const decode = () => {
        const rows = new RowBuffer(1)
        const notes: NoteRow[] = []
        return { ...decoder.decode(bytes, options, rows, notes), rows: rows.rows(), notes }
      }
      const first = decode()
      const points = decodePoints(bytes)
      const fields = points.points.reduce((sum, each) => sum + each.fields.length, 0)
      // Only the decoder of rows knows specials, so only it can refuse what calls itself one.
      if (!Buffer.from(bytes).includes('__special')) {
        expect(first.errors).toEqual(points.errors)
        expect(first.values).toBe(fields)
      }
      expect(first.rows.series.length + first.notes.length).toBe(first.values)
      // Known prefixes and fields take another way to the same end.
      expect(decode()).toEqual(first)
    }),
    { numRuns: runs(400) },
  )
})

test('good lines survive bad neighbours', () => {
  const bad = fc.constantFrom(
    'm',
    'm,',
    'm,a v=1',
    'm v=',
    'm v=1 x',
    'm v=1 5',
    'm s="',
    ',v=1',
    'm v=1,',
    '=\\',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(bad, fc.nat(999)), { maxLength: 20 }), lines => {
      // Two of these together make one good line.
      fc.pre(lines.filter(line => line === 'm s="').length <= 1)
      const text = lines.map(line => (typeof line === 'number' ? `ok,n=${line} v=${line}` : line)).join('\n')
      const rows = new RowBuffer()
      const decoder = new LineDecoder(new SeriesTable())
      const decoded = decoder.decode(Buffer.from(text), { precision: 'ms', receivedAtMs: nowMs }, rows, [])
      const good = lines.filter(line => typeof line === 'number')
      expect([...rows.rows().values]).toEqual(good)
      expect(decoded).toMatchObject({ lines: lines.length, rejected: lines.length - good.length })
    }),
  )
})

test('a block cut off anywhere gives the lines before the cut', () => {
  const lines = [
    'm,host=a usage=93.5,text="two\nlines" 1767225600000',
    'm,host=b usage=1e3,ok=true 1767225600000',
  ]
  const whole = Buffer.from(lines.join('\n'))
  const decoder = new LineDecoder(new SeriesTable())
  for (let cut = 0; cut <= whole.length; cut++) {
    const rows = new RowBuffer()
    const decoded = decoder.decode(whole.subarray(0, cut), { precision: 'ms', receivedAtMs: nowMs }, rows, [])
    expect(decoded.rejected, String(cut)).toBeLessThanOrEqual(2)
    if (cut > lines[0]!.length) expect(rows.rows().values[0], String(cut)).toBe(93.5)
  }
})

test('numbers are read as Number() reads them', () => {
  const decoder = new LineDecoder(new SeriesTable())
  const digits = (max: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: max })
  const text = fc.oneof(
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map(String)
      .filter(each => !each.includes('+')),
    fc.tuple(fc.constantFrom('', '-'), digits(12), digits(12)).map(([sign, a, b]) => `${sign}${a}.${b}`),
    fc.tuple(fc.constantFrom('', '-'), digits(20)).map(([sign, a]) => sign + a),
    fc
      .double({ min: 0, max: 100, noNaN: true })
      .map(String)
      .filter(each => !each.includes('e')),
  )
  fc.assert(
    fc.property(fc.array(text, { minLength: 20, maxLength: 20 }), numbers => {
      const rows = new RowBuffer()
      const line = `m ${numbers.map((number, at) => `f${at}=${number}`).join(',')}`
      decoder.decode(Buffer.from(line), { precision: 'ms', receivedAtMs: nowMs }, rows, [])
      expect([...rows.rows().values]).toEqual(numbers.map(Number))
    }),
    { numRuns: runs(200) },
  )
})

test('a quotient is the nearest double or none, and seldom none', () => {
  let unsure = 0
  const tries = 30_000
  const gives = (first: number, last: number, lastDigits: number, decimals: number): void => {
    const found = nearest(first, last, lastDigits, decimals)
    if (Number.isNaN(found)) unsure++
    else expect(found).toBe(Number(`${first}${String(last).padStart(lastDigits, '0')}e-${decimals}`))
  }
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999 }),
      fc.integer({ min: 0, max: 999_999_999 }),
      fc.integer({ min: 7, max: 9 }),
      fc.integer({ min: 0, max: 18 }),
      (first, last, lastDigits, decimals) => gives(first, last % 10 ** lastDigits, lastDigits, decimals),
    ),
    { numRuns: tries },
  )
  // Halfway between two doubles: 2^53 + 1, and the same over ten.
  expect(nearest(900_719_925, 4_740_993, 7, 0)).toBe(9_007_199_254_740_992)
  expect(nearest(900_719_925, 47_409_930, 8, 1)).toSatisfy(
    found => Number.isNaN(found) || found === 9_007_199_254_740_992,
  )
  expect(unsure).toBeLessThan(tries / 200)
})
