import fc from 'fast-check'
import { expect, test } from 'vitest'
import { slotMs } from '../../../alerter/watchdog/slots.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const at = (text: string): number => Date.parse(text)

test('at a time of day it is due from then on for an hour, in the zone of the place', () => {
  const t = (zone: string, now: string, isDue: boolean) =>
    expect(slotMs({ everyMs: dayMs, at: '09:00' }, 'x', zone, at(now)) !== undefined, now).toBe(isDue)

  t('UTC', '2026-11-21T08:59:59Z', false)
  t('UTC', '2026-11-21T09:00:00Z', true)
  t('UTC', '2026-11-21T09:59:59Z', true)
  t('UTC', '2026-11-21T10:00:00Z', false)
  t('Asia/Shanghai', '2026-11-21T01:00:00Z', true)
  t('Asia/Shanghai', '2026-11-21T09:00:00Z', false)
})

test('each day has one, also when the clocks are changed', () => {
  const slots = new Set<number>()
  for (let nowMs = at('2026-10-20T00:00:00Z'); nowMs < at('2026-10-30T00:00:00Z'); nowMs += 60_000) {
    const slot = slotMs({ everyMs: dayMs, at: '02:30' }, 'x', 'Europe/Berlin', nowMs)
    if (slot !== undefined) slots.add(slot)
  }
  expect(slots.size).toBe(10)
})

test('every other day is every other day', () => {
  const days: number[] = []
  for (let day = 0; day < 10; day++) {
    const slot = slotMs(
      { everyMs: 2 * dayMs, at: '09:00' },
      'x',
      'UTC',
      at('2026-11-01T09:30:00Z') + day * dayMs,
    )
    if (slot !== undefined) days.push(day)
  }
  expect(days.length).toBe(5)
  expect(days.map((day, nth) => day - nth * 2)).toEqual(Array(5).fill(days[0]))
})

test('without a time of day: once in each interval, the same moments after any restart, not all at the hour', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 60_000, max: 31 * dayMs }),
      fc.string(),
      fc.nat(2 ** 41),
      (everyMs, name, nowMs) => {
        const slots = { everyMs, at: undefined }
        const slot = slotMs(slots, name, 'UTC', nowMs)!
        expect(slot).toBeLessThanOrEqual(nowMs)
        expect(slot).toBeGreaterThan(nowMs - everyMs)
        expect(slotMs(slots, name, 'UTC', slot)).toBe(slot)
        expect(slotMs(slots, name, 'UTC', slot + everyMs)).toBe(slot + everyMs)
      },
    ),
  )
  const offsets = ['ops', 'dba', 'web'].map(
    name => slotMs({ everyMs: hourMs, at: undefined }, name, 'UTC', dayMs)! % hourMs,
  )
  expect(new Set(offsets).size).toBe(3)
})
