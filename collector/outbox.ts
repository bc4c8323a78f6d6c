// What the agent has gathered, until the bus has taken it: batched, handed on, and tried again when refused.
// Called by agent.ts.
import { type Batch, cutByPartition, type NoteRow, RowBuffer } from '#core/batch.ts'
import type { Bus } from '#core/bus.ts'
import type { Clock, Timer } from '#core/clock.ts'
import { errors, Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import { type Chunk, chunkOf, openWaiting, sizeOf, type Waiting } from './waiting.ts'

export type Outbox = Readonly<{
  row(series: number, tMs: number, value: number): void
  note(note: NoteRow): void
  // Hands on what there is, once; what is not taken then is lost and counted.
  close(): Promise<void>
}>

export type OutboxOptions = Readonly<{
  bus: Bus
  table: SeriesTable
  clock: Clock
  own: OwnMetrics
  log: Log
  // Owner of series that name neither host nor instance.
  source: string
  // 20 bytes each.
  waitingMax?: number
}>

type Lose = (count: number, reason: 'buffer_full' | 'refused' | 'stopped') => void

// The inputs that tick together end within milliseconds of each other: one commit for all of them.
const gatherForMs = 100
const chunksAtOnce = 64
const pauseMs = { first: 1_000, longest: 30_000 }

export function openOutbox(options: OutboxOptions): Outbox {
  const { clock, own, log, waitingMax = 500_000 } = options
  const dropped = own.counter('plimsoll_agent_dropped_total')
  const lose: Lose = (count, reason) => dropped.inc(count, { reason })
  const waiting = openWaiting(waitingMax, size => lose(size, 'buffer_full'))
  const publish = openPublish(options)
  const open = new RowBuffer()
  const closing = new AbortController()
  let notes: NoteRow[] = []
  let timer: Timer | undefined
  let sending: Promise<void> | undefined
  own.gauge('plimsoll_agent_waiting').read(() => waiting.size() + open.length + notes.length)

  function mayPut(): boolean {
    if (closing.signal.aborted) lose(1, 'stopped')
    else if (open.length + notes.length >= waitingMax) lose(1, 'buffer_full')
    else return true
    return false
  }

  function flush(): void {
    timer?.cancel()
    timer = undefined
    if (open.length + notes.length === 0) return
    waiting.add(chunkOf(open, notes, clock.nowMs()))
    open.length = 0
    notes = []
    if (closing.signal.aborted) return
    sending ??= send({ waiting, publish, lose, clock, log }, closing.signal).finally(() => {
      sending = undefined
    })
  }

  return {
    row(series, tMs, value) {
      if (!mayPut()) return
      open.push(series, tMs, value)
      timer ??= clock.after(gatherForMs, flush)
    },
    note(note) {
      if (!mayPut()) return
      notes.push(note)
      timer ??= clock.after(gatherForMs, flush)
    },
    async close() {
      closing.abort()
      flush()
      await sending
      const rest = waiting.take(Number.POSITIVE_INFINITY)
      if (rest.length === 0) return
      const samples = sizeOf(rest)
      await publish(rest).catch(error => {
        lose(samples, 'stopped')
        log.warn('agent', 'the last samples were not taken and are lost', { samples, error })
      })
    },
  }
}

type Publish = (chunks: readonly Chunk[]) => Promise<void>

function openPublish({ bus, table, source }: OutboxOptions): Publish {
  const batches = (chunk: Chunk): Batch[] => cutByPartition({ source, ...chunk }, table)
  return chunks => bus.publish('samples', chunks.flatMap(batches))
}

type Sending = Readonly<{ waiting: Waiting; publish: Publish; lose: Lose; clock: Clock; log: Log }>

// Until nothing waits any more, or the agent stops.
async function send({ waiting, publish, lose, clock, log }: Sending, closing: AbortSignal): Promise<void> {
  let refusals = 0
  while (waiting.size() > 0 && !closing.aborted) {
    const chunks = waiting.take(chunksAtOnce)
    try {
      await publish(chunks)
      if (refusals > 0) log.info('agent', 'samples are taken again', { refusals })
      refusals = 0
    } catch (error) {
      if (isFinal(error)) {
        lose(sizeOf(chunks), 'refused')
        log.error('agent', 'samples were refused for good and are lost', { error })
        continue
      }
      waiting.giveBack(chunks)
      refusals += 1
      if (refusals === 1) log.warn('agent', 'samples are not taken; they wait in memory', { error })
      const pause = Math.min(pauseMs.longest, pauseMs.first * 2 ** (refusals - 1))
      await clock.sleep(pause, closing).catch(() => {})
    }
  }
}

// What the bus calls our mistake does not become right by sending it again.
const isFinal = (error: unknown): boolean => error instanceof Failure && errors[error.code].status < 500
