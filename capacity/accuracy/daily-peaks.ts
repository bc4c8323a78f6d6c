// The highest value of each day, NaN for days without any: what the forecasts of the accuracy tables see. Called by run.ts.
import { dayOf } from '../days.ts'
import type { Days } from '../history.ts'
import type { Series } from './read-series.ts'

const daysMax = 50_000

export function dailyPeaks({ tMs, values }: Series, zone: string): Days {
  const days = Array.from(tMs, each => dayOf(zone, each))
  const [firstDay, lastDay] = [days[0] ?? 0, days.at(-1) ?? -1]
  if (lastDay - firstDay >= daysMax)
    throw new Error(`from the first day to the last there are more than ${daysMax}`)
  const peaks = new Float64Array(lastDay - firstDay + 1).fill(Number.NaN)
  for (const [at, day] of days.entries()) {
    const before = peaks[day - firstDay]!
    if (!(before >= values[at]!)) peaks[day - firstDay] = values[at]!
  }
  return { firstDay, values: peaks }
}
