// From a packed body to an acknowledgement: unpack, decode, cut, publish, in this order and for every format.
// Called by the routes of this folder. What may be answered before publish() has resolved: nothing.
import { type Batch, cutByPartition, type NoteRow, type RowBuffer, type Rows } from '#core/batch.ts'
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import { errors, Failure } from '#core/errors.ts'
import { type Budget, openBudget } from '#core/http/budget.ts'
import { BatchReader } from '#core/line-protocol/batch-reader.ts'
import { textBytes } from '#core/line-protocol/batch-text.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import { GatheredLines } from './gathered-lines.ts'
import { RowPool } from './row-pool.ts'
import type { SeriesAllowance } from './series-allowance.ts'
import type { Tally } from './tally.ts'
import { behindMark, type Packing, unpack } from './unpack.ts'

export type Format = 'line' | 'remote_write' | 'otlp'

// What a decoder fills. Rows without a time of their own get receivedAtMs. `lines` gathers good lines as they were
// written, where they came as lines and the bus carries text.
export type Into = Readonly<{
  receivedAtMs: number
  rows: RowBuffer
  notes: NoteRow[]
  lines?: GatheredLines | undefined
}>

// The rows as they came, and cut into partitions.
type Room = Readonly<{ into: Into; parts: RowBuffer }>

export type Parcel = Readonly<{
  format: Format
  packing: Packing
  body: Uint8Array
  // Who sends: the owner of its series and of the partition of those that name no host.
  source: string
  decode(body: Uint8Array, into: Into): Tally
  // all: one bad sample refuses the batch; good: the good ones are kept, a batch without any is refused;
  // any: the answer itself says how many were refused.
  wanted: 'all' | 'good' | 'any'
}>

export type IntakeOptions = Readonly<{
  table: SeriesTable
  allowance: SeriesAllowance
  bus: Bus
  clock: Clock
  own: OwnMetrics
  log: Log
  bodyBytes: number
}>

// Beside its text a body has its rows, in the order of arrival and cut into partitions: twice the text for ordinary
// lines, seven times for the shortest. Where text is carried on, it is there three times in place of the cut rows,
// and the shortest lines have grown by their time.
const bodyCosts = { rows: 8, text: 14 } as const
// Rows that came in another format may become so many times the largest body as text: each one repeats its labels.
const textTimes = 4

export class Intake {
  readonly #options: IntakeOptions
  readonly #pool = new RowPool()
  readonly #budget: Budget
  readonly #bodyCost: number
  readonly #lines: GatheredLines | undefined
  readonly #reader: BatchReader

  constructor(options: IntakeOptions) {
    this.#options = options
    const bodyCost = bodyCosts[options.bus.carries]
    this.#bodyCost = bodyCost
    this.#lines = options.bus.carries === 'text' ? new GatheredLines(options.table) : undefined
    this.#reader = new BatchReader(options.table)
    // One body of the largest size always fits, and half of another; what comes beyond that is asked to wait.
    this.#budget = openBudget(1.5 * bodyCost * options.bodyBytes)
    options.own.gauge('plimsoll_gateway_in_flight_bytes').read(() => this.#budget.bytes / bodyCost)
  }

  // Resolves when every sample that was taken is safe. Rejects with a Failure that says whether to send again.
  async take(parcel: Parcel): Promise<Tally> {
    const requests = this.#options.own.counter('plimsoll_gateway_requests_total')
    const { format } = parcel
    try {
      const tally = await this.#take(parcel)
      requests.inc(1, { format, outcome: tally.refused === 0 ? 'stored' : 'partial' })
      return tally
    } catch (cause) {
      requests.inc(1, { format, outcome: mayWorkLater(cause) ? 'later' : 'refused' })
      throw cause
    }
  }

  async #take(parcel: Parcel): Promise<Tally> {
    const { clock, own } = this.#options
    const receivedAtMs = clock.nowMs()
    const unpacked = await this.#unpack(parcel)
    const body = parcel.format === 'line' ? behindMark(unpacked) : unpacked
    own.counter('plimsoll_gateway_unpacked_bytes_total').inc(body.length, { format: parcel.format })
    const [rows, parts] = [this.#pool.take(), this.#pool.take()]
    const release = this.#budget.take(this.#bodyCost * body.length)
    try {
      const tally = await this.#deliver(parcel, body, { into: { receivedAtMs, rows, notes: [] }, parts })
      // After a failure one of several readers may still be reading, so only a success gives the rows back.
      this.#pool.give(parts)
      this.#pool.give(rows)
      return tally
    } finally {
      release()
    }
  }

  // What it unpacks to is not known before; text packs to about a tenth.
  async #unpack({ body, packing }: Parcel): Promise<Uint8Array> {
    const { bodyBytes } = this.#options
    const guess = packing === 'identity' ? body.length : body.length * 10
    const release = this.#budget.take(this.#bodyCost * Math.min(guess, bodyBytes))
    try {
      return await unpack(body, packing, bodyBytes)
    } finally {
      release()
    }
  }

