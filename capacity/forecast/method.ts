// What a method of forecasting is: it sees days in a row, NaN where nothing is known, and says how they go on. One file
// each; methods.ts lists them. Called by the back-test, by bulk.ts and by the accuracy tables.

export type Fitted = Readonly<{
  // On the last day that it saw, without the week, and how far it goes from there to the next day.
  level: number
  slopePerDay: number
  // What each day of the week adds, from the first day after those that it saw; null: the method knows no week, or found none.
  weekly: readonly number[] | null
  // The days after those that it saw.
  ahead(days: number): Float64Array
}>

// Null where there is too little to fit.
export type Method = (past: Float64Array) => Fitted | null

export const weekDays = 7

// A straight line, with a week on it or without: what most methods end in.
export function straight(
  level: number,
  slopePerDay: number,
  weekly: readonly number[] | null = null,
): Fitted {
  return {
    level,
    slopePerDay,
    weekly,
    ahead(days) {
      const values = new Float64Array(days)
      for (let at = 0; at < days; at++) {
        values[at] = level + slopePerDay * (at + 1) + (weekly === null ? 0 : weekly[at % weekDays]!)
      }
      return values
    },
  }
}

export const known = (past: Float64Array): number => {
  let count = 0
  for (const each of past) if (Number.isFinite(each)) count++
  return count
}

// The line through a curve that is none: the means of its first two weeks.
export function lineOf(curve: Float64Array): Pick<Fitted, 'level' | 'slopePerDay' | 'weekly'> {
  const [first, second] = [curve.subarray(0, weekDays), curve.subarray(weekDays, 2 * weekDays)]
  const slopePerDay = (meanOf(second) - meanOf(first)) / weekDays
  const level = meanOf(first) - ((weekDays + 1) / 2) * slopePerDay
  return {
    level,
    slopePerDay,
    weekly: Array.from(first, (each, at) => each - level - slopePerDay * (at + 1)),
  }
}

export function meanOf(numbers: Float64Array): number {
  let sum = 0
  for (const each of numbers) sum += each
  return sum / numbers.length
}
