import fc from 'fast-check'
import { expect, test } from 'vitest'
import { localTime, offsetMs } from '#core/zone.ts'
import { type Interval, isWithin, nextChangeMs } from '../../alerter/interval.ts'
import { runs } from '../runs.ts'

const at = (text: string): number => Date.parse(text)
const show = (ms: number): string => new Date(ms).toISOString().slice(0, 16)
const hours = (from: number, to: number) => [{ from: from * 60, to: to * 60 }]

test('each part that is stated must hold', () => {
  const t = (interval: Omit<Interval, 'zone'>, time: string, wanted: boolean) =>
    expect(isWithin({ zone: 'UTC', ...interval }, at(time)), `${JSON.stringify(interval)} at ${time}`).toBe(
      wanted,
    )

  t({}, '2020-04-12T12:00Z', true)
  // Nothing is in an empty list.
  t({ times: [] }, '2020-04-12T12:00Z', false)
  t({ weekdays: [] }, '2020-04-12T12:00Z', false)
  // 9 to 5, Monday to Friday.
  const office = { times: hours(9, 17), weekdays: [{ from: 1, to: 5 }] }
  t(office, '2020-07-10T15:04Z', true)
  t(office, '2020-07-10T09:00Z', true)
  t(office, '2020-07-10T16:59:59.999Z', true)
  t(office, '2020-07-10T17:00Z', false)
  t(office, '2020-07-10T08:59Z', false)
  t(office, '2020-07-11T15:04Z', false)
  // Easter of 2020.
  const easter = {
    daysOfMonth: [{ from: 4, to: 6 }],
    months: [{ from: 4, to: 4 }],
    years: [
      { from: 2020, to: 2020 },
      { from: 2030, to: 2031 },
    ],
  }
  t(easter, '2020-04-05T12:00Z', true)
  t(easter, '2030-04-05T12:00Z', true)
  t(easter, '2021-04-05T12:00Z', false)
  t(easter, '2020-05-05T12:00Z', false)
  t(easter, '2020-04-07T00:00Z', false)
  // To the end of the day.
  t({ times: hours(22, 24) }, '2020-04-12T23:59Z', true)
  t({ times: hours(22, 24) }, '2020-04-13T00:00Z', false)
})

test('days count from the end of the month too', () => {
  const t = (from: number, to: number, time: string, wanted: boolean) =>
    expect(isWithin({ zone: 'UTC', daysOfMonth: [{ from, to }] }, at(time)), `${from}:${to} at ${time}`).toBe(
      wanted,
    )

  t(-3, -1, '2020-02-27T09:00Z', true)
  t(-3, -1, '2020-02-26T09:00Z', false)
  t(-3, -1, '2021-02-26T09:00Z', true)
  t(-1, -1, '2021-02-28T09:00Z', true)
  t(-1, -1, '2020-02-28T09:00Z', false)
  t(10, -1, '2020-12-31T09:00Z', true)
  t(29, 31, '2021-02-28T09:00Z', false)
  t(28, 31, '2021-02-28T09:00Z', true)
  t(-31, -1, '2021-02-01T09:00Z', true)
  t(30, -1, '2021-02-28T09:00Z', false)
})

test('a place has its own clocks, and changes them', () => {
  const t = (zone: string, time: string, wanted: boolean) =>
    expect(
      isWithin({ zone, times: hours(9, 17), weekdays: [{ from: 1, to: 5 }] }, at(time)),
      `${zone} ${time}`,
    ).toBe(wanted)

  t('Australia/Sydney', '2022-11-14T22:00Z', true)
  t('Australia/Sydney', '2022-11-14T06:00Z', false)
  t('Australia/Sydney', '2022-11-13T22:30Z', true)
  t('Asia/Shanghai', '2022-11-14T01:00Z', true)
  t('Asia/Shanghai', '2022-11-14T00:59Z', false)
  t('Asia/Kolkata', '2022-11-14T03:30Z', true)
  t('Asia/Kolkata', '2022-11-14T03:29Z', false)
  // Before and after the clocks of Berlin go forward, on 27 March 2022.
  t('Europe/Berlin', '2022-03-25T08:00Z', true)
  t('Europe/Berlin', '2022-03-25T07:59Z', false)
  t('Europe/Berlin', '2022-03-28T07:00Z', true)
  t('Europe/Berlin', '2022-03-28T06:59Z', false)
  t('Europe/Berlin', '2022-03-28T15:00Z', false)
})

test('the last day of a month is the last one, also where the clocks are changed in it', () => {
  const last: Interval = { zone: 'America/New_York', daysOfMonth: [{ from: -1, to: -1 }] }
  expect(isWithin(last, at('2024-03-31T16:00Z'))).toBe(true)
  expect(isWithin(last, at('2024-03-30T16:00Z'))).toBe(false)
})

