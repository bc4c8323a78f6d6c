// How a reader is told that nobody waits for it any more: a word of memory that both threads see, as the message queue
// of a busy thread is read too late. Set by ../embedded.ts, looked at by read.ts and present.ts.
import { Failure } from '../../errors.ts'

export type Stop = Readonly<{ stop?: Int32Array }>

export const isStopped = ({ stop }: Stop): boolean => stop !== undefined && Atomics.load(stop, 0) === 1

// What the reader throws; nobody hears it.
export const stopped = (): Failure => new Failure('stopping', 'nobody waits for this answer')

// The caller hears of the end at once, whatever the other thread is doing.
export async function stoppable<T>(work: (stop: Stop) => Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return work({})
  signal.throwIfAborted()
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const { promise, reject } = Promise.withResolvers<never>()
  const end = (): void => {
    Atomics.store(stop, 0, 1)
    reject(signal.reason)
  }
  signal.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([work({ stop }), promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}
