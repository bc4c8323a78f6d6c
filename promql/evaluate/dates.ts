// Parts of a date, in UTC, of a time in seconds. Called by functions.ts.

// The calendar begins anew each 400 years, on the same day of the week.
const roundYears = 400
const roundS = 146_097 * 86_400
// Farther away dates are taken from this round of the calendar.
const nearS = 8e12

const ofDate =
  (part: (date: Date, years: number) => number) =>
  (seconds: number): number => {
    const whole = Math.trunc(seconds)
    if (!(Math.abs(whole) > nearS)) return part(new Date(whole * 1_000), 0)
    const within = ((whole % roundS) + roundS) % roundS
    return part(new Date(within * 1_000), Math.round((whole - within) / roundS) * roundYears)
  }

const dayMs = 86_400_000

export const dates: Readonly<Record<string, (seconds: number) => number>> = {
  day_of_month: ofDate(date => date.getUTCDate()),
  day_of_week: ofDate(date => date.getUTCDay()),
  day_of_year: ofDate(date => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0)) / dayMs) + 1),
  days_in_month: ofDate(date =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
  ),
  hour: ofDate(date => date.getUTCHours()),
  minute: ofDate(date => date.getUTCMinutes()),
  month: ofDate(date => date.getUTCMonth() + 1),
  year: ofDate((date, years) => date.getUTCFullYear() + years),
}
