// What happens to the records that were fetched from one partition, in order: those that cannot be read go to the dead
// letters, the others to the handler, which is called again for as long as it fails, and then the position is kept.
// Called by reader.ts for each fetched batch.
import type { Handler, Topic, Topics } from '../../bus.ts'
import type { Clock } from '../../clock.ts'
import type { DeadLetter } from '../../dead-letter.ts'
import { Failure } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Stand } from './own-positions.ts'
import { type Codec, type Incoming, unpackTrouble } from './records.ts'
import type { Session } from './session.ts'

export type Fetched = Readonly<{ partition: number; next: number; messages: readonly Incoming[] }>

export type TurnParts<T extends Topic> = Readonly<{
  name: string
  codec: Codec<Topics[T]>
  handler: Handler<T>
  clock: Clock
  log: Log
  // Where records go that cannot be read; resolves when they are safe.
  bury(letters: readonly DeadLetter[]): Promise<void>
  // Keeps the position with the group: records before `next` are dealt with.
  keep(session: Session, partition: number, next: number): Promise<void>
  onRetry(): void
}>

const firstPauseMs = 250
const lastPauseMs = 15_000
const letterBytesMax = 4_096

// How long a handler may go on when the partitions are asked back. The group waits for us for a minute.
export const farewellMs = 45_000

// `left`: the session ended before, or the position moved; so the records are for whoever owns the partition next, or
// for nobody.
export type TurnEnd = 'done' | 'left'

type Insisted = Readonly<{ session: Session; partition: number; moved: AbortSignal | undefined }>

type Read<T extends Topic> = Readonly<{ records: Topics[T][]; offsets: number[]; letters: DeadLetter[] }>

// The calls for one partition, also from one session to the next: never two at once.
export class Turns<T extends Topic> {
  readonly #parts: TurnParts<T>
  readonly #busy = new Map<number, Promise<unknown>>()

  constructor(parts: TurnParts<T>) {
    this.#parts = parts
  }

  // `stand` is of a reader that keeps its own positions.
  async take(fetched: Fetched, session: Session, stand?: Stand): Promise<TurnEnd> {
    const before = this.#busy.get(fetched.partition)
    if (before !== undefined && !(await endsFirst(before, session.over))) return 'left'
    const read = this.#read(fetched)
    const { partition, next } = fetched
    const dealt = this.#insist({ session, partition, moved: stand?.moved }, async () => {
      if (read.letters.length > 0) await this.#parts.bury(read.letters)
      read.letters.length = 0
      const place = { partition, offsets: read.offsets, next }
      // Who keeps his own position hears also of what he cannot read, or he would wait for it.
      if (read.records.length > 0 || stand !== undefined) await this.#parts.handler(read.records, place)
      stand?.move(next)
    })
    if ((await dealt) === 'left') return 'left'
    if (stand === undefined) await this.#parts.keep(session, partition, next)
    return 'done'
  }

  // Again and again, until it is done, the session is over or the position has moved.
  async #insist({ session, partition, moved }: Insisted, work: () => Promise<void>): Promise<TurnEnd> {
    const { clock, log, name, onRetry } = this.#parts
    const isOver = (): boolean => session.over.aborted || moved?.aborted === true
    for (let pauseMs = firstPauseMs; !isOver(); pauseMs = Math.min(pauseMs * 2, lastPauseMs)) {
      try {
        return await this.#within(session, partition, work())
      } catch (error) {
        onRetry()
        log.warn('bus', 'records could not be dealt with; they wait and are tried again', {
          code: name,
          partition,
          error,
        })
        const askedMs = error instanceof Failure ? (error.retryAfterMs ?? 0) : 0
        const enough = moved === undefined ? session.over : AbortSignal.any([session.over, moved])
        await clock.sleep(Math.max(pauseMs, askedMs), enough).catch(() => {})
      }
    }
    return 'left'
  }

  // When the session ends meanwhile, what is under way is finished; if that takes too long, it goes on alone.
  async #within(session: Session, partition: number, work: Promise<void>): Promise<TurnEnd> {
    const settled = work
      .catch(() => {})
      .finally(() => {
        if (this.#busy.get(partition) === settled) this.#busy.delete(partition)
      })
    this.#busy.set(partition, settled)
    if (await endsFirst(work, session.over)) return 'done'
    const late = Promise.withResolvers<TurnEnd>()
    const timer = this.#parts.clock.after(farewellMs, () => late.resolve('left'))
    try {
      return await Promise.race([work.then((): TurnEnd => 'done'), late.promise])
    } finally {
      timer.cancel()
    }
  }

  #read({ partition, messages }: Fetched): Read<T> {
    const records: Topics[T][] = []
    const offsets: number[] = []
    const letters: DeadLetter[] = []
    for (const message of messages) {
      const trouble = unpackTrouble(message)
      if (trouble === '') continue
      const reading =
        trouble === undefined ? this.#parts.codec.read(message, partition) : { unreadable: trouble }
      if ('record' in reading) {
        records.push(reading.record)
        offsets.push(Number(message.offset))
      } else letters.push(this.#letter(message, `${this.#parts.name}: ${reading.unreadable}`))
    }
    return { records, offsets, letters }
  }

  #letter({ value }: Incoming, reason: string): DeadLetter {
    const line = (value ?? Buffer.of()).subarray(0, letterBytesMax).toString()
    return { v: 1, atMs: this.#parts.clock.nowMs(), from: 'kafka', reason, line }
  }
}

// Whether the work succeeds before the signal comes; its failure is thrown.
async function endsFirst(work: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  const over = Promise.withResolvers<boolean>()
  const onAbort = (): void => over.resolve(false)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work.then(() => true), over.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
