// Rows of days as numbers one after the other: how they rest in the state, and how they come from it into memory. Called by
// book.ts, columns.ts and as-stored.ts.
import type { DayRow } from '../history.ts'

// In this order, behind the day.
export const fields = ['count', 'min', 'max', 'sum', 'last', 'lastMs', 'p95', 'busyHour'] as const
export type Field = (typeof fields)[number]

export const numbersOfDay = fields.length + 1

// So many of each day; null where nothing is known.
export type DayNumbers = readonly (number | null)[]

export const numbersOf = ({ day, count, min, max, sum, last, lastMs, p95, busyHour }: DayRow): number[] => [
  ...[day, count, min, max, sum, last, lastMs, p95, busyHour],
]

export function rowsOf(days: DayNumbers): DayRow[] {
  const rows: DayRow[] = []
  for (let at = 0; at < days.length; at += numbersOfDay) {
    const [day, count, min, max, sum, last, lastMs, p95, busyHour] = Array.from(
      { length: numbersOfDay },
      (_, nth) => days[at + nth] ?? Number.NaN,
    ) as [number, number, number, number, number, number, number, number, number]
    rows.push({ day, count, min, max, sum, last, lastMs, p95, busyHour })
  }
  return rows
}
