// What the columns of a table are: by the names in its first line, or time and value where that has none. Called by
// table.ts.
import { Failure } from '#core/errors.ts'
import { readMoment, readNumber } from './read-cell.ts'

// The place of each column that is known, and of labels, which are all others.
export type Columns = Readonly<{
  kind: 'samples' | 'days' | 'trends'
  // How many there are.
  count: number
  at: ReadonlyMap<string, number>
  labels: ReadonlyMap<string, number>
  hasHeader: boolean
}>

// Other names for the same.
const names: Readonly<Record<string, string>> = {
  timestamp: 'time',
  datetime: 'time',
  _time: 'time',
  ts: 'time',
  _value: 'value',
  date: 'day',
  mean: 'avg',
  average: 'avg',
  busyhour: 'busy_hour',
}

const known = new Set([
  ...['pool', 'resource', 'track', 'time', 'value', 'day', 'itemid', 'clock', 'num', 'ns'],
  ...['value_min', 'value_avg', 'value_max', 'count', 'min', 'max', 'sum', 'avg', 'last', 'p95', 'busy_hour'],
])

export const headerWanted =
  'a first line with the names of the columns: pool,resource,track,time,value or day,max,… or itemid,clock,value_avg,…'

// Each row is held against all of them.
const columnsMax = 1_000

export function columnsOf(cells: readonly string[], zone: string): Columns {
  if (cells.length > columnsMax)
    throw new Failure('bad_import', `line 1: wanted at most ${columnsMax} columns, found ${cells.length}`)
  const [first = '', second = ''] = cells
  const isPlain =
    cells.length === 2 && readMoment(first, zone) !== undefined && readNumber(second) !== undefined
  if (isPlain)
    return {
      kind: 'samples',
      count: 2,
      at: new Map([
        ['time', 0],
        ['value', 1],
      ]),
      labels: new Map(),
      hasHeader: false,
    }
  const at = new Map<string, number>()
  const labels = new Map<string, number>()
  for (const [place, cell] of cells.entries()) {
    const label = cell.trim()
    const written = label.toLowerCase()
    const name = names[written] ?? written
    const isKnown = known.has(name)
    // Two that mean the same: nobody knows which counts.
    if (isKnown ? at.has(name) : labels.has(label))
      throw new Failure('bad_import', `line 1: wanted one column ${isKnown ? name : label}, found two`)
    if (isKnown) at.set(name, place)
    else if (label !== '') labels.set(label, place)
  }
  const kind = kindOf(at)
  if (kind === undefined)
    throw new Failure('bad_import', `line 1: wanted ${headerWanted}, found ${cells.join(',').slice(0, 80)}`)
  return { kind, count: cells.length, at, labels, hasHeader: true }
}

function kindOf(at: ReadonlyMap<string, number>): Columns['kind'] | undefined {
  if (at.has('itemid') && at.has('clock') && (at.has('value_avg') || at.has('value'))) return 'trends'
  if (at.has('time') && at.has('value')) return 'samples'
  return at.has('day') && at.has('max') ? 'days' : undefined
}
