// Who is answered when: some questions at once, the others wait in order, and each has to be done in its time or ends.
// Also ends the work when the caller has gone. A turn lasts until the answer has left, for so long it holds memory;
// whoever takes nothing of a large one loses it to those who wait.
// Opened by query-routes.ts.
import { Readable } from 'node:stream'
import type { Clock, Timer } from '#core/clock.ts'
import { type ErrorCode, Failure } from '#core/errors.ts'
import { answerOf, type Pieces } from '#core/http/pieces.ts'
import type { Answer } from '#core/http/route.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'

export type DeskOptions = Readonly<{
  concurrent: number
  timeMs: number
  clock: Clock
  own?: OwnMetrics | undefined
  log?: Log | undefined
}>

export type Asked = Readonly<{
  // Ends when the caller has gone away.
  signal: AbortSignal
  // As long as the caller is willing to wait, if that is shorter than the limit.
  timeMs?: number | undefined
  // For the log, where it ends without an answer.
  question?: string
  who?: string
  // What the caller says by Accept-Encoding.
  encodings?: string | undefined
}>

// The signal ends when the caller has gone, and when the time is over.
export type Work = (signal: AbortSignal) => Promise<Pieces>

// Of a question in the log: enough to find who asks it.
const shownChars = 500

// So long a caller may take nothing of its answer while others wait: a piece of it is 64 KiB.
const idleMs = 10_000

// More would wait longer than any of them is willing to.
const waitingMax = 1_000

export class Desk {
  readonly #options: DeskOptions
  // Each gets the next free turn.
  readonly #waiting = new Set<() => void>()
  #busy = 0

  constructor(options: DeskOptions) {
    this.#options = options
  }

  get busy(): number {
    return this.#busy
  }

  get waiting(): number {
    return this.#waiting.size
  }

  async serve(asked: Asked, work: Work): Promise<Answer> {
    const { clock } = this.#options
    const { signal, encodings, timeMs = Number.POSITIVE_INFINITY } = asked
    const limitMs = Math.min(this.#options.timeMs, timeMs)
    const end = new AbortController()
    const gone = (): void => end.abort(new Failure('query_canceled', 'the caller has gone away'))
    const late = (): void =>
      end.abort(new Failure('query_timeout', `in expression evaluation: ${lateText(limitMs)}`))
    if (signal.aborted) gone()
    else signal.addEventListener('abort', gone, { once: true })
    // Whoever has no time must not hope to be faster than a timer.
    if (limitMs <= 0) late()
    const timer = clock.after(limitMs, late)
    let leave: (() => void) | undefined
    try {
      const turn = await this.#turn(end.signal, limitMs)
      const taken = { pieces: 0, hasLeft: false }
      leave = () => {
        taken.hasLeft = true
        turn()
      }
      const answer = answerOf(counted(await work(end.signal), taken), { signal, leave, encodings })
      if (answer.body instanceof Readable) {
        // A stream leaves when it has been taken.
        leave = undefined
        this.#watch(answer.body, taken, asked)
      }
      return answer
    } catch (error) {
      this.#note(error, asked, leave === undefined)
      throw error
    } finally {
      timer.cancel()
      signal.removeEventListener('abort', gone)
      leave?.()
    }
  }

  #watch(body: Readable, taken: Taken, { question = '', who = '' }: Asked): void {
    const { clock, own, log } = this.#options
    let seen = taken.pieces
    let timer: Timer
    const look = (): void => {
      if (taken.hasLeft) return
      if (taken.pieces > seen || this.#waiting.size === 0) {
        seen = taken.pieces
        timer = clock.after(idleMs, look)
        return
      }
      own?.counter('plimsoll_query_ended_total').inc(1, { because: 'idle' })
      const what = 'an answer was given up: its caller took nothing of it while others waited'
      log?.warn('query', what, { code: 'query_canceled', who, question: question.slice(0, shownChars) })
      body.destroy()
    }
    timer = clock.after(idleMs, look)
    body.once('close', () => timer.cancel())
  }

  #note(error: unknown, { question = '', who = '' }: Asked, hasWaited: boolean): void {
    if (!(error instanceof Failure)) return
    const because = reasonOf(error.code)
    if (because === undefined) return
    const { own, log } = this.#options
    own?.counter('plimsoll_query_ended_total').inc(1, { because })
    if (because === 'gone') return
    const { code, detail } = error
    const short = (text: string): string => text.slice(0, shownChars)
    // Whoever waits in vain is seldom the one who takes so long.
    const what = hasWaited ? 'a question waited in vain' : 'a question ended without an answer'
    log?.warn('query', what, { code, detail: short(detail), who, question: short(question) })
  }

  async #turn(signal: AbortSignal, limitMs: number): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#busy >= this.#options.concurrent) await this.#wait(signal, limitMs)
    else this.#busy++
    let hasLeft = false
    return () => {
      if (hasLeft) return
      hasLeft = true
      const [next] = this.#waiting
      if (next === undefined) this.#busy--
      else next()
    }
  }

  // Whoever leaves hands his turn over, so that nobody gets in between.
  #wait(signal: AbortSignal, limitMs: number): Promise<void> {
    const ahead = this.#waiting.size
    if (ahead >= waitingMax) {
      throw new Failure('overloaded', `${ahead} questions wait already; ask again in a moment`)
    }
    return new Promise((resolve, reject) => {
      const take = (): void => {
        this.#waiting.delete(take)
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        this.#waiting.delete(take)
        const isLate = (signal.reason as Failure).code === 'query_timeout'
        const what = `in query queue: ${lateText(limitMs)}, with ${ahead} ahead of it in line`
        reject(isLate ? new Failure('query_timeout', what) : signal.reason)
      }
      this.#waiting.add(take)
      signal.addEventListener('abort', giveUp, { once: true })
    })
  }
}

// How much of an answer has been made, which is not done ahead of its caller, and whether it has given its turn back: a
// packed one has when its last piece is in the packer, and costs nobody anything from then on.
type Taken = { pieces: number; hasLeft: boolean }

function* counted(pieces: Pieces, taken: Taken): Pieces {
  for (const piece of pieces) {
    taken.pieces++
    yield piece
  }
}

const reasons: Partial<Record<ErrorCode, string>> = {
  too_many_samples: 'samples',
  query_timeout: 'time',
  overloaded: 'queue',
  query_canceled: 'gone',
}

const reasonOf = (code: ErrorCode): string | undefined =>
  reasons[code] ?? (code.startsWith('store_') ? 'store' : undefined)

const lateText = (limitMs: number): string => `not answered within ${limitMs / 1_000} s`