  async #deliver(parcel: Parcel, body: Uint8Array, room: Room): Promise<Tally> {
    const { format, source } = parcel
    const lines = format === 'line' ? this.#lines : undefined
    // A body before this one may have been refused when its lines were gathered already.
    lines?.clear()
    lines?.enter(body, source)
    this.#options.allowance.enter(source, this.#options.clock.monotonicMs())
    const tally = parcel.decode(body, { ...room.into, lines })
    if (tally.refused > 0 && (parcel.wanted === 'all' || (parcel.wanted === 'good' && tally.taken === 0))) {
      tally.takeBack()
      this.#tellRefused(parcel, tally)
      throw new Failure('bad_request', tally.first)
    }
    try {
      await (lines === undefined ? this.#publishRows(source, room) : this.#publishLines(lines, room))
    } catch (cause) {
      tally.takeBack()
      throw cause
    }
    this.#options.own.counter('plimsoll_gateway_values_total').inc(tally.taken, { format })
    this.#tellRefused(parcel, tally)
    return tally
  }

  async #publishRows(source: string, { into, parts }: Room): Promise<void> {
    const { bus, table } = this.#options
    const rows = into.rows.rows()
    const release = bus.carries === 'text' ? this.#chargeText(rows) : undefined
    try {
      await this.#publish(cutByPartition({ ...into, source, rows }, table, parts))
    } finally {
      release?.()
    }
  }

  #publishLines(lines: GatheredLines, { into: { receivedAtMs } }: Room): Promise<void> {
    const texts = lines.take()
    return this.#publish(
      texts.map(({ partition, text }) => this.#reader.read(text, { receivedAtMs, partition })),
    )
  }

  async #publish(batches: readonly Batch[]): Promise<void> {
    try {
      if (batches.length > 0) await this.#options.bus.publish('samples', batches)
    } catch (cause) {
      throw later(cause)
    }
  }

  // The bus is about to write these rows as text.
  #chargeText(rows: Rows): () => void {
    const { table, bodyBytes } = this.#options
    const bytes = textBytes(rows, table)
    const most = textTimes * bodyBytes
    if (bytes <= most) return this.#budget.take(bytes)
    throw new Failure('too_large', `as lines these samples take ${bytes} bytes, wanted at most ${most}`)
  }

  // Once the answer is final: what is sent again is counted then. An answer of 204 tells no more than their number, and
  // senders do not look at it, so the log says which and why.
  #tellRefused({ format, source }: Parcel, { byReason, first }: Tally): void {
    const [code] = byReason.keys()
    if (code === undefined) return
    const { own, log } = this.#options
    const rejected = own.counter('plimsoll_gateway_rejected_total')
    let samples = 0
    for (const [reason, count] of byReason) {
      rejected.inc(count, { format, reason })
      samples += count
    }
    log.warn('gateway', 'samples were refused', { code, format, sender: source, samples, first })
  }
}

// Whatever keeps a batch from being stored, the samples were good: sending them again may work.
function later(cause: unknown): Failure {
  if (mayWorkLater(cause)) return cause
  // Of a fault of ours only what it is: where it happened is for the log.
  const [why = ''] = String(cause instanceof Error ? cause.message : cause).split('\n')
  return new Failure('not_stored', why, { cause })
}

const mayWorkLater = (cause: unknown): cause is Failure =>
  cause instanceof Failure && errors[cause.code].status === 503
