import { expect, test } from 'vitest'
import { isStale, isStaleNumber, staleNaN, writeStale } from '#core/stale.ts'

test("the marker has Prometheus' bits, and only these are the marker", () => {
  const values = Float64Array.of(1, 2, 3, Number.NaN)
  writeStale(values, 1)
  expect(new BigUint64Array(values.buffer)[1]).toBe(0x7ff0000000000002n)
  expect([0, 1, 2, 3].map(at => isStale(values, at))).toEqual([false, true, false, false])
  const other = [0x7ff0000000000003n, 0xfff0000000000002n, 0x7ff8000000000000n, 0x7ff8000000000001n]
  const others = new Float64Array(BigUint64Array.from(other).buffer)
  expect(other.map((_, at) => isStale(others, at))).toEqual([false, false, false, false])
})

test('one that was passed as a number and made quiet is still the marker', () => {
  expect(isStale(new Float64Array(BigUint64Array.of(0x7ff8000000000002n).buffer), 0)).toBe(true)
})

test('a view into the middle of a buffer is looked at in its own place', () => {
  const whole = new Float64Array(8)
  const part = whole.subarray(3, 6)
  writeStale(part, 1)
  expect(isStale(whole, 4)).toBe(true)
  expect(isStale(part, 1)).toBe(true)
  expect(isStale(part, 0)).toBe(false)
})

test('the marker as a number is told from other numbers', () => {
  expect(isStaleNumber(staleNaN)).toBe(true)
  for (const value of [Number.NaN, 0, 1, Infinity, -Infinity]) expect(isStaleNumber(value)).toBe(false)
})
