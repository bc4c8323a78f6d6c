// How much is known of each line: which days, since when, with how many gaps, and whether that is enough for its fit.
// Called by the routes of the history.
import type { Labels } from '#core/model.ts'
import type { Days, History } from '../history.ts'
import { type Line, lineKey, type Pool } from '../pool.ts'

export type Standing = Readonly<{
  line: Line
  unit: string
  windowDays: number
  // Of the window: days with usage, the first and the last of them, and those between the first and yesterday without any.
  days: number
  firstDay: number | null
  lastDay: number | null
  gaps: number
  // Days with a supply.
  supplyDays: number
}>

// Of every resource, with or without any day; and of the parts that have some.
export function standingsOf(pool: Pool, lines: readonly Line[], history: History, toDay: number): Standing[] {
  return pool.resources.flatMap(({ name: resource, unit }) => {
    const whole: Line = { pool: pool.name, resource, part: noPart }
    const known = lines.filter(each => each.resource === resource)
    const all = [whole, ...known.filter(each => lineKey(each) !== lineKey(whole))]
    return all.map(line => ({ line, unit, ...daysOf(pool, line, history, toDay) }))
  })
}

const noPart: Labels = {}

function daysOf(
  { windowDays, daily }: Pool,
  line: Line,
  history: History,
  toDay: number,
): Omit<Standing, 'line' | 'unit'> {
  const window = { toDay, days: windowDays }
  const demand = history.demand(line, daily, window)
  const known = knownIn(demand)
  const [first = null, last = null] = [known[0], known.at(-1)]
  return {
    ...{ windowDays, days: known.length, firstDay: first, lastDay: last },
    gaps: first === null ? 0 : toDay - first + 1 - known.length,
    supplyDays: knownIn(history.supply(line, window)).length,
  }
}

const knownIn = ({ firstDay, values }: Days): number[] =>
  Array.from(values.keys(), at => firstDay + at).filter((_, at) => !Number.isNaN(values[at]!))
