// From a packed body to an acknowledgement: unpack, decode, cut, publish, in this order and for every format.
// Called by the routes of this folder. What may be answered before publish() has resolved: nothing.
import { cutByPartition, type NoteRow, type RowBuffer } from '#core/batch.ts'
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import { errors, Failure } from '#core/errors.ts'
import { type Budget, openBudget } from '#core/http/budget.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import { RowPool } from './row-pool.ts'
import type { SeriesAllowance } from './series-allowance.ts'
import type { Tally } from './tally.ts'
import { type Packing, unpack } from './unpack.ts'

export type Format = 'line' | 'remote_write' | 'otlp'

// What a decoder fills. Rows without a time of their own get receivedAtMs.
export type Into = Readonly<{ receivedAtMs: number; rows: RowBuffer; notes: NoteRow[] }>

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
  bodyBytes: number
}>

// Beside its text a body has its rows, in the order of arrival and cut into partitions: twice the text for ordinary
// lines, seven times for the shortest.
const bodyCost = 8

export class Intake {
  readonly #options: IntakeOptions
  readonly #pool = new RowPool()
  readonly #budget: Budget

  constructor(options: IntakeOptions) {
    this.#options = options
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
    const body = await this.#unpack(parcel)
    own.counter('plimsoll_gateway_unpacked_bytes_total').inc(body.length, { format: parcel.format })
    const [rows, parts] = [this.#pool.take(), this.#pool.take()]
    const release = this.#budget.take(bodyCost * body.length)
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
    const release = this.#budget.take(bodyCost * Math.min(guess, bodyBytes))
    try {
      return await unpack(body, packing, bodyBytes)
    } finally {
      release()
    }
  }

  async #deliver(parcel: Parcel, body: Uint8Array, { into, parts }: Room): Promise<Tally> {
    const { allowance, bus, own, table } = this.#options
    const { format, source } = parcel
    allowance.enter(source)
    const tally = parcel.decode(body, into)
    if (tally.refused > 0 && (parcel.wanted === 'all' || (parcel.wanted === 'good' && tally.taken === 0))) {
      tally.takeBack()
      this.#countRefused(format, tally)
      throw new Failure('bad_request', tally.first)
    }
    const batches = cutByPartition({ ...into, source, rows: into.rows.rows() }, table, parts)
    try {
      if (batches.length > 0) await bus.publish('samples', batches)
    } catch (cause) {
      tally.takeBack()
      throw later(cause)
    }
    own.counter('plimsoll_gateway_values_total').inc(tally.taken, { format })
    this.#countRefused(format, tally)
    return tally
  }

  // Once the answer is final: what is sent again is counted then.
  #countRefused(format: Format, { byReason }: Tally): void {
    const rejected = this.#options.own.counter('plimsoll_gateway_rejected_total')
    for (const [reason, count] of byReason) rejected.inc(count, { format, reason })
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
