// One hour of Zabbix, or one value of its history: read from a row or an object, and given to the line that the command
// line names for its item. Called by table.ts and import-file.ts.
import { labelsOf } from '#core/labels.ts'
import type { ImportAsked } from './asked.ts'
import type { Bins, Put } from './bins.ts'
import { writtenLineIn } from './known-pools.ts'
import { momentWanted, numberWanted, pastWanted, readMoment, readNumber } from './read-cell.ts'

export type Trend = Readonly<{
  itemid: string
  tMs: number
  value: number
  // Of an hour; NaN of a single value.
  least: number
  most: number
}>

export const trendNames = { item: 'itemid', time: 'clock', mean: 'value_avg' } as const

const hourMs = 3_600_000

// By the names of the fields, which are those of its API and its database.
export function trendOf(
  field: (name: string) => string | undefined,
): Trend | Readonly<{ wrong: string; wanted: string }> {
  const itemid = field('itemid')?.trim() ?? ''
  if (!/^\d+$/.test(itemid)) return { wrong: 'itemid', wanted: 'the number of an item' }
  const tMs = readMoment(field('clock') ?? '', 'UTC')
  if (tMs === undefined) return { wrong: 'clock', wanted: momentWanted }
  const isTrend = field('value_avg') !== undefined
  const mean = isTrend ? 'value_avg' : 'value'
  const value = readNumber(field(mean) ?? '')
  if (value === undefined) return { wrong: mean, wanted: numberWanted }
  const [least, most] = ['value_min', 'value_max'].map(name => readNumber(field(name) ?? ''))
  if (least === undefined) return { wrong: 'value_min', wanted: numberWanted }
  if (most === undefined) return { wrong: 'value_max', wanted: numberWanted }
  const or = (extreme: number): number => (isTrend && Number.isNaN(extreme) ? value : extreme)
  return { itemid, tMs, value, least: or(least), most: or(most) }
}

const puts = new WeakMap<Bins, Map<string, Put | string>>()

// Answers what was wanted where it could not be taken.
export function takeTrend(trend: Trend, asked: ImportAsked, bins: Bins): string | undefined {
  const own = puts.get(bins) ?? new Map<string, Put | string>()
  puts.set(bins, own)
  const put = own.get(trend.itemid) ?? putOf(trend.itemid, asked, bins)
  own.set(trend.itemid, put)
  if (typeof put === 'string') return put
  const factor = asked.items.get(trend.itemid)?.factor ?? 1
  const { tMs, value, least, most } = trend
  if (tMs > asked.nowMs) return pastWanted
  if (isAbove(least, value) || isAbove(value, most)) return 'value_min, value_avg and value_max in this order'
  if (Number.isNaN(value)) return undefined
  if (Number.isNaN(most)) put.value(tMs, value * factor)
  else put.span({ tMs, value: value * factor, least: least * factor, most: most * factor, forMs: hourMs })
  return undefined
}

// By more than what databases round.
const isAbove = (a: number, b: number): boolean => a - b > Math.max(Math.abs(a), Math.abs(b)) * 1e-3

function putOf(itemid: string, asked: ImportAsked, bins: Bins): Put | string {
  const item = asked.items.get(itemid)
  // A file of one item needs no list of them.
  const named = item ?? (asked.items.size === 0 ? namedBy(asked) : undefined)
  if (named === undefined) return `an item that --item names, like --item ${itemid}=POOL/RESOURCE/usage`
  const line = writtenLineIn(asked.pools, { ...named, part: labelsOf(Object.entries(named.part)) })
  return typeof line === 'string'
    ? line
    : bins.target({ ...line, track: named.track, source: itemid, unlabelled: 'whole' })
}

function namedBy({ pool, resource, track = 'usage' }: ImportAsked) {
  return pool === undefined || resource === undefined ? undefined : { pool, resource, track, part: {} }
}