test('an hour that is skipped or repeated is within, or not, by what the clocks show', () => {
  const t = (time: string, wanted: boolean) =>
    expect(isWithin({ zone: 'Europe/Berlin', times: hours(2, 3) }, at(time)), time).toBe(wanted)

  // 2 o'clock does not exist.
  t('2022-03-27T00:59Z', false)
  t('2022-03-27T01:00Z', false)
  // 2 o'clock is twice.
  t('2022-10-30T00:30Z', true)
  t('2022-10-30T01:30Z', true)
  t('2022-10-30T02:00Z', false)
})

test('the next change is told to the minute', () => {
  const t = (interval: Interval, time: string, wanted: string) =>
    expect(show(nextChangeMs(interval, at(time))), `${JSON.stringify(interval)} ${time}`).toBe(wanted)

  const office = { times: hours(9, 17), weekdays: [{ from: 1, to: 5 }] }
  t({ zone: 'UTC', ...office }, '2020-07-10T08:10:30Z', '2020-07-10T09:00')
  t({ zone: 'UTC', ...office }, '2020-07-10T09:00Z', '2020-07-10T17:00')
  // Over the weekend.
  t({ zone: 'UTC', ...office }, '2020-07-10T17:00Z', '2020-07-13T09:00')
  t({ zone: 'Asia/Kolkata', ...office }, '2020-07-10T11:30Z', '2020-07-13T03:30')
  // Over the change of the clocks.
  t({ zone: 'Europe/Berlin', ...office }, '2022-03-25T16:00Z', '2022-03-28T07:00')
  t({ zone: 'Europe/Berlin', times: hours(2, 3) }, '2022-03-26T01:30Z', '2022-03-26T02:00')
  t({ zone: 'Europe/Berlin', times: hours(2, 3) }, '2022-03-26T02:00Z', '2022-03-28T00:00')
  // One long hour.
  t({ zone: 'Europe/Berlin', times: hours(2, 3) }, '2022-10-30T00:10Z', '2022-10-30T02:00')
  // An interval of hours that the clocks skip into: within from the instant of the change.
  t({ zone: 'Europe/Berlin', times: [{ from: 150, to: 240 }] }, '2022-03-27T00:10Z', '2022-03-27T01:00')
  t({ zone: 'UTC', months: [{ from: 5, to: 5 }] }, '2022-04-12T00:00Z', '2022-05-01T00:00')
  // Further than five weeks: ask again then.
  t({ zone: 'UTC', years: [{ from: 2030, to: 2030 }] }, '2022-04-12T00:30Z', '2022-05-18T00:00')
  t({ zone: 'UTC' }, '2022-04-12T00:00Z', '2022-05-17T00:00')
})

test('nothing changes before the next change, in any zone and interval', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Shanghai',
    'Africa/Casablanca',
  ]
  const range = (min: number, max: number) =>
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }))
  const interval = fc
    .record({
      zone: fc.constantFrom(...zones),
      times: fc.option(fc.array(range(0, 1440), { maxLength: 2 }), { nil: undefined }),
      weekdays: fc.option(fc.array(range(0, 6), { maxLength: 2 }), { nil: undefined }),
      daysOfMonth: fc.option(fc.array(range(1, 31), { maxLength: 1 }), { nil: undefined }),
    })
    .map(
      each =>
        Object.fromEntries(
          Object.entries(each).filter(([, value]) => value !== undefined),
        ) as unknown as Interval,
    )
  const minute = fc.integer({ min: at('2022-01-01T00:00Z') / 60_000, max: at('2022-12-31T00:00Z') / 60_000 })
  fc.assert(
    fc.property(interval, minute, (interval, minute) => {
      const startMs = minute * 60_000 + 12_345
      const was = isWithin(interval, startMs)
      const nextMs = nextChangeMs(interval, startMs)
      expect(nextMs % 60_000).toBe(0)
      expect(nextMs).toBeGreaterThan(startMs)
      for (let ms = Math.ceil(startMs / 60_000) * 60_000; ms < nextMs; ms += 29 * 60_000)
        if (isWithin(interval, ms) !== was) throw new Error(`changes at ${show(ms)}, told ${show(nextMs)}`)
      if (nextMs - startMs < 34 * 86_400_000) expect(isWithin(interval, nextMs)).toBe(!was)
    }),
    { numRuns: runs(8) },
  )
})

test('what the clocks show', () => {
  expect(offsetMs('Asia/Shanghai', at('2022-01-01T00:00Z'))).toBe(8 * 3_600_000)
  expect(offsetMs('America/St_Johns', at('2022-01-01T00:00Z'))).toBe(-3.5 * 3_600_000)
  expect(localTime('America/New_York', at('2024-03-01T03:04Z'))).toEqual({
    year: 2024,
    month: 2,
    day: 29,
    weekday: 4,
    minuteOfDay: 22 * 60 + 4,
    daysInMonth: 29,
  })
})
