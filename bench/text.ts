// What does it cost to carry samples as text between processes? Three ways of one fleet's minute: lines that are
// gathered as they came while they are decoded, rows that are written as lines, and lines that are read again.
import { cutByPartition, RowBuffer, type Rows } from '#core/batch.ts'
import { BatchReader } from '#core/line-protocol/batch-reader.ts'
import { textsOf } from '#core/line-protocol/batch-text.ts'
import { LineDecoder } from '#core/line-protocol/decode.ts'
import { SeriesTable } from '#core/series.ts'
import { GatheredLines } from '../collector/gateway/gathered-lines.ts'
import { median } from './median.ts'

const hosts = 10_000
const startMs = Date.UTC(2026, 0, 1)
const cpuFields = 'user,system,idle,nice,iowait,irq,softirq,steal,guest,guest_nice'.split(',')

const percent = (n: number): string => (((n * 7_919) % 10_000) / 100).toFixed(2)
// 16 digits, as Telegraf writes most floats.
const random = (n: number): string => String(100 * ((Math.sin(n) + 1) / 2))

type Shape = Readonly<{ title: string; fields: number; value: (n: number) => string }>

const shapes: readonly Shape[] = [
  { title: '1 field', fields: 1, value: percent },
  { title: '10 fields', fields: 10, value: percent },
  { title: '10 fields of 16 digits', fields: 10, value: random },
]

function blockOf({ fields, value }: Shape): Uint8Array {
  const lines = Array.from({ length: hosts }, (_, host) => {
    const tags = `host=host_${String(host).padStart(6, '0')},dc=dc${host % 5},rack=r${host % 97}`
    const pairs = cpuFields.slice(0, fields).map((field, at) => `usage_${field}=${value(host * fields + at)}`)
    return `cpu,${tags} ${pairs.join(',')} ${startMs}000000\n`
  })
  return Buffer.from(lines.join(''))
}

export type TextCost = Readonly<{
  title: string
  // Decoding with cutting into partitions, and with gathering in its place.
  rowsNsPerLine: number
  linesNsPerLine: number
  writeNsPerRow: number
  writeMbPerS: number
  readNsPerRow: number
}>

export function textCosts(runs = 15): TextCost[] {
  return shapes.map(shape => {
    const block = blockOf(shape)
    const table = new SeriesTable()
    const decoder = new LineDecoder(table)
    const lines = new GatheredLines(table)
    const [buffer, parts] = [new RowBuffer(), new RowBuffer()]
    const decode = (gathered?: GatheredLines): Rows => {
      buffer.length = 0
      const options = { precision: 'ns', receivedAtMs: startMs, lines: gathered } as const
      decoder.decode(block, options, buffer, [])
      return buffer.rows()
    }
    const cut = (): void => {
      cutByPartition({ source: '', receivedAtMs: startMs, rows: decode(), notes: [] }, table, parts)
    }
    const gather = (): void => {
      lines.enter(block, '')
      decode(lines)
      lines.take()
    }
    const batch = { receivedAtMs: startMs, partition: 0, rows: decode(), notes: [] }
    const texts = textsOf(batch, table, 1 << 20)
    const reader = new BatchReader(new SeriesTable())
    const read = (): void => {
      for (const text of texts)
        if (reader.read(text, batch).rows.series.length === 0) throw new Error('no rows')
    }
    const [rowsNs, linesNs, writeNs, readNs] = costs(
      [cut, gather, () => textsOf(batch, table, 1 << 20), read],
      runs,
    )
    const rows = hosts * shape.fields
    const written = texts.reduce((sum, text) => sum + text.length, 0)
    return {
      title: shape.title,
      rowsNsPerLine: rowsNs! / hosts,
      linesNsPerLine: linesNs! / hosts,
      writeNsPerRow: writeNs! / rows,
      writeMbPerS: (written / writeNs!) * 1e3,
      readNsPerRow: readNs! / rows,
    }
  })
}

// In turn, so that noise hits all of them.
function costs(ways: readonly (() => void)[], runs: number): number[] {
  const found = ways.map((): number[] => [])
  for (let run = 0; run < runs + 3; run++) {
    for (const [at, way] of ways.entries()) {
      const before = process.cpuUsage()
      for (let each = 0; each < 5; each++) way()
      const { user, system } = process.cpuUsage(before)
      // The first ones are still being compiled.
      if (run >= 3) found[at]!.push(((user + system) * 1e3) / 5)
    }
  }
  return found.map(median)
}

if (import.meta.main) {
  console.log(`samples as text, ${hosts} hosts, CPU time (medians of 15 runs)`)
  for (const each of textCosts()) {
    const ns = (value: number): string => `${value.toFixed(0)} ns`
    console.log(
      `  ${each.title.padEnd(24)} decode and cut ${ns(each.rowsNsPerLine)}, decode and gather ${ns(each.linesNsPerLine)} a line;`,
      `rows written ${ns(each.writeNsPerRow)} a row (${each.writeMbPerS.toFixed(0)} MB/s), read ${ns(each.readNsPerRow)} a row`,
    )
  }
}
