import { expect, test } from 'vitest'
import { bytesText, count, digits, moment, percent, short, span } from '../../../query/front/numbers.ts'

test('three digits matter, and zeros that say nothing are left out', () => {
  const t = (value: number, text: string) => expect(digits(value, 'en'), String(value)).toBe(text)

  t(0, '0')
  t(0.004, '0')
  t(0.126, '0.13')
  t(1.5, '1.5')
  t(42, '42')
  t(42.37, '42.4')
  t(-42.37, '-42.4')
  t(345.6, '346')
  t(12_345.6, '12,346')
  t(Number.NaN, 'NaN')
})

test('sizes are in steps of 1024', () => {
  const t = (value: number, text: string) => expect(bytesText(value, 'en'), String(value)).toBe(text)

  t(0, '0 B')
  t(0.5, '0.5 B')
  t(1_023, '1,023 B')
  t(1_024, '1 KiB')
  t(5.3 * 2 ** 30, '5.3 GiB')
  t(2 ** 40, '1 TiB')
  t(2 ** 63, '8,192 PiB')
})

test('shares have one decimal, always', () => {
  const t = (value: number, number: string) => expect(percent(value, 'en')).toEqual({ number, unit: '%' })

  t(0, '0.0')
  t(12.34, '12.3')
  t(100, '100.0')
})

test('counts are whole, and short beyond six digits', () => {
  expect(count(999_999, 'en')).toBe('999,999')
  expect(count(1_234_567, 'en')).toBe('1.2M')
  expect(count(1_234_567, 'zh')).toBe('123.5万')
})

test('any value fits into a narrow place', () => {
  const t = (value: number, text: string) => expect(short(value, 'en'), String(value)).toBe(text)

  t(0, '0')
  t(42, '42')
  t(0.126, '0.126')
  t(0.004, '0.004')
  t(0.000_012_345, '1.23e-5')
  t(-1e-30, '-1e-30')
  t(999_999, '999,999')
  t(999_999_999, '1 G')
  t(-8e15, '-8 P')
  t(1.234e20, '123 E')
  t(8e24, '8e24')
  t(Number.NaN, 'NaN')
  t(Number.POSITIVE_INFINITY, '∞')
  for (const digit of [1, 1.005, 4.44, 9.994, 9.996, 99.96, 999.6])
    for (let power = -320; power < 305; power++)
      expect(short(-digit * 10 ** power, 'en').length).toBeLessThanOrEqual('-1.23e-305'.length)
})

test('a time span is told in its largest unit', () => {
  const t = (ms: number, en: string, zh: string) => expect([span(ms, 'en'), span(ms, 'zh')]).toEqual([en, zh])

  t(-5, '0 s', '0 秒')
  t(999, '0 s', '0 秒')
  t(59_999, '59 s', '59 秒')
  t(60_000, '1 min', '1 分钟')
  t(3 * 3_600_000 + 1, '3 h', '3 小时')
  t(49 * 3_600_000, '2 d', '2 天')
})

test('a moment of today is a time, one of another day has its date; days are those of the zone', () => {
  const nowMs = Date.UTC(2026, 10, 20, 17)
  const t = (zone: string, text: string) =>
    expect(moment(Date.UTC(2026, 10, 20, 15, 5), nowMs, zone), zone).toBe(text)

  t('UTC', '15:05')
  // Midnight has passed in between.
  t('Asia/Shanghai', '2026-11-20 23:05')
})
