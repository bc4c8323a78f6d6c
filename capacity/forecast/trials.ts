// Many lines tried in threads, a handful at a time: each thread has at most two handfuls, so that stopping stops soon and
// nothing piles up. The threads live as long as the call: forecasts are made monthly or when somebody asks, and starting
// takes a tenth of a second. Called by forecaster.ts.
import { Worker } from 'node:worker_threads'
import { Failure } from '#core/errors.ts'
import { threadRoom } from '#core/thread-room.ts'
import type { LineTried, LineWanted } from './trial.ts'

export type Asked = Readonly<{ first: number; lines: readonly LineWanted[] }>
export type Answer = Readonly<{ tried: LineTried }> | Readonly<{ error: string }>
export type Answered = Readonly<{ first: number; lines: readonly Answer[] }>

type Trials = Readonly<{
  workers: number
  signal: AbortSignal | undefined
  onDone: (lines: number) => void
}>

const handful = 8
const atOnce = 2

// In the order of the lines.
export async function tryLines(
  lines: readonly LineWanted[],
  { workers, signal, onDone }: Trials,
): Promise<Answer[]> {
  signal?.throwIfAborted()
  if (lines.length === 0) return []
  const answers: Answer[] = new Array(lines.length)
  const threads = Array.from({ length: Math.min(workers, Math.ceil(lines.length / handful)) }, startThread)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let [next, done] = [0, 0]
  const hand = (thread: Worker): void => {
    if (next >= lines.length) return
    const asked: Asked = { first: next, lines: lines.slice(next, next + handful) }
    next += asked.lines.length
    thread.postMessage(asked)
  }
  const stop = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', stop)
  for (const thread of threads) {
    thread.on('error', error => reject(ended(error.message, error)))
    thread.on('exit', code => reject(ended(`its code was ${code}`)))
    thread.on('message', ({ first, lines: part }: Answered) => {
      for (const [at, answer] of part.entries()) answers[first + at] = answer
      done += part.length
      onDone(part.length)
      if (done === lines.length) resolve()
      hand(thread)
    })
    for (let each = 0; each < atOnce; each++) hand(thread)
  }
  try {
    await promise
    return answers
  } finally {
    signal?.removeEventListener('abort', stop)
    await Promise.all(threads.map(thread => thread.terminate()))
  }
}

// Not a bug of whoever asked: mostly there was no memory, and next time there may be.
const ended = (why: string, cause?: Error): Failure =>
  new Failure('forecast_failed', `a thread of the forecasts ended: ${why}`, { cause })

const startThread = (): Worker =>
  new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'plimsoll-forecast',
    resourceLimits: threadRoom,
  })
