import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawable, fitted, widthOf } from '../../../alerter/picture/lettering.ts'
import { small } from '../../../alerter/picture/look.ts'
import { timeTicks } from '../../../alerter/picture/time-axis.ts'
import { valueAxis } from '../../../alerter/picture/value-axis.ts'

const gib = 1024 ** 3

test('a few round values are named, in the words of the messages', () => {
  const t = (least: number, most: number, unit: string, texts: readonly string[]) =>
    expect(
      valueAxis(least, most, unit).ticks.map(({ text }) => text),
      `${least} ${most}`,
    ).toEqual(texts)

  t(3, 97, '%', ['0 %', '50 %', '100 %'])
  t(0, 6.1 * gib, 'bytes', ['0 B', '2 GiB', '4 GiB', '6 GiB'])
  t(0, 900 * 1024 ** 2, 'bytes', ['0 B', '256 MiB', '512 MiB', '768 MiB'])
  t(0, 0.4, 's', ['0 s', '200 ms', '400 ms'])
  t(0, 110, 's', ['0 s', '50 s', '100 s'])
  t(0, 600, 's', ['0 s', '5 min', '10 min'])
  t(5_600, 9_100, 's', ['90 min', '2 h', '2.5 h'])
  t(0, 3, '', ['0', '1', '2', '3'])
  t(0, 40_000_000, '', ['0', '20 M', '40 M'])
  t(-17, -12, '°C', ['-16 °C', '-14 °C', '-12 °C'])
  // What three digits cannot tell apart has more of them.
  t(1_000_123, 1_000_123.3, '', ['1000123.0', '1000123.5'])
  // Noise is no mountain.
  t(1.5e12, 1.5e12 + 4_096, 'bytes', ['1.35 TiB', '1.36 TiB', '1.37 TiB', '1.38 TiB'])
})

test('everything is within, ticks rise, and no two of them read the same', () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter(each => Math.abs(each) > 1e-200),
    fc.integer({ min: -2_000, max: 2_000 }).map(each => each / 7),
  )
  const unit = fc.constantFrom('', '%', 'bytes', 's', 'ops')
  fc.assert(
    fc.property(value, value, unit, (one, other, of) => {
      const [least, most] = [Math.min(one, other), Math.max(one, other)]
      const { low, high, ticks } = valueAxis(least, most, of)
      expect(high).toBeGreaterThan(low)
      if (Math.abs(least) < 1e200 && Math.abs(most) < 1e200) {
        expect(low).toBeLessThanOrEqual(least)
        expect(high).toBeGreaterThanOrEqual(
          Math.min(most, of === '%' && least >= 0 && most <= 100 ? 100 : most),
        )
      }
      expect(ticks.length).toBeGreaterThanOrEqual(2)
      expect(ticks.length).toBeLessThanOrEqual(5)
      expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length)
      for (const each of ticks) expect(each.value).toBeGreaterThanOrEqual(low - (high - low) * 1e-6)
    }),
    { numRuns: 300 },
  )
})

test('times are round where people are', () => {
  const t = (from: string, minutes: number, zone: string, texts: readonly string[]) => {
    const fromMs = Date.parse(from)
    const ticks = timeTicks(fromMs, fromMs + minutes * 60_000, zone)
    expect(
      ticks.map(({ text }) => text),
      `${from} ${zone}`,
    ).toEqual(texts)
  }

  t('2026-11-21T08:07:12Z', 60, 'UTC', ['08:15', '08:30', '08:45', '09:00'])
  t('2026-11-21T08:07:12Z', 60, 'Asia/Shanghai', ['16:15', '16:30', '16:45', '17:00'])
  // Three quarters of an hour aside.
  t('2026-11-21T08:07:12Z', 60, 'Asia/Kathmandu', ['14:00', '14:15', '14:30', '14:45'])
  t('2026-11-21T08:00:00Z', 60, 'UTC', ['08:00', '08:15', '08:30', '08:45', '09:00'])
  // The hour that comes twice, and the one that is left out.
  t('2026-10-25T00:40:00Z', 60, 'Europe/Berlin', ['02:45', '02:00', '02:15', '02:30'])
  t('2026-03-29T00:40:00Z', 60, 'Europe/Berlin', ['01:45', '03:00', '03:15', '03:30'])
  t('2026-11-21T22:00:00Z', 240, 'UTC', ['22:00', '23:00', '00:00', '01:00', '02:00'])
  t('2026-11-21T22:00:00Z', 0, 'UTC', [])
})

test('text fits its room, and what has no strokes is left out', () => {
  expect(drawable('db-7 磁盘 95 °C µs…')).toBe('db-7  95 °C µs…')
  const long = 'shop-frontend-12.prod.example.org'
  const short = fitted(long, small, 120)
  expect(short.endsWith('…')).toBe(true)
  expect(widthOf(short, small)).toBeLessThanOrEqual(120)
  expect(fitted('db-7', small, 120)).toBe('db-7')
  expect(fitted(long, small, 1)).toBe('')
  for (let code = 33; code < 127; code++) {
    const sign = String.fromCharCode(code)
    expect(widthOf(sign, small), sign).toBeGreaterThan(0)
  }
})
