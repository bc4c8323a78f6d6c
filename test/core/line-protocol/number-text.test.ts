import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  numberBytes,
  timeLength,
  writeFloat,
  writeInteger,
  writeTime,
} from '#core/line-protocol/number-text.ts'

const written = (write: typeof writeFloat, value: number): string => {
  const bytes = Buffer.alloc(numberBytes + 3)
  const end = write(bytes, 3, value)
  return bytes.toString('latin1', 3, end)
}

test('a float is written as String() writes it, but minus zero keeps its sign', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.maxSafeInteger(),
    // Few decimals, around where they end.
    fc.tuple(fc.maxSafeInteger(), fc.nat(5)).map(([digits, decimals]) => digits / 10 ** decimals),
    fc.tuple(fc.integer(), fc.nat(5)).map(([digits, decimals]) => digits / 10 ** decimals),
    fc.constantFrom(
      0,
      -0,
      1e15,
      1e15 - 1,
      -1e15,
      1e21,
      5e-324,
      0.001,
      0.0005,
      1e-7,
      0.1 + 0.2,
      999_999.999,
      1_000_000_000.001,
    ),
  )
  fc.assert(
    fc.property(number, value => {
      expect(written(writeFloat, value)).toBe(Object.is(value, -0) ? '-0' : String(value))
    }),
    { numRuns: 5_000 },
  )
})

test('a whole number is an integer of InfluxDB, and what is none stays a float', () => {
  const t = (value: number, wanted: string): void => expect(written(writeInteger, value)).toBe(wanted)
  t(0, '0i')
  t(-0, '-0i')
  t(7, '7i')
  t(-1, '-1i')
  t(999_999_999, '999999999i')
  t(1_000_000_000, '1000000000i')
  t(-74_755_850_240, '-74755850240i')
  t(999_999_999_999_999, '999999999999999i')
  t(1e15, '1000000000000000i')
  t(2 ** 62, '4611686018427387904i')
  t(-(2 ** 62), '-4611686018427387904i')
  // The next one would be beyond 64 bits.
  t(2 ** 63, '9223372036854776000')
  t(1e300, '1e+300')
  t(1.5, '1.5')
})

test('a time is its digits, and its length is known before', () => {
  const time = fc.oneof(
    fc.maxSafeInteger(),
    fc.constantFrom(0, -1, 1, 999_999_999_999, 1e12, 1_767_225_600_000, 9_999_999_999_999, 1e13, 1e15),
  )
  fc.assert(
    fc.property(time, tMs => {
      const text = written(writeTime, tMs)
      expect(text).toBe(String(tMs))
      expect(timeLength(tMs)).toBe(text.length)
    }),
    { numRuns: 2_000 },
  )
})
