// When a schedule was last due, held against node-cron's own next run, and on the nights when clocks change.
import { schedule as ringAt } from 'node-cron'
import { afterEach, expect, test, vi } from 'vitest'
import { lastDue } from '../../capacity/due.ts'
import { timetableOf } from '../../capacity/schedule.ts'

const hour = 3_600_000
const day = 24 * hour
const at = (text: string): number => Date.parse(text)

afterEach(() => {
  vi.useRealTimers()
})

const due = (schedule: string, zone: string, nowMs: number, afterMs = nowMs - 400 * day) =>
  lastDue(timetableOf(schedule), zone, { afterMs, nowMs })

test('finds what was last due, by the clocks of the zone', () => {
  const t = (schedule: string, zone: string, now: string, wanted: string | undefined) => {
    const found = due(schedule, zone, at(now))
    expect(found && new Date(found).toISOString(), `${schedule} ${now}`).toBe(wanted)
  }

  t('0 9 25 * *', 'Asia/Shanghai', '2026-11-25T01:00:00Z', '2026-11-25T01:00:00.000Z')
  t('0 9 25 * *', 'Asia/Shanghai', '2026-11-25T00:59:59Z', '2026-10-25T01:00:00.000Z')
  t('0 9 25 * *', 'UTC', '2026-12-24T23:00:00Z', '2026-11-25T09:00:00.000Z')
  // A month without this day is left out.
  t('0 9 31 * *', 'UTC', '2026-12-01T00:00:00Z', '2026-10-31T09:00:00.000Z')
  t('0 9 L * *', 'UTC', '2026-12-01T00:00:00Z', '2026-11-30T09:00:00.000Z')
  t('*/15 * * * *', 'UTC', '2026-12-01T00:14:00Z', '2026-12-01T00:00:00.000Z')
  expect(due('0 9 29 2 *', 'UTC', at('2027-12-01T00:00:00Z'), 0)).toBe(at('2024-02-29T09:00:00Z'))
})

test('nothing is due twice, nor before it counts, nor when the clock went back', () => {
  const atNine = at('2026-11-25T09:00:00Z')
  expect(due('0 9 25 * *', 'UTC', atNine + hour, atNine)).toBeUndefined()
  expect(due('0 9 25 * *', 'UTC', atNine, atNine - 1)).toBe(atNine)
  expect(due('0 9 25 * *', 'UTC', atNine - hour, atNine)).toBeUndefined()
  expect(due('0 9 25 * *', 'UTC', atNine + 40 * day, atNine + 31 * day)).toBeUndefined()
})

test('a time that clocks leave out is due when they have been put forward; one that comes twice, the first time', () => {
  // 2 o'clock becomes 3 in Berlin on the 29th of March 2026, and 3 becomes 2 on the 25th of October.
  const berlin = 'Europe/Berlin'
  expect(due('30 2 29 3 *', berlin, at('2026-04-01T00:00:00Z'))).toBe(at('2026-03-29T01:00:00Z'))
  expect(due('30 2 29 3 *', berlin, at('2026-03-29T00:59:59Z'), at('2026-03-01T00:00:00Z'))).toBeUndefined()
  expect(due('30 2 25 10 *', berlin, at('2026-10-25T12:00:00Z'))).toBe(at('2026-10-25T00:30:00Z'))
  expect(due('0 9 25 * *', berlin, at('2026-10-25T12:00:00Z'))).toBe(at('2026-10-25T08:00:00Z'))
  // Midnight does not exist in Beirut then.
  const beirut = at('2026-03-28T22:00:00Z')
  expect(due('0 0 29 3 *', 'Asia/Beirut', at('2026-04-01T00:00:00Z'))).toBe(beirut)
})

test("agrees with node-cron's next run wherever the clocks show each time once", () => {
  vi.useFakeTimers()
  const zones = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe']
  const schedules = [
    '0 9 25 * *',
    '30 12 L * *',
    '15 8 * * 1-5',
    '0 6 * * 5#2',
    '5 4 15W * *',
    '0 9 31 1,3 *',
    '0 20 1 */3 1',
  ]
  for (const zone of zones) {
    for (const schedule of schedules) {
      const task = ringAt(schedule, () => {}, { timezone: zone })
      for (let nth = 0; nth < 6; nth++) {
        const fromMs = at('2026-01-03T05:00:00Z') + nth * 61 * day
        vi.setSystemTime(fromMs)
        const next = task.getNextRun()!.getTime()
        const which = `${zone} ${schedule} after ${new Date(fromMs).toISOString()}`
        expect(due(schedule, zone, next, fromMs), which).toBe(next)
        expect(due(schedule, zone, next - 1, fromMs), which).toBeUndefined()
      }
      void task.destroy()
    }
  }
})
