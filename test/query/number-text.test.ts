import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleText, scalarText, shortTimeText, timeText } from '../../query/number-text.ts'
import { runs } from '../runs.ts'

// What Go's strconv.FormatFloat(value, 'f', -1, 64) is specified to give: the fewest digits that still are this number,
// without an exponent. Found by trying ever more digits, so it shares nothing with the code under test.
function shortest(value: number): Readonly<{ digits: string; point: number }> {
  for (let count = 0; count < 17; count++) {
    const text = rounded(value, count)
    if (Number(text) !== value) continue
    const [mantissa = '', exponent = ''] = text.split('e')
    return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 }
  }
  throw new Error(`${value} has more than 17 digits`)
}

// To so many digits behind the first; halfway between two, the even one, where toExponential() takes the larger.
function rounded(value: number, count: number): string {
  const exact = value.toExponential(100)
  const [, kept = '', rest = '', exponent = ''] =
    new RegExp(`^(\\d${count === 0 ? '' : `\\.\\d{${count}}`})\\.?(\\d*)(e.*)$`).exec(exact) ?? []
  const isHalfway = /^50*$/.test(rest)
  return isHalfway && Number(kept.at(-1)) % 2 === 0 ? kept + exponent : value.toExponential(count)
}

function specifiedF(value: number): string {
  if (value === 0) return '0'
  const { digits, point } = shortest(value)
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`
  if (digits.length <= point) return digits + '0'.repeat(point - digits.length)
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}

function specifiedE(value: number): string {
  const { digits, point } = shortest(value)
  const exponent = point - 1
  const two = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${exponent < 0 ? '-' : '+'}${two}`
}

// Prometheus' MarshalFloat.
const specified = (value: number): string =>
  value !== 0 && (value < 1e-6 || value >= 1e21) ? specifiedE(value) : specifiedF(value)

const anyDouble = fc
  .tuple(fc.integer({ min: 0, max: 0x7fef_ffff }), fc.integer({ min: 0, max: 0xffff_ffff }))
  .map(([high, low]) => {
    const view = new DataView(new ArrayBuffer(8))
    view.setUint32(0, high)
    view.setUint32(4, low)
    return view.getFloat64(0)
  })
const usual = fc.oneof(
  fc.integer({ min: 0 }),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
  fc
    .tuple(fc.integer({ min: 0, max: 999_999 }), fc.integer({ min: -30, max: 30 }))
    .map(([m, e]) => m * 10 ** e),
)

test('any number is written as Go writes it, with its sign', () => {
  fc.assert(
    fc.property(fc.oneof(anyDouble, usual), value => {
      expect(sampleText(value)).toBe(specified(value))
      expect(scalarText(value)).toBe(specifiedF(value))
      expect(sampleText(-value)).toBe(`-${specified(value)}`)
      expect(scalarText(-value)).toBe(`-${specifiedF(value)}`)
      expect(Object.is(Number(sampleText(-value)), -value)).toBe(true)
    }),
    { numRuns: runs(400) },
  )
})

test('halfway between two, the even one is written, as Go does', () => {
  expect(sampleText(2 ** 50 + 3.25)).toBe('1125899906842627.2')
  expect(sampleText(2 ** 50 + 3.75)).toBe('1125899906842627.8')
  expect(specified(2 ** 50 + 3.25)).toBe('1125899906842627.2')
})

test('samples have exponents at the ends, scalars never', () => {
  const t = (value: number, sample: string, scalar = sample) =>
    expect([sampleText(value), scalarText(value)]).toEqual([sample, scalar])

  t(0, '0')
  t(-0, '-0')
  t(1_000_000, '1000000')
  t(0.1 + 0.2, '0.30000000000000004')
  t(1e-6, '0.000001')
  t(9.99e-7, '9.99e-07', '0.000000999')
  t(999_999_999_999_999_900_000, '999999999999999900000')
  t(1e21, '1e+21', '1000000000000000000000')
  t(-1.25e22, '-1.25e+22', '-12500000000000000000000')
  t(1.5e100, '1.5e+100', `15${'0'.repeat(99)}`)
  t(5e-324, '5e-324', `0.${'0'.repeat(323)}5`)
  t(Number.NaN, 'NaN')
  t(Number.POSITIVE_INFINITY, '+Inf')
  t(Number.NEGATIVE_INFINITY, '-Inf')
})

test('times are seconds with three decimals or none', () => {
  const t = (tMs: number, text: string) => expect(timeText(tMs)).toBe(text)

  t(0, '0')
  t(1_795_147_200_000, '1795147200')
  t(1_795_147_200_120, '1795147200.120')
  t(1_795_147_200_500, '1795147200.500')
  t(-500, '-0.500')
  t(8_640_000_000_000_000, '8640000000000')
  t(-8_639_999_999_999_999, '-8639999999999.999')
  t(1_795_147_200_001, '1795147200.001')
  t(-1, '-0.001')
  t(253_402_300_799_999, '253402300799.999')
  // Of a scalar and of a text they are short.
  expect(shortTimeText(1_500)).toBe('1.5')
  expect(shortTimeText(-1)).toBe('-0.001')
})
