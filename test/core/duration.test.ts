import fc from 'fast-check'
import { expect, test } from 'vitest'
import { durationMs, durationText, readDuration } from '#core/duration.ts'
import { Failure } from '#core/errors.ts'

const second = 1_000
const hour = 3_600 * second
const day = 24 * hour

test('reads what Prometheus reads', () => {
  const t = (text: string, ms: number) => expect(durationMs(text), text).toBe(ms)

  t('0', 0)
  t('0s', 0)
  t('1ms', 1)
  t('5s', 5 * second)
  t('5m', 300 * second)
  t('1h30m', 1.5 * hour)
  t('1d', day)
  t('4w', 28 * day)
  t('10y', 3_650 * day)
  t('1h1m30s20ms', hour + 90 * second + 20)
  t('1y2w3d4h5m6s7ms', 382 * day + 4 * hour + 306 * second + 7)
  // Units may hold more than fits below the next one.
  t('90m', 1.5 * hour)
  t('0005m', 300 * second)
})

test('refuses everything else', () => {
  const t = (text: string) => expect(() => durationMs(text), text).toThrow('is not a duration')

  t('')
  t('5')
  t('00')
  t('m')
  t('-5m')
  t('+5m')
  t('1.5h')
  t('5 m')
  t(' 5m')
  t('5m\n')
  t('5M')
  t('5min')
  t('1µs')
  // Units go from large to small, each once.
  t('30m1h')
  t('1m1m')
  t('1ms1s')
  // More than 64 bits of nanoseconds.
  t('293y')
  t(`${'9'.repeat(400)}s`)
})

test('a refusal is a Failure that says what is wanted', () => {
  expect(() => durationMs('soon')).toThrow(Failure)
  expect(() => durationMs('soon')).toThrow('like 10s, 5m or 1h30m')
})

test('writes as Prometheus writes', () => {
  const t = (ms: number, text: string) => expect(durationText(ms), text).toBe(text)

  t(0, '0s')
  t(1, '1ms')
  t(5 * second, '5s')
  t(60 * second, '1m')
  t(1.5 * hour, '1h30m')
  t(90 * second + 20, '1m30s20ms')
  t(day, '1d')
  t(7 * day, '1w')
  t(365 * day, '1y')
  t(730 * day, '2y')
  // Years and weeks only when nothing remains.
  t(90 * day, '90d')
  t(400 * day, '400d')
  t(8 * day, '8d')
})

test('writing a time that is none is our mistake', () => {
  const t = (ms: number) => expect(() => durationText(ms), String(ms)).toThrow(RangeError)

  t(-1)
  t(0.5)
  t(Number.NaN)
  t(Number.POSITIVE_INFINITY)
})

test('what is written is read again', () => {
  fc.assert(fc.property(fc.nat(2 ** 31 - 1), ms => readDuration(durationText(ms)) === ms))
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_000_000_000_000 }), ms => readDuration(durationText(ms)) === ms),
  )
})

test('no text makes it throw', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789msdhwy. -') })
  fc.assert(
    fc.property(digits, text => {
      const ms = readDuration(text)
      expect(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true)
    }),
  )
})
