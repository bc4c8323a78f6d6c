// Parts of a date, in UTC, of a time in seconds. Called by functions.ts.

const ofDate =
  (part: (date: Date) => number) =>
  (seconds: number): number =>
    part(new Date(Math.trunc(seconds) * 1_000))

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
  year: ofDate(date => date.getUTCFullYear()),
}
