// Waits for a signal. Called by works that go on until their lease is lost, and by whoever waits no longer than that.
import { Failure } from './errors.ts'

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

// Rejects when the signal comes first; the work goes on alone.
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  const givenUp = aborted(signal).then(() => {
    throw new Failure('stopping', 'it was given up')
  })
  return Promise.race([work, givenUp])
}
