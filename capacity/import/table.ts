// From the rows of a table to values of lines: samples, days that somebody has counted, or Zabbix' trends and history.
// Called by import-file.ts for each file.
import { noLabels } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { dayOf } from '../days.ts'
import type { Track } from '../history.ts'
import type { Line } from '../pool.ts'
import type { ImportAsked } from './asked.ts'
import type { Bins, Put } from './bins.ts'
import { type Columns, columnsOf } from './columns.ts'
import { areInOrder, countedDay, inOrderWanted, type NumberName, numberNames } from './counted-day.ts'
import type { Doubts } from './doubts.ts'
import { writtenLineIn } from './known-pools.ts'
import { momentWanted, numberWanted, pastWanted, readDate, readMoment, readNumber } from './read-cell.ts'
import { columnOf, type OnRow, type RowPlace } from './text-rows.ts'
import { takeTrend, trendNames, trendOf } from './trends.ts'

export type Around = Readonly<{ asked: ImportAsked; bins: Bins; doubts: Doubts }>

type Row = Readonly<{ cells: readonly string[]; place: RowPlace }>
type Taker = (row: Row) => void

// The first row says what the others are.
export function openTable(around: Around): OnRow {
  let take: Taker | undefined
  let count = 0
  return (cells, place) => {
    if (take === undefined) {
      const columns = columnsOf(cells, around.asked.zone)
      count = columns.count
      take = takers[columns.kind](columns, around)
      if (columns.hasHeader) return
    }
    const row = { cells, place }
    // A decimal comma is a separator too many.
    const beyond =
      cells.length > count ? cells.findIndex((cell, nth) => nth >= count && cell.trim() !== '') : -1
    if (beyond >= 0) return doubt(around, row, beyond, `as many cells as the first line has: ${count}`)
    take(row)
  }
}

const takers: Readonly<Record<Columns['kind'], (columns: Columns, around: Around) => Taker>> = {
  samples: openSamples,
  days: openDays,
  trends: openTrends,
}

const doubt = ({ doubts }: Around, { cells, place }: Row, nth: number, wanted: string): void =>
  doubts.add({ line: place.line, column: columnOf(place, nth), wanted, found: cells[nth] ?? 'nothing' })

function openSamples(columns: Columns, around: Around): Taker {
  const { asked, bins } = around
  const targetAt = openTargets(columns, around)
  const puts = new Map<string, Put>()
  const [timeAt, valueAt] = [columns.at.get('time')!, columns.at.get('value')!]
  let last: Readonly<{ key: string; put: Put }> | undefined
  return row => {
    const { cells } = row
    const value = readNumber(cells[valueAt] ?? 'none')
    if (value === undefined) return doubt(around, row, valueAt, numberWanted)
    const tMs = readMoment(cells[timeAt] ?? '', asked.zone)
    if (tMs === undefined) return doubt(around, row, timeAt, momentWanted)
    if (tMs > asked.nowMs) return doubt(around, row, timeAt, pastWanted)
    const found = targetAt(row)
    if (found === undefined || Number.isNaN(value)) return
    if (last?.key !== found.key) {
      const own = { track: found.track, source: '', unlabelled: 'unsure' } as const
      const put = puts.get(found.key) ?? bins.target({ ...found.line, ...own })
      puts.set(found.key, put)
      last = { key: found.key, put }
    }
    last.put.value(tMs, value)
  }
}

const dayWanted = 'a day like 2026-11-20'
const overWanted = 'a day that is over: the peak of today may be still to come'

function openDays(columns: Columns, around: Around): Taker {
  const { asked, bins } = around
  const targetAt = openTargets(columns, around)
  const today = dayOf(asked.zone, asked.nowMs)
  return row => {
    const dayAt = columns.at.get('day')!
    const text = (row.cells[dayAt] ?? '').trim()
    const momentMs = readMoment(text, asked.zone)
    const day = readDate(text) ?? (momentMs === undefined ? undefined : dayOf(asked.zone, momentMs))
    if (day === undefined || day < 0) return doubt(around, row, dayAt, dayWanted)
    if (day >= today) return doubt(around, row, dayAt, overWanted)
    const target = targetAt(row)
    const numbers = numbersIn(columns, row, around)
    if (target === undefined || numbers === undefined || Number.isNaN(numbers.max)) return
    if (!areInOrder(numbers)) return doubt(around, row, columns.at.get('max')!, inOrderWanted)
    bins.row(target.line, target.track, countedDay(day, numbers, asked.zone))
  }
}

function numbersIn(
  { at }: Columns,
  row: Row,
  around: Around,
): Partial<Record<NumberName, number>> | undefined {
  const found: Partial<Record<NumberName, number>> = {}
  for (const name of numberNames) {
    const nth = at.get(name)
    if (nth === undefined) continue
    const value = readNumber(row.cells[nth] ?? '')
    if (value === undefined) {
      doubt(around, row, nth, numberWanted)
      return undefined
    }
    found[name] = value
  }
  return found
}

function openTrends(columns: Columns, around: Around): Taker {
  return row => {
    const cell = (name: string): string | undefined => {
      const nth = columns.at.get(name)
      return nth === undefined ? undefined : row.cells[nth]
    }
    const trend = trendOf(cell)
    if ('wrong' in trend) return doubt(around, row, columns.at.get(trend.wrong) ?? 0, trend.wanted)
    const wanted = takeTrend(trend, around.asked, around.bins)
    if (wanted !== undefined) doubt(around, row, columns.at.get(trendNames.item) ?? 0, wanted)
  }
}

type Target = Readonly<{ key: string; line: Line; track: Track }>

// Whose value it is: by its columns, else by the command line. Looked up once for each that occurs.
function openTargets({ at, labels }: Columns, around: Around): (row: Row) => Target | undefined {
  const { asked } = around
  const known = new Map<string, Target | Readonly<{ nth: number; wanted: string }>>()
  const places = [at.get('pool'), at.get('resource'), at.get('track'), ...labels.values()]
  const read = ({ cells }: Row, key: string): Target | Readonly<{ nth: number; wanted: string }> => {
    const cell = (name: string): string | undefined => cells[at.get(name) ?? -1]?.trim()
    const [pool, resource] = [cell('pool') ?? asked.pool, cell('resource') ?? asked.resource]
    const track = (cell('track') || undefined) ?? asked.track ?? 'usage'
    if (pool === undefined) return { nth: 0, wanted: 'a column `pool`, or --pool' }
    if (resource === undefined) return { nth: 0, wanted: 'a column `resource`, or --resource' }
    if (track !== 'usage' && track !== 'supply')
      return { nth: at.get('track') ?? 0, wanted: 'usage or supply' }
    const line = writtenLineIn(asked.pools, { pool, resource, part: partIn(cells, labels) })
    if (typeof line !== 'string') return { key, line, track }
    const isPool = line.startsWith('the name of a pool')
    return { nth: at.get(isPool ? 'pool' : 'resource') ?? 0, wanted: line }
  }
  return row => {
    let key = ''
    for (const place of places) key += place === undefined ? '' : `${row.cells[place]}\n`
    const found = known.get(key) ?? read(row, key)
    if (known.size < linesMax) known.set(key, found)
    if ('line' in found) return found
    doubt(around, row, found.nth, found.wanted)
    return undefined
  }
}

const linesMax = 200_000

function partIn(cells: readonly string[], labels: ReadonlyMap<string, number>): Labels {
  const part: Record<string, string> = {}
  for (const [label, nth] of labels) {
    const value = cells[nth]?.trim() ?? ''
    if (value !== '') part[label] = value
  }
  return Object.keys(part).length === 0 ? noLabels : part
}
