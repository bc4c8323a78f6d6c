// What an import took and will not be enough for, said at once and not when a forecast has nothing to stand on: days of a
// whole that nobody knows, and days that do not say what the pool counts by. Called by the command `capacity import`.
import type { DayRow, Track } from '../history.ts'
import { isWhole, type Line, type Pool } from '../pool.ts'
import type { ImportedLine, LeftOut, Why } from './bins.ts'

export type Remark = Readonly<{ line: Line; track: Track; days: number; what: string }>

export type RemarksAsked = Readonly<{
  pools: readonly Pool[]
  lines: readonly ImportedLine[]
  leftOut: readonly LeftOut[]
  // Values are added to days that are there, whose percentiles nobody knows then.
  isMerge: boolean
}>

export function remarksOf({ pools, lines, leftOut, isMerge }: RemarksAsked): readonly Remark[] {
  const byName = new Map(pools.map(pool => [pool.name, pool]))
  const left = leftOut.map(({ line, track, why, days }) => ({
    ...{ line, track, days: days.size },
    what: wordsOf(why, byName.get(line.pool)?.by ?? []),
  }))
  const groups = Map.groupBy(lines, groupOf)
  const gone = Map.groupBy(
    leftOut.filter(({ line }) => isWhole(line.part)),
    groupOf,
  )
  const found = [...groups].flatMap(([key, own]) => {
    const { pool: name, resource } = own[0]!.line
    const of = { line: { pool: name, resource, part: {} }, track: own[0]!.track }
    const wholes = [...own.filter(({ line }) => isWhole(line.part)).flatMap(({ rows }) => [...rows.keys()])]
    const said = gone.get(key)?.flatMap(({ days }) => [...days]) ?? []
    const pool = byName.get(name)
    return [
      { ...of, days: daysWithout(own, new Set([...wholes, ...said])), what: wholeWanted },
      ...(pool === undefined ? [] : [{ ...of, ...withoutNumber(own, pool, isMerge) }]),
    ].filter(({ days }) => days > 0)
  })
  return [...left, ...found]
}

const groupOf = ({ line: { pool, resource }, track }: Pick<ImportedLine, 'line' | 'track'>): string =>
  JSON.stringify([pool, resource, track])

const wordsOf = (why: Why, by: readonly string[]): string =>
  ({
    mixed: `left out: values with and without ${by.join(', ')} beside each other; the latter may be the whole, or of no part`,
    small: `left out: no whole, since it is less than the largest part by ${by.join(', ')}`,
    pieces: 'left out: values that add up came too far apart; sort them by time, or import them in pieces',
  })[why]

const wholeWanted =
  'missing: the peak of a sum cannot be had from the peaks of its parts; add rows of the whole, without labels, or import samples'

const daysWithout = (lines: readonly ImportedLine[], wholes: ReadonlySet<number>): number =>
  new Set(lines.flatMap(({ rows }) => [...rows.keys()])).difference(wholes).size

const namesOf = { p95: '95th percentile', busy_hour: 'busiest hour' } as const

// The most that any line of the group has.
function withoutNumber(
  lines: readonly ImportedLine[],
  { daily }: Pool,
  isMerge: boolean,
): Pick<Remark, 'days' | 'what'> {
  if (daily === 'peak' || lines[0]!.track === 'supply') return { days: 0, what: '' }
  const number = ({ p95, busyHour }: DayRow): number => (daily === 'p95' ? p95 : busyHour)
  const days = lines.map(({ rows }) =>
    isMerge ? rows.size : [...rows.values()].filter(row => Number.isNaN(number(row))).length,
  )
  const why = isMerge ? 'which --merge cannot know' : 'which is not in them'
  const what = `not counted: \`daily: ${daily}\` wants the ${namesOf[daily]} of each day, ${why}`
  return { days: Math.max(...days), what }
}
