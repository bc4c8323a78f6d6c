// How do the rows of one sheet become durable? In requests of a bounded size, one after the other; what the database
// refuses for good is found by halving and goes to the dead letters. One for each request under way; called by
// writer.ts.
import type { Rows } from '../../batch.ts'
import type { Clock } from '../../clock.ts'
import type { DeadLetter } from '../../dead-letter.ts'
import { Failure } from '../../errors.ts'
import { sampleLine, seriesPrefix, unfitSeries } from '../../line-protocol/encode.ts'
import type { Log } from '../../log.ts'
import type { Series } from '../../model.ts'
import type { OwnMetrics } from '../../own-metrics.ts'
import type { SeriesTable } from '../../series.ts'
import { sift } from '../poison.ts'
import type { LabelBytes } from './label-bytes.ts'
import type { Recent } from './recent.ts'
import { RequestBytes } from './request-bytes.ts'
import type { PrometheusSettings } from './settings.ts'
import type { Sheet } from './sheet.ts'
import { Snapper } from './snap.ts'
import { type Answer, failureOf, type Wire } from './wire.ts'

export type SenderParts = Readonly<{
  settings: PrometheusSettings
  wire: Wire
  table: SeriesTable
  labels: LabelBytes
  recent: Recent
  clock: Clock
  own: OwnMetrics
  log: Log
  deadLetters: (letters: readonly DeadLetter[]) => Promise<void>
}>

const samplesMax = 20_000
// Unpacked. Mimir and VictoriaMetrics take 32 MiB and more, others in front of them less.
const bytesMax = 4 * 1024 * 1024
const deadlineMs = 30_000
const lineMax = 4_096

type Refused = Readonly<{ at: number; reason: string }>

export class Sender {
  readonly #parts: SenderParts
  readonly #bytes: RequestBytes
  readonly #snapper = new Snapper()

  constructor(parts: SenderParts) {
    this.#parts = parts
    this.#bytes = new RequestBytes(parts.labels)
  }

  // Resolves when every row is stored or with the dead letters.
  async send({ rows, flawed }: Sheet): Promise<void> {
    const letters: DeadLetter[] = []
    const end = rows.series.length
    let from = 0
    while (from < end) {
      const to = this.#bytes.write(rows, from, Math.min(end, from + samplesMax), bytesMax)
      const reason = await this.#post()
      if (reason !== undefined) {
        const refused = await this.#refused(rows, { from, to, reason })
        letters.push(...refused.map(each => this.#letter(rows, each)))
      }
      from = to
    }
    for (let at = 0; at < flawed.rows.series.length; at++) {
      const reason = flawed.reasonOf(flawed.rows.series[at]!)
      letters.push(this.#letter(flawed.rows, { at, reason }))
    }
    if (letters.length > 0) await this.#bury(letters)
  }

  // Those of the rows that are refused whatever else is sent with them; the others are stored.
  async #refused(
    rows: Rows,
    { from, to, reason }: Readonly<{ from: number; to: number; reason: string }>,
  ): Promise<Refused[]> {
    // Something on the way that refuses whatever comes would empty the bus.
    await this.probe()
    const places = Array.from({ length: to - from }, (_, each) => from + each)
    const poisoned = await sift(places, { reason, othersStored: false }, async part => {
      this.#bytes.write(rows, part[0]!, part.at(-1)! + 1, Number.POSITIVE_INFINITY)
      const again = await this.#post()
      return again === undefined ? undefined : { reason: again, othersStored: false }
    })
    return poisoned.map(({ item, reason: why }) => ({ at: item, reason: why }))
  }

  // An empty request: whether writes would be taken.
  async probe(): Promise<void> {
    const reason = reasonOf(await this.#call(Uint8Array.of(0)), this.#parts.settings.write)
    if (reason !== undefined) throw new Failure('store_refused', reason)
  }

  // Why it was refused, if it was.
  async #post(): Promise<string | undefined> {
    const { recent, clock, settings } = this.#parts
    const raw = this.#bytes.bytes
    // A copy, because the buffer is packed into again before this one is forgotten.
    const body = this.#snapper.pack(raw, raw.length).slice()
    // A refusal there is of what was taken once.
    await recent.mended(clock, async sent => reasonOf(await this.#call(sent), settings.write))
    const answer = await this.#call(body)
    const reason = reasonOf(answer, settings.write)
    if (reason === undefined) recent.add(body, clock.monotonicMs())
    return reason
  }

  async #call(body: Uint8Array): Promise<Answer<unknown>> {
    const { wire, settings, recent, clock } = this.#parts
    const call = { method: 'POST', url: settings.write, headers, body } as const
    const answer = await wire.call(call, deadlineMs, drained)
    // Something before the database says that it has fallen. Whoever says when to come again has not.
    const isFallen = !answer.ok && answer.status >= 500 && answer.retryAfterMs === undefined
    if (isFallen) recent.broke(clock.monotonicMs())
    return answer
  }

  #letter({ series, tMs, values }: Rows, { at, reason }: Refused): DeadLetter {
    const { table, clock } = this.#parts
    const line = lineOf(table.get(series[at]!), tMs[at]!, values.subarray(at, at + 1))
    return { v: 1, atMs: clock.nowMs(), from: 'prometheus', reason, line }
  }

  async #bury(letters: readonly DeadLetter[]): Promise<void> {
    const { deadLetters, own, log } = this.#parts
    await deadLetters(letters)
    own.counter('plimsoll_store_dead_letters_total').inc(letters.length)
    const { reason, line } = letters[0]!
    log.warn('store', 'samples were refused for good', { samples: letters.length, reason, line })
  }
}

const headers = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
}

async function drained(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body);
}

function reasonOf(answer: Answer<unknown>, url: string): string | undefined {
  if (answer.ok) return undefined
  const failure = failureOf(url, answer)
  if (failure !== undefined) throw failure
  return `${answer.status}: ${answer.text}`
}

// As line protocol, which people can read and send again.
function lineOf(series: Series, tMs: number, value: Float64Array): string {
  const isFit = unfitSeries(series) === undefined
  const line = isFit
    ? sampleLine(seriesPrefix(series), tMs, value, 0).trimEnd()
    : JSON.stringify({ ...series, tMs, value: String(value[0]) })
  return line.length > lineMax ? `${line.slice(0, lineMax)}…` : line
}
