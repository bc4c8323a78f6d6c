// A day that somebody else has counted, from the numbers of its row. What they leave out is as if the day had been even.
// Called by table.ts.
import { dayStartMs } from '../days.ts'
import type { DayRow } from '../history.ts'
import { slotMs } from './slots.ts'

export const numberNames = ['count', 'min', 'max', 'sum', 'avg', 'last', 'p95', 'busy_hour'] as const
export type NumberName = (typeof numberNames)[number]
type Numbers = Readonly<Partial<Record<NumberName, number>>>

// Numbers that people write are rounded.
const slack = 1e-3

export function countedDay(day: number, numbers: Numbers, zone: string): DayRow {
  const or = (...values: readonly (number | undefined)[]): number =>
    values.find(each => each !== undefined && !Number.isNaN(each)) ?? Number.NaN
  const max = or(numbers.max)
  const endMs = dayStartMs(zone, day + 1)
  const wholeCount = Math.round((endMs - dayStartMs(zone, day)) / slotMs)
  const counted = Math.max(1, Math.round(or(numbers.count, wholeCount)))
  // Values of each minute are no more of a day than those of five: a day gives way only to one with as many.
  const count = Math.min(counted, wholeCount)
  const avg = or(numbers.avg, or(numbers.sum) / counted, max)
  return {
    day,
    count,
    max,
    min: or(numbers.min, Math.min(avg, max)),
    sum: avg * count,
    last: or(numbers.last, avg),
    lastMs: endMs - 1,
    p95: or(numbers.p95),
    busyHour: or(numbers.busy_hour),
  }
}

// Columns that were mistaken for each other show in it.
export const inOrderWanted = 'numbers of one day: none above its max, none below its min'

export function areInOrder({ min, max, avg, last, p95, busy_hour: busyHour }: Numbers): boolean {
  const most = max === undefined ? Number.NaN : max + Math.abs(max) * slack
  const least = min === undefined ? Number.NaN : min - Math.abs(min) * slack
  // What is not said compares with nothing.
  return [min, max, avg, last, p95, busyHour].every(
    value => value === undefined || !(value < least || value > most),
  )
}
