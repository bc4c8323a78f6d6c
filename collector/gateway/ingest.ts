// What foreign producers write straight to the bus (Telegraf's outputs.kafka): checked like a body by HTTP, stamped,
// cut into our partitions and published as samples. Lines that are none go to the dead letters. Opened by bin/
// beside the gateway's routes, where the bus carries text.
import { type NoteRow, RowBuffer } from '#core/batch.ts'
import type { Bus, Foreign, Subscription } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import type { DeadLetter } from '#core/dead-letter.ts'
import { BatchReader } from '#core/line-protocol/batch-reader.ts'
import { type Decoded, LineDecoder } from '#core/line-protocol/decode.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import type { GatewayLimits } from './gateway-routes.ts'
import { GatheredLines } from './gathered-lines.ts'
import { SeriesAllowance } from './series-allowance.ts'
import { noNewSeries, type Reason } from './tally.ts'
import { behindMark } from './unpack.ts'

export type IngestOptions = Readonly<{
  bus: Bus
  table: SeriesTable
  clock: Clock
  own: OwnMetrics
  log: Log
  limits: Pick<GatewayLimits, 'lineBytes' | 'tags' | 'seriesPerSource'>
}>

const format = 'ingest'
// Of a record without a key.
const nobody = 'ingest'
// So much text is checked and published at once: thousands of records of one line are one publish.
const portionBytes = 4 << 20
// Letters of one portion; a last one tells how many more there would have been.
const lettersMax = 1_000
// Told of a line on both sides of what is wrong.
const letterBytes = 1_000
// Rows are only counted here; what a very large record needed is not kept.
const keptRows = 1 << 17

export async function openIngest(options: IngestOptions): Promise<Subscription> {
  const ingest = new Ingest(options)
  return options.bus.subscribe('ingest', 'gateway', async records => {
    for (const portion of portionsOf(records)) await ingest.take(portion)
  })
}

// In order; each of at most portionBytes, but for a record that is larger alone.
export function portionsOf(records: readonly Foreign[]): Foreign[][] {
  const portions: Foreign[][] = []
  let bytes = 0
  for (const record of records) {
    const portion = portions.at(-1)
    if (portion === undefined || bytes + record.text.length > portionBytes) {
      portions.push([record])
      bytes = 0
    } else portion.push(record)
    bytes += record.text.length
  }
  return portions
}

// What one portion came to. `letters` are bounded, `bad` is their whole number, `badTimes` those for their time.
type Checked = {
  lines: number
  values: number
  bad: number
  badTimes: number
  refusedSeries: number
  letters: DeadLetter[]
}

class Ingest {
  readonly #options: IngestOptions
  readonly #allowance: SeriesAllowance
  readonly #decoder: LineDecoder
  readonly #lines: GatheredLines
  readonly #reader: BatchReader
  #rows = new RowBuffer()

  constructor(options: IngestOptions) {
    const { table, limits } = options
    this.#options = options
    this.#allowance = new SeriesAllowance(table, limits.seriesPerSource)
    this.#decoder = new LineDecoder(this.#allowance, limits)
    this.#lines = new GatheredLines(table)
    this.#reader = new BatchReader(table)
  }

  // Resolves when all of it is safe: as samples, or as dead letters.
  async take(records: readonly Foreign[]): Promise<void> {
    const { bus, clock, own } = this.#options
    const receivedAtMs = clock.nowMs()
    // All of this before the first await: calls for other partitions use the same decoder.
    const checked = this.#check(records, receivedAtMs)
    const batches = this.#lines
      .take()
      .map(({ partition, text }) => this.#reader.read(text, { receivedAtMs, partition }))
    try {
      if (batches.length > 0) await bus.publish('samples', batches)
      if (checked.letters.length > 0) await bus.publish('deadletter', checked.letters)
    } catch (cause) {
      own.counter('plimsoll_gateway_requests_total').inc(1, { format, outcome: 'later' })
      throw cause
    }
    this.#count(records, checked)
  }

  #check(records: readonly Foreign[], nowMs: number): Checked {
    const checked: Checked = { lines: 0, values: 0, bad: 0, badTimes: 0, refusedSeries: 0, letters: [] }
    this.#lines.clear()
    for (const record of records) {
      const decoded = this.#decode(record, lettersMax - checked.letters.length)
      checked.lines += decoded.lines
      checked.values += decoded.values
      checked.bad += decoded.rejected
      checked.badTimes += decoded.badTimes
      checked.refusedSeries += decoded.refusedSeries
      for (const { line, column, what, text } of decoded.errors) {
        const reason = `line ${line}, column ${column}: ${what}`
        checked.letters.push({ v: 1, atMs: nowMs, from: format, reason, line: text })
      }
    }
    const more = checked.bad - checked.letters.length
    if (more > 0)
      checked.letters.push({ v: 1, atMs: nowMs, from: format, reason: `${more} more lines`, line: '' })
    return checked
  }

  // A line without a time has the record's, so that a record that is given again makes the same samples. Very old
  // producers give theirs none: then it is ours, or their lines would all be judged from 1970.
  #decode({ key, atMs, text }: Foreign, errorsMax: number): Decoded {
    const source = key === '' ? nobody : key
    const lines = behindMark(text)
    this.#allowance.enter(source, this.#options.clock.monotonicMs())
    this.#lines.enter(lines, source)
    if (this.#rows.series.length > keptRows) this.#rows = new RowBuffer()
    this.#rows.length = 0
    const notes: NoteRow[] = []
    const options = {
      precision: 'ns',
      receivedAtMs: atMs > 0 ? atMs : this.#options.clock.nowMs(),
      lines: this.#lines,
      errorsMax,
      errorBytes: letterBytes,
    } as const
    return this.#decoder.decode(lines, options, this.#rows, notes)
  }

  #count(records: readonly Foreign[], checked: Checked): void {
    const { lines, values, bad, badTimes, refusedSeries, letters } = checked
    const { own, log } = this.#options
    const outcome = bad + refusedSeries === 0 ? 'stored' : values > 0 ? 'partial' : 'refused'
    const bytes = records.reduce((sum, { text }) => sum + text.length, 0)
    own.counter('plimsoll_gateway_requests_total').inc(1, { format, outcome })
    own.counter('plimsoll_gateway_unpacked_bytes_total').inc(bytes, { format })
    own.counter('plimsoll_gateway_lines_total').inc(lines)
    own.counter('plimsoll_gateway_values_total').inc(values, { format })
    const rejected = own.counter('plimsoll_gateway_rejected_total')
    const refuse = (reason: Reason, count: number): void => rejected.inc(count, { format, reason })
    refuse('malformed', bad - badTimes)
    refuse('bad_time', badTimes)
    refuse('series_limit', refusedSeries)
    if (bad + refusedSeries === 0) return
    // Nobody else can be told: the producer has its acknowledgement from the brokers.
    const first = letters[0]?.reason ?? noNewSeries
    log.warn('gateway', 'lines of the topic ingest were refused', {
      lines: bad,
      values: refusedSeries,
      first,
    })
  }
}
