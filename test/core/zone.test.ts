// What the clocks of a place show: offsets of whole hours, of quarters, and on both sides of each change.
import { expect, test } from 'vitest'
import { localTime, monthOf, offsetMs } from '#core/zone.ts'

const minutes = (zone: string, time: string): number => offsetMs(zone, Date.parse(time)) / 60_000

test('clocks are ahead or behind, and change when the place says so', () => {
  const t = (zone: string, time: string, wanted: number) =>
    expect(minutes(zone, time), `${zone} ${time}`).toBe(wanted)

  t('UTC', '2026-11-21T00:00:00Z', 0)
  t('Asia/Shanghai', '2026-11-21T00:00:00Z', 480)
  t('Asia/Kathmandu', '2026-11-21T00:00:00Z', 345)
  t('America/New_York', '2026-03-08T06:59:59Z', -300)
  t('America/New_York', '2026-03-08T07:00:00Z', -240)
  t('America/New_York', '2026-11-01T05:59:59Z', -240)
  t('America/New_York', '2026-11-01T06:00:00Z', -300)
  // At midnight.
  t('America/Sao_Paulo', '2018-11-04T02:59:59Z', -180)
  t('America/Sao_Paulo', '2018-11-04T03:00:00Z', -120)
  t('America/Sao_Paulo', '2018-02-18T01:59:59Z', -120)
  t('America/Sao_Paulo', '2018-02-18T02:00:00Z', -180)
  // Over the line of dates.
  t('Pacific/Apia', '2011-12-30T09:59:59Z', -600)
  t('Pacific/Apia', '2011-12-30T10:00:00Z', 840)
  t('Australia/Lord_Howe', '2026-04-04T14:59:59Z', 660)
  t('Australia/Lord_Howe', '2026-04-04T15:00:00Z', 630)
})

test('days and minutes are those of the place', () => {
  expect(localTime('Asia/Shanghai', Date.parse('2026-11-30T16:05:59Z'))).toEqual({
    ...{ year: 2026, month: 12, day: 1, weekday: 2, minuteOfDay: 5, daysInMonth: 31 },
  })
  expect(localTime('Pacific/Apia', Date.parse('2011-12-30T10:00:00Z'))).toMatchObject({
    ...{ year: 2011, month: 12, day: 31, weekday: 6, minuteOfDay: 0 },
  })
  expect(localTime('America/New_York', Date.parse('2028-03-01T04:59:00Z'))).toMatchObject({
    ...{ month: 2, day: 29, minuteOfDay: 1_439, daysInMonth: 29 },
  })
})

test('a month is that of the place, whatever its clocks do', () => {
  const t = (zone: string, at: string, start: string, end: string) => {
    const { startMs, endMs } = monthOf(zone, Date.parse(at))
    expect([startMs, endMs].map(ms => new Date(ms).toISOString())).toEqual([start, end])
  }

  t('UTC', '2026-12-31T23:59:59.999Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z')
  t('Asia/Shanghai', '2026-11-30T16:00:00Z', '2026-11-30T16:00:00.000Z', '2026-12-31T16:00:00.000Z')
  t('America/New_York', '2026-11-15T00:00:00Z', '2026-11-01T04:00:00.000Z', '2026-12-01T05:00:00.000Z')
  // Its midnight did not exist.
  t('Asia/Amman', '2022-04-10T00:00:00Z', '2022-03-31T21:00:00.000Z', '2022-04-30T21:00:00.000Z')
  t('America/Asuncion', '2017-10-15T00:00:00Z', '2017-10-01T04:00:00.000Z', '2017-11-01T03:00:00.000Z')
})
