// The labels of a series as remote write wants them, made once for each series and kept; or what hinders the database
// from keeping them as they are. Called by sheet.ts and request-bytes.ts.
import { metricName } from '../../labels.ts'
import type { Series } from '../../model.ts'
import type { SeriesTable } from '../../series.ts'
import type { SeriesLimits } from './settings.ts'

// About 300 000 series. Beyond that all are forgotten and made anew.
const keptBytesMax = 64 * 1024 * 1024

export class LabelBytes {
  readonly #table: SeriesTable
  readonly #limits: SeriesLimits
  #kept: (Uint8Array | string | undefined)[] = []
  #keptBytes = 0

  constructor(table: SeriesTable, limits: SeriesLimits) {
    this.#table = table
    this.#limits = limits
  }

  // The label fields of a TimeSeries. A text says what is wrong with the series.
  of(id: number): Uint8Array | string {
    const known = this.#kept[id]
    if (known !== undefined) return known
    const series = this.#table.get(id)
    const made = flawOf(series, this.#limits) ?? labelFields(series)
    this.#keptBytes += made.length
    if (this.#keptBytes > keptBytesMax) {
      this.#kept = []
      this.#keptBytes = made.length
    }
    this.#kept[id] = made
    return made
  }
}

function flawOf({ labels }: Series, { labels: labelsMax, valueBytes }: SeriesLimits): string | undefined {
  const names = Object.keys(labels)
  if (names.length + 1 > labelsMax) {
    return `found ${names.length + 1} labels with the name, wanted at most ${labelsMax}`
  }
  const long = names.find(name => Buffer.byteLength(labels[name]!) > valueBytes)
  if (long === undefined) return undefined
  const found = Buffer.byteLength(labels[long]!)
  return `label ${JSON.stringify(long)}: found ${found} bytes, wanted at most ${valueBytes}`
}

// Sorted by the bytes of the names, as the protocol demands.
function labelFields({ name, labels }: Series): Uint8Array {
  const pairs = [[metricName, name], ...Object.entries(labels)].map(
    ([label, value]) => [Buffer.from(label!), Buffer.from(value!)] as const,
  )
  const sorted = pairs.sort(([a], [b]) => Buffer.compare(a, b))
  return Buffer.concat(
    sorted.map(([label, value]) => field(1, Buffer.concat([field(1, label), field(2, value)]))),
  )
}

const field = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.from([number * 8 + 2, ...varint(bytes.length)]), bytes])

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return [...bytes, rest]
}
