// A parser of CSV files with a time and a value, as they come: with a header or not, quoted, out of order, in ISO, in
// seconds or in milliseconds. Rows without a number are left out; a file without any row is an error. Called by run.ts.

export type Series = Readonly<{ tMs: Float64Array; values: Float64Array }>

export function readSeries(text: string): Series {
  const rows = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .filter(line => line.trim() !== '' && !line.startsWith('#'))
    .map(cellsOf)
  const columns = columnsOf(rows)
  if (columns === undefined)
    throw new Error('no row has a time and a number; wanted lines like 2026-11-25,17.5')
  const points = rows.flatMap(cells => {
    const [tMs, value] = [timeMs(cells[columns.time] ?? ''), numberOf(cells[columns.value] ?? '')]
    return Number.isFinite(tMs) && Number.isFinite(value) ? [[tMs, value] as const] : []
  })
  points.sort(([a], [b]) => a - b)
  return {
    tMs: Float64Array.from(points, ([tMs]) => tMs),
    values: Float64Array.from(points, ([, value]) => value),
  }
}

// Between commas, semicolons or tabs; within quotes they are text, and two quotes are one.
function cellsOf(line: string): string[] {
  const cells: string[] = []
  const cell = /(?:^|[,;\t])(?:\s*"((?:[^"]|"")*)"\s*|([^,;\t]*))/g
  for (const [, quoted, plain] of line.matchAll(cell)) {
    cells.push(quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"'))
  }
  return cells
}

type Columns = Readonly<{ time: number; value: number }>

// Those of the first row in which both are found.
function columnsOf(rows: readonly (readonly string[])[]): Columns | undefined {
  for (const cells of rows) {
    const time = cells.findIndex(cell => Number.isFinite(timeMs(cell)))
    const value = cells.findIndex((cell, at) => at !== time && Number.isFinite(numberOf(cell)))
    if (time >= 0 && value >= 0) return { time, value }
  }
  return undefined
}

const numberOf = (cell: string): number => (cell === '' ? Number.NaN : Number(cell))

// Without a zone it is UTC.
const written = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

export function timeMs(cell: string): number {
  const found = written.exec(cell)
  if (found !== null) {
    const [, day, time = '00:00', zone = 'Z'] = found
    return Date.parse(`${day}T${time.padStart(5, '0').replace(/^(\d):/, '0$1:')}${zone.toUpperCase()}`)
  }
  // Seconds, milliseconds, microseconds or nanoseconds since 1970, of the years 1973 to 5138.
  if (!/^\d{9,19}(?:\.\d+)?$/.test(cell)) return Number.NaN
  let tMs = Number(cell) * 1_000
  while (tMs >= 1e14) tMs /= 1_000
  return tMs
}
