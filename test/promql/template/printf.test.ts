import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatFloat } from '#promql/template/format-float.ts'
import { sprintf } from '#promql/template/printf.ts'
import { mapOf, type Value } from '#promql/template/value.ts'

const t = (format: string, args: readonly Value[], wanted: string) =>
  expect(sprintf(format, args, 10_000), format).toBe(wanted)

test('integers', () => {
  t('%d|%5d|%-5d|%05d|%+d|% d', [42n, 42n, 42n, 42n, 7n, 5n], '42|   42|42   |00042|+7| 5')
  t('%08d|%-08d|%+08d', [-42n, 42n, 42n], '-0000042|42      |+0000042')
  t('%.5d|%8.5d|%-8.3d|%.0d|', [42n, 42n, 42n, 0n], '00042|   00042|042     ||')
  t('%b %o %O %x %X %#x %#o %#b', [5n, 8n, 8n, 255n, 255n, 255n, 8n, 5n], '101 10 0o10 ff FF 0xff 010 0b101')
  t('%c %q %U %#U', [65n, 65n, 65n, 8364n], "A 'A' U+0041 U+20AC '€'")
  t('%x %X', [-255n, -255n], '-ff -FF')
})

test('floats', () => {
  t(
    '%v %g %f %e %G',
    [1.5, 1e-10, 123456.789, 123456.789, 1e-10],
    '1.5 1e-10 123456.789000 1.234568e+05 1E-10',
  )
  t(
    '%5.2f|%-8.2f|%08.3f|%+.1e|% f',
    [3.1428, 3.1428, 3.1428, 12345.678, 1.5],
    ' 3.14|3.14    |0003.143|+1.2e+04| 1.500000',
  )
  t('%.3g %.10g %6.1f', [123456.789, 123456.789, 3.1428], '1.23e+05 123456.789    3.1')
  t('%v %v %v', [1e20, 123456789, 1e-320], '1e+20 1.23456789e+08 1e-320')
  t('%v %5v %-5v| %05v', [Infinity, Number.NaN, -Infinity, Infinity], '+Inf   NaN -Inf |  +Inf')
  t('%.2f%%', [1234567.891], '1234567.89%')
  // Half to even, on the exact value.
  t('%.0f %.0f %.0f %.0f %.1f %.2f', [0.5, 1.5, 2.5, 3.5, 0.25, 1.005], '0 2 2 4 0.2 1.00')
  t('%.4g %.4g %.2f', [12345, 12355, 2 ** 46 + 0.125], '1.234e+04 1.236e+04 70368744177664.12')
  t('%.25f', [0.1], '0.1000000000000000055511151')
})

test('texts, truths and the rest', () => {
  t(
    '%s|%-10s|%10s|%.2s|%5.1s|%05s',
    ['hi', 'a', 'b', 'hello', 'hello', 'b'],
    'hi|a         |         b|he|    h|0000b',
  )
  t('%q %+q %#q %#q', ['a"b\n', 'é', 'raw', 'a`b'], '"a\\"b\\n" "\\u00e9" `raw` "a`b"')
  t(
    '%x %X % x %#x %.2x',
    ['hello', 'hello', 'hello', 'hello', 'hello'],
    '68656c6c6f 68656C6C6F 68 65 6c 6c 6f 0x68656c6c6f 6865',
  )
  t('%t|%5t|%v', [true, false, true], 'true|false|true')
  t('%v %s', [undefined, undefined], '<nil> %!s(<nil>)')
  t('%T %T %T %T %T', [1n, 1.5, 'a', true, undefined], 'int float64 string bool <nil>')
  const map = mapOf({ b: 1n, a: 'x' })
  t('%v %d', [map, map], 'map[a:x b:1] map[%!d(string=a):%!d(string=x) %!d(string=b):1]')
  t('%#v %#v', [map, 'a'], 'map[string]interface {}{"a":"x", "b":1} "a"')
  t('机 %s 机', ['é'], '机 é 机')
})

test('what is wrong with a format stands in the text', () => {
  t('%d %s %z', ['hi', 3n, 4n], '%!d(string=hi) %!s(int=3) %!z(int=4)')
  t('%d', [], '%!d(MISSING)')
  t('a', [1n, 'x'], 'a%!(EXTRA int=1, string=x)')
  t('%', [], '%!(NOVERB)')
  t('%5', [1n], '%!(NOVERB)%!(EXTRA int=1)')
  t('%d %5d', [1.5, 'x'], '%!d(float64=1.5) %!d(string=    x)')
  t('%99999999999d', [1n], '%!(NOVERB)%!(EXTRA int=1)')
})

test('arguments by number, widths by star', () => {
  t('%[2]d %[1]d', [1n, 2n], '2 1')
  t('%[3]d', [1n], '%!d(BADINDEX)')
  t('%[x]d', [1n], '%!d(BADINDEX)')
  t('%*d|%-*d|', [5n, 1n, 5n, 2n], '    1|2    |')
  t('%.*f', [2n, 3.1428], '3.14')
  t('%*d', ['x', 1n], '%!(BADWIDTH)1')
  t('%.*d', [-1n, 1n], '%!(BADPREC)1')
  t('%[1]d %[1]v %d', [1n, 2n], '1 1 2')
})

test('what is too long is refused while it is made', () => {
  expect(() => sprintf('%100000d', [1n], 10_000)).toThrow('longer than 10000 characters')
  expect(() => sprintf('%s%s', ['a'.repeat(6_000), 'b'.repeat(6_000)], 10_000)).toThrow('longer than')
})

test('the shortest form reads back as the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
      expect(Number(formatFloat(value, 'g'))).toBe(value)
      expect(Number(formatFloat(value, 'e'))).toBe(value)
      expect(Number(formatFloat(value, 'f'))).toBe(value)
    }),
  )
})

test('a rounded form is within half of its last place', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.nat(6), (value, places) => {
      const text = formatFloat(value, 'f', places)
      expect(text).toMatch(places === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${places}}$`))
      expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(0.5 * 10 ** -places + 1e-6)
    }),
  )
})

test('any format over any values is some text', () => {
  const value = fc.oneof(fc.bigInt(), fc.double(), fc.string(), fc.boolean(), fc.constant(undefined))
  const format = fc.string({ unit: fc.constantFrom(...'%%%%dsvqxXeEfFgGtTcUbo5.*[]12-+# 0aé') })
  fc.assert(
    fc.property(format, fc.array(value, { maxLength: 4 }), (text, values) => {
      expect(typeof sprintf(text, values, 10_000_000)).toBe('string')
    }),
    { numRuns: 2_000 },
  )
})
