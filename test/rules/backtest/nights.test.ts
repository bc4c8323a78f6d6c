import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openNights } from '../../../rules/backtest/nights.ts'

const hour = 3_600_000
const day = 24 * hour

test('night is from 22 to 8 o’clock of the zone', () => {
  const from = Date.UTC(2026, 10, 20)
  const nights = openNights(from, from + 2 * day, 'Asia/Shanghai')
  const t = (hourUtc: number, isNight: boolean) =>
    expect(nights.has(from + hourUtc * hour), `${hourUtc}:00 UTC`).toBe(isNight)
  // 8:00, 21:59:59 and 22:00 there.
  t(0, false)
  t(13.999, false)
  t(14, true)
  t(23.999, true)
  t(24, false)
  expect(nights.between(from, from + day)).toBe(10 * hour)
  expect(nights.between(from + 13 * hour, from + 15 * hour)).toBe(hour)
})

test('a night in which the clocks change is shorter or longer', () => {
  const t = (from: number, hours: number) => {
    const nights = openNights(from, from + day, 'Europe/Berlin')
    expect(nights.between(from, from + day) / hour, new Date(from).toISOString()).toBe(hours)
  }
  // From noon to noon, as UTC has it.
  t(Date.UTC(2026, 2, 27, 12), 10)
  t(Date.UTC(2026, 2, 28, 12), 9)
  t(Date.UTC(2026, 9, 24, 12), 11)
  t(Date.UTC(2026, 9, 25, 12), 10)
})

test('zones of half and quarter hours, and times that begin by night', () => {
  const from = Date.UTC(2026, 0, 1)
  const t = (zone: string, morningUtcMs: number) => {
    const nights = openNights(from, from + day, zone)
    expect(nights.has(morningUtcMs - 1), zone).toBe(true)
    expect(nights.has(morningUtcMs), zone).toBe(false)
  }
  t('Asia/Kathmandu', from + 2.25 * hour)
  t('Asia/Kolkata', from + 2.5 * hour)
  t('UTC', from + 8 * hour)
})

test('as much night as there are minutes of it', () => {
  const from = Date.UTC(2026, 9, 24)
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.nat(4_000), fc.nat(3_000), (zone, start, length) => {
      const nights = openNights(from, from + 6 * day, zone)
      let minutes = 0
      for (let at = start; at < start + length; at++) if (nights.has(from + at * 60_000)) minutes += 1
      expect(nights.between(from + start * 60_000, from + (start + length) * 60_000)).toBe(minutes * 60_000)
    }),
    { numRuns: 40 },
  )
})
