// What does it cost to turn line protocol into rows? The two shapes of the ingest benchmark (one field, ten
// fields; three tags), all series known, and what Telegraf writes more often. Medians of several runs.
import { cutByPartition, RowBuffer } from '#core/batch.ts'
import { labelsOf } from '#core/labels.ts'
import { LineDecoder } from '#core/line-protocol/decode.ts'
import { SeriesTable } from '#core/series.ts'
import { median } from './median.ts'

type Shape = Readonly<{
  title: string
  fields: readonly string[]
  value: (n: number) => string
  mixed?: boolean
}>

const cpuFields = [
  'usage_user',
  'usage_system',
  'usage_idle',
  'usage_nice',
  'usage_iowait',
  'usage_irq',
  'usage_softirq',
  'usage_steal',
  'usage_guest',
  'usage_guest_nice',
]
const percent = (n: number): string => (((n * 7_919) % 10_000) / 100).toFixed(2).padStart(5, '0')
const random = (n: number): string => String(100 * ((Math.sin(n) + 1) / 2))
const bytes = (n: number): string => `${4_000_000_000 + n * 4_096}i`

const shapes: readonly Shape[] = [
  { title: 'single: 1 field, 00.00', fields: ['v'], value: percent },
  { title: 'wide: 10 fields, 00.00', fields: cpuFields, value: percent },
  { title: 'wide, fields in any order', fields: cpuFields, value: percent, mixed: true },
  { title: 'wide, floats of 16 digits', fields: cpuFields, value: random },
  { title: 'wide, integers of 10 digits', fields: cpuFields, value: bytes },
]
const hosts = 10_000
const linesPerBlock = 5_000
const startMs = Date.UTC(2026, 0, 1)

function blocksOf({ fields, value, mixed = false }: Shape): Uint8Array[] {
  const blocks: Uint8Array[] = []
  for (let from = 0, n = 0; from < hosts; from += linesPerBlock) {
    const lines: string[] = []
    for (let host = from; host < from + linesPerBlock; host++) {
      const tags = `host=host_${String(host).padStart(6, '0')},dc=dc${host % 5},rack=r${host % 97}`
      const pairs = fields.map(field => `${field}=${value(n++)}`)
      if (mixed) shuffle(pairs, host)
      lines.push(`cpu,${tags} ${pairs.join(',')} ${startMs}000000\n`)
    }
    blocks.push(Buffer.from(lines.join('')))
  }
  return blocks
}

// As Telegraf does: the order of a Go map, another one in each line.
function shuffle(pairs: string[], seed: number): void {
  for (let at = pairs.length - 1; at > 0; at--) {
    const other = (Math.imul(seed + 1, 0x9e3779b1 + at) >>> 8) % (at + 1)
    const pair = pairs[at]!
    pairs[at] = pairs[other]!
    pairs[other] = pair
  }
}

type Cost = Readonly<{ title: string; values: number; nsPerValue: number; firstUs: number }>

export function parseCosts(runs = 15): Cost[] {
  return shapes.map(shape => {
    const blocks = blocksOf(shape)
    const decoder = new LineDecoder(new SeriesTable())
    const rows = new RowBuffer(linesPerBlock * 10)
    const once = (): number => {
      let values = 0
      for (const block of blocks) {
        rows.length = 0
        values += decoder.decode(block, { precision: 'ns', receivedAtMs: startMs }, rows, []).values
      }
      return values
    }
    const fresh = process.cpuUsage()
    const values = once()
    const first = cpuUs(fresh)
    const repeats = Math.max(1, Math.round(200_000 / values))
    const costs = Array.from({ length: runs }, () => {
      const before = process.cpuUsage()
      for (let each = 0; each < repeats; each++) once()
      return cpuUs(before) / repeats
    })
    return {
      title: shape.title,
      values,
      nsPerValue: (median(costs) * 1e3) / values,
      firstUs: first / values,
    }
  })
}

// Nanoseconds for each row of a batch of many hosts that is cut into its partitions.
export function cutCost(runs = 15): number {
  const table = new SeriesTable()
  const rows = new RowBuffer()
  for (let at = 0; at < 50_000; at++) {
    rows.push(table.intern('cpu', labelsOf([['host', `host_${at % hosts}`]])), startMs, at)
  }
  const costs = Array.from({ length: runs * 4 }, () => {
    const before = process.cpuUsage()
    for (let each = 0; each < 5; each++) {
      cutByPartition({ source: '', receivedAtMs: startMs, rows: rows.rows(), notes: [] }, table)
    }
    return (cpuUs(before) * 1e3) / 5 / rows.length
  })
  return median(costs)
}

function cpuUs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return user + system
}

if (import.meta.main) {
  console.log('line protocol to rows, CPU time (medians of 15 runs)')
  for (const { title, nsPerValue, firstUs } of parseCosts()) {
    const known = `${(nsPerValue / 1e3).toFixed(3)} µs a value (CPU-s per million)`
    console.log(`  ${title.padEnd(30)} ${known}, first time ${firstUs.toFixed(2)} µs`)
  }
  console.log(`  cutting a batch of ${hosts} hosts into partitions: ${cutCost().toFixed(0)} ns a row`)
}
