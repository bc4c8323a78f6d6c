// Asks Prometheus' API what pools used and what there was, a day at a time: as far back as it keeps samples, within its
// limits, and again where it says later. Called by the command `capacity import`.
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { shown } from '#core/shown.ts'
import { placeOf } from '#core/store/place-of.ts'
import { MatrixReader } from '#core/store/prometheus/matrix.ts'
import { type Answer, failureOf, Wire } from '#core/store/prometheus/wire.ts'
import { dayStartMs } from '../days.ts'
import { partOf } from '../history/measured.ts'
import type { Pool } from '../pool.ts'
import { Bins, type ImportedLine } from './bins.ts'
import { type Question, questionsOf } from './questions.ts'
import { slotMs } from './slots.ts'
import type { Source } from './source-url.ts'

export type PrometheusAsked = Readonly<{
  source: Source
  pools: readonly Pool[]
  zone: string
  // Both belong to it.
  fromDay: number
  toDay: number
  clock: Clock
  signal?: AbortSignal | undefined
  // Days that are there whole already.
  isKnown(question: Question, day: number): boolean
  // Each day is handed over before the next is asked for, so that an import that ended goes on where it did.
  onDay(lines: readonly ImportedLine[], progress: Progress): Promise<void>
}>

export type Progress = Readonly<{ day: number; done: number; of: number; skipped: number }>

export type PrometheusResult = Readonly<{ asked: number; skipped: number }>

const triesMax = 6
const deadlineMs = 120_000
const firstWaitMs = 1_000
// Questions under way at once: a database in use has other work.
const together = 3
const samplesMax = 5_000_000

export async function importFromPrometheus(asked: PrometheusAsked): Promise<PrometheusResult> {
  const { source, pools, fromDay, toDay, clock } = asked
  const questions = pools.flatMap(questionsOf)
  const wire = new Wire(source, clock)
  const of = questions.length * (toDay - fromDay + 1)
  const result = { asked: 0, skipped: 0 }
  try {
    for (let day = fromDay; day <= toDay; day++) {
      const wanted = questions.filter(question => !asked.isKnown(question, day))
      result.skipped += questions.length - wanted.length
      const bins = new Bins({ zone: asked.zone })
      await inTurn(wanted, async question => {
        await askDay({ ...asked, wire, question, day, bins })
        result.asked++
      })
      const { skipped } = result
      await asked.onDay(bins.close(), { day, done: result.asked + skipped, of, skipped })
    }
    return result
  } finally {
    wire.close()
  }
}

type Piece = PrometheusAsked & Readonly<{ wire: Wire; question: Question; day: number; bins: Bins }>

async function askDay({ source, zone, clock, signal, wire, question, day, bins }: Piece): Promise<void> {
  const [startMs, endMs] = [dayStartMs(zone, day), dayStartMs(zone, day + 1)]
  const fromMs = Math.ceil(startMs / slotMs) * slotMs
  const form = new URLSearchParams({
    query: question.text,
    start: String(fromMs / 1_000),
    end: String((endMs - 1) / 1_000),
    step: String(slotMs / 1_000),
  })
  const reader = (): MatrixReader =>
    new MatrixReader({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, samplesMax, isWanted: () => true })
  const found = await patiently({ clock, signal, source, path: '/api/v1/query_range' }, () => {
    const matrix = reader()
    const url = `${source.url}/api/v1/query_range`
    const call = { method: 'POST', url, headers, body: form.toString(), signal } as const
    return wire.call(call, deadlineMs, async body => {
      for await (const chunk of await plain(body)) matrix.push(chunk)
      return matrix.end()
    })
  })
  for (const { series, tMs, values } of found) {
    const { pool, resource, track, factor, by } = question
    // As the recorder has it: without any label of `by`, a series counts for the whole only.
    const own = {
      part: partOf(series.labels, by),
      source: JSON.stringify(series),
      unlabelled: 'rest',
    } as const
    const put = bins.target({ pool, resource, track, ...own })
    for (let at = 0; at < tMs.length; at++) {
      const value = values[at]! * factor
      if (Number.isFinite(value)) put.value(tMs[at]!, value)
    }
  }
}

const headers = {
  'content-type': 'application/x-www-form-urlencoded',
  accept: 'application/json',
  'accept-encoding': 'gzip',
}

// Whoever does not pack does not say so in its first bytes.
async function plain(body: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = body[Symbol.asyncIterator]()
  const first = await iterator.next()
  async function* all(): AsyncGenerator<Uint8Array> {
    if (!first.done) yield first.value
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  const isPacked = !first.done && first.value[0] === 0x1f && first.value[1] === 0x8b
  return isPacked ? pipeline(all(), createGunzip(), () => {}) : all()
}

type Patience = Pick<PrometheusAsked, 'clock' | 'signal' | 'source'> & Readonly<{ path: string }>

// What may be better later is asked again, after as long as the answer says.
async function patiently<T>(
  { clock, signal, source, path }: Patience,
  ask: () => Promise<Answer<T>>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    const answer = await ask().catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'store_unavailable') return error
      throw error
    })
    if (!(answer instanceof Failure) && answer.ok) return answer.value
    const failure = answer instanceof Failure ? answer : failureOf(source.url + path, answer)
    if (failure === undefined && !(answer instanceof Failure) && !answer.ok) {
      throw new Failure('bad_import', `${placeOf(source.url)} says: ${shown(answer.text)}`)
    }
    if (failure?.code !== 'store_unavailable' || tried === triesMax) {
      throw new Failure('bad_import', shown(failure?.detail ?? 'no answer'), { cause: failure })
    }
    await clock.sleep(failure.retryAfterMs ?? firstWaitMs * 2 ** (tried - 1), signal)
  }
}

async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const one = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: together }, one))
}
