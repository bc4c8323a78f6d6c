import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTime, timeText } from '../../bin/when.ts'

const nowMs = Date.UTC(2026, 10, 20, 4, 0, 0)
const shanghai = { nowMs, timeZone: 'Asia/Shanghai' }
const newYork = { nowMs, timeZone: 'America/New_York' }

test('reads what people write', () => {
  const t = (text: string, iso: string) => expect(readTime(text, shanghai), text).toBe(Date.parse(iso))

  t('now', '2026-11-20T04:00:00Z')
  t('-1h', '2026-11-20T03:00:00Z')
  t('-1d12h', '2026-11-18T16:00:00Z')
  t('08:00', '2026-11-20T00:00:00Z')
  t('8:00:30', '2026-11-20T00:00:30Z')
  t('2026-11-20', '2026-11-19T16:00:00Z')
  t('2026-11-20T08:00', '2026-11-20T00:00:00Z')
  t('2026-11-20 08:00:01.5', '2026-11-20T00:00:01.500Z')
  t('2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z')
  t('2026-11-20T08:00:00.123456789Z', '2026-11-20T08:00:00.123Z')
  t('2026-11-20T08:00:00+01:00', '2026-11-20T07:00:00Z')
  t('2026-11-20T08:00:00-0530', '2026-11-20T13:30:00Z')
  t('1795147200', new Date(1_795_147_200_000).toISOString())
  t('1795147200.25', new Date(1_795_147_200_250).toISOString())
  t('1795147200250', new Date(1_795_147_200_250).toISOString())
})

test('refuses everything else', () => {
  const t = (text: string) => expect(readTime(text, shanghai), text).toBeUndefined()

  t('')
  t('soon')
  t('1h')
  t('-')
  t('-1x')
  t('25:00')
  t('08:60')
  t('2026-02-30')
  t('2026-13-01')
  t('2026-11-20T24:00')
  t('2026-11-20T08')
  t('12345')
})

test('clocks that change are followed', () => {
  const t = (text: string, iso: string) => expect(readTime(text, newYork), text).toBe(Date.parse(iso))

  // Winter, summer, and the two nights between.
  t('2026-01-15T12:00', '2026-01-15T17:00:00Z')
  t('2026-07-15T12:00', '2026-07-15T16:00:00Z')
  t('2026-03-08T01:59', '2026-03-08T06:59:00Z')
  t('2026-03-08T03:00', '2026-03-08T07:00:00Z')
  t('2026-11-01T03:00', '2026-11-01T08:00:00Z')
})

test('writes times in the zone', () => {
  expect(timeText(nowMs, 'Asia/Shanghai')).toBe('2026-11-20 12:00:00')
  expect(timeText(nowMs + 7, 'UTC')).toBe('2026-11-20 04:00:00.007')
  expect(timeText(nowMs, 'America/New_York')).toBe('2026-11-19 23:00:00')
})

test('what is written is read again', () => {
  const day = 86_400_000
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 30_000 * day }),
      tMs => readTime(timeText(tMs, 'Asia/Tokyo'), { nowMs, timeZone: 'Asia/Tokyo' }) === tMs,
    ),
    { numRuns: 200 },
  )
})
