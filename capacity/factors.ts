// By what demand is multiplied on each day: events, past and coming, and supposed growth. Pure. Called by planning.ts.
import type { Days } from './history.ts'
import type { PlannedEvent, Pool } from './pool.ts'

// How far ahead the dates are looked for.
const datesMax = 400

export type Factors = (pool: Pool, demand: Days, untilDay: number) => ReadonlyMap<number, number>

// Lines with the same days and events share theirs: years of them for each of many thousand lines take seconds.
export function openFactors(growth: number): Factors {
  const made = new Map<string, ReadonlyMap<number, number>>()
  return ({ events }, demand, untilDay) => {
    const days = events.map(({ fromDay, toDay, factor }) => [fromDay, toDay, factor])
    const key = JSON.stringify([demand.firstDay, demand.values.length, untilDay, days])
    const factors = made.get(key) ?? factorsOf(events, { demand, untilDay, growth })
    made.set(key, factors)
    return factors
  }
}

type Span = Readonly<{ demand: Days; untilDay: number; growth: number }>

// Events that overlap multiply. Growth counts from the first day that is forecast.
function factorsOf(events: readonly PlannedEvent[], { demand, untilDay, growth }: Span): Map<number, number> {
  const factors = new Map<number, number>()
  const begin = demand.firstDay
  const forecastFrom = begin + demand.values.length
  const lastDay = Math.max(untilDay, forecastFrom + datesMax)
  if (growth !== 1) for (let day = forecastFrom; day <= lastDay; day++) factors.set(day, growth)
  for (const { fromDay, toDay, factor } of events) {
    for (let day = Math.max(fromDay, begin); day <= Math.min(toDay, lastDay); day++)
      factors.set(day, (factors.get(day) ?? 1) * factor)
  }
  return factors
}
