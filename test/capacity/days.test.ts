// Days of people, in places where clocks are put forward and back, at midnight too, and where a day was left out.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  dayOf,
  dayStartMs,
  dayText,
  endOfNextMonth,
  hourOf,
  monthText,
  readDay,
  weekdayOf,
} from '../../capacity/days.ts'

const hourMs = 3_600_000
const day = (text: string): number => readDay(text)!
const start = (zone: string, text: string): string => new Date(dayStartMs(zone, day(text))).toISOString()
const hours = (zone: string, text: string): number =>
  (dayStartMs(zone, day(text) + 1) - dayStartMs(zone, day(text))) / hourMs

test('a day begins when the clocks of the place say so', () => {
  const t = (zone: string, text: string, wanted: string) =>
    expect(start(zone, text), `${zone} ${text}`).toBe(wanted)

  t('UTC', '2026-11-21', '2026-11-21T00:00:00.000Z')
  t('Asia/Shanghai', '2026-11-21', '2026-11-20T16:00:00.000Z')
  t('Asia/Kathmandu', '2026-11-21', '2026-11-20T18:15:00.000Z')
  t('America/New_York', '2026-11-21', '2026-11-21T05:00:00.000Z')
  // Forward on March 8, back on November 1, at two o'clock.
  t('America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z')
  t('America/New_York', '2026-03-09', '2026-03-09T04:00:00.000Z')
  t('America/New_York', '2026-11-01', '2026-11-01T04:00:00.000Z')
  t('America/New_York', '2026-11-02', '2026-11-02T05:00:00.000Z')
  // Forward at midnight: this day began at one.
  t('America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z')
  // Back at midnight: its 23 o'clock came twice, and the next day begins once.
  t('America/Sao_Paulo', '2018-02-17', '2018-02-17T02:00:00.000Z')
  t('America/Sao_Paulo', '2018-02-18', '2018-02-18T03:00:00.000Z')
  // From one minute past midnight back to 23:01: the day begins when it first does.
  t('America/St_Johns', '2010-11-07', '2010-11-07T02:30:00.000Z')
  t('Pacific/Apia', '2011-12-29', '2011-12-29T10:00:00.000Z')
  t('Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z')
})

test('a day has 23 to 25 hours where clocks change', () => {
  const t = (zone: string, text: string, wanted: number) =>
    expect(hours(zone, text), `${zone} ${text}`).toBe(wanted)

  t('Asia/Shanghai', '2026-03-08', 24)
  t('America/New_York', '2026-03-08', 23)
  t('America/New_York', '2026-11-01', 25)
  t('America/Sao_Paulo', '2018-11-03', 24)
  t('America/Sao_Paulo', '2018-11-04', 23)
  t('America/Sao_Paulo', '2018-02-17', 25)
  t('Australia/Lord_Howe', '2026-04-05', 24.5)
  // The island went over the line of dates: a day that nobody there has seen.
  t('Pacific/Apia', '2011-12-29', 24)
  t('Pacific/Apia', '2011-12-30', 0)
  t('Pacific/Apia', '2011-12-31', 24)
})

const zones = [
  ...['UTC', 'America/New_York', 'Asia/Shanghai', 'America/Sao_Paulo', 'Pacific/Apia', 'Asia/Kathmandu'],
  ...['Australia/Lord_Howe', 'America/St_Johns', 'Africa/Cairo', 'Asia/Beirut', 'America/Havana'],
  ...['Pacific/Kwajalein', 'Asia/Tehran', 'Europe/Lisbon', 'Antarctica/Troll', 'Africa/Casablanca'],
]
const zone = fc.constantFrom(...zones)
const anyMs = fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2035, 0) })

test('every instant lies between the beginning of its day and that of the next', () => {
  fc.assert(
    fc.property(zone, anyMs, (place, tMs) => {
      const today = dayOf(place, tMs)
      const [from, to] = [dayStartMs(place, today), dayStartMs(place, today + 1)]
      expect(from).toBeLessThanOrEqual(tMs)
      // Where clocks are put back over midnight, a few minutes are of both days.
      if (tMs >= to) expect(dayOf(place, to + 3 * hourMs)).toBe(today + 1)
      else expect(to).toBeGreaterThan(tMs)
    }),
    { numRuns: 2_000 },
  )
})

test('days follow each other without a gap or an overlap, and begin on a quarter of an hour', () => {
  fc.assert(
    fc.property(zone, anyMs, (place, tMs) => {
      const today = dayOf(place, tMs)
      const [before, from, to] = [-1, 0, 1].map(far => dayStartMs(place, today + far)) as [
        number,
        number,
        number,
      ]
      expect(from % (15 * 60_000)).toBe(0)
      for (const length of [from - before, to - from]) {
        if (length !== 0) expect(length).toBeGreaterThanOrEqual(21 * hourMs)
        expect(length).toBeLessThanOrEqual(27 * hourMs)
      }
      expect(dayOf(place, to - 1)).toBeLessThanOrEqual(today)
    }),
    { numRuns: 1_000 },
  )
})

test('reads and writes days, and refuses what is none', () => {
  expect(dayText(0)).toBe('1970-01-01')
  expect(dayText(day('2026-11-25'))).toBe('2026-11-25')
  expect(readDay('1969-12-31')).toBe(-1)
  fc.assert(
    fc.property(fc.integer({ min: -100_000, max: 100_000 }), each => {
      expect(readDay(dayText(each))).toBe(each)
    }),
  )

  const t = (text: string) => expect(readDay(text), text).toBeUndefined()
  t('2026-02-30')
  t('2026-13-01')
  t('2026-00-10')
  t('2025-02-29')
  t('2026-1-1')
  t(' 2026-01-01')
  t('2026-01-01T00:00')
  t('26-01-01')
  t('')
})

test('knows weekdays, months, and how far a monthly request looks', () => {
  expect(weekdayOf(0)).toBe(4)
  expect(weekdayOf(-1)).toBe(3)
  expect(weekdayOf(day('2026-11-22'))).toBe(0)
  expect(monthText(day('2026-11-30'))).toBe('2026-11')

  const t = (from: string, wanted: string) => expect(dayText(endOfNextMonth(day(from))), from).toBe(wanted)
  t('2026-11-21', '2026-12-31')
  t('2026-12-01', '2027-01-31')
  t('2026-12-31', '2027-01-31')
  t('2027-01-31', '2027-02-28')
  t('2028-01-01', '2028-02-29')
})

test('knows the hour that the clocks show', () => {
  const t = (place: string, time: string, wanted: number) =>
    expect(hourOf(place, Date.parse(time)), `${place} ${time}`).toBe(wanted)
  t('Asia/Shanghai', '2026-11-21T15:59:59Z', 23)
  t('Asia/Shanghai', '2026-11-21T16:00:00Z', 0)
  // One o'clock twice, and two o'clock never.
  t('America/New_York', '2026-11-01T05:30:00Z', 1)
  t('America/New_York', '2026-11-01T06:30:00Z', 1)
  t('America/New_York', '2026-03-08T06:59:00Z', 1)
  t('America/New_York', '2026-03-08T07:00:00Z', 3)
})
