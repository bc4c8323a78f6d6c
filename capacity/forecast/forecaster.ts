// The door of the mathematics: lines in, forecasts out. The mission's line is fitted at once in the calling thread, every
// other method in threads. Called by planning.ts, by the accuracy tables and by the benchmark.
import type { Forecast, ForecastAsked } from '../forecast.ts'
import { horizonMax } from './growth.ts'
import { prepare } from './prepare.ts'
import { putTogether, wantedOf } from './put-together.ts'
import { tryLines } from './trials.ts'

export type ForecastOptions = Readonly<{
  signal?: AbortSignal
  onProgress?: (done: number, of: number) => void
  // Lets those go first who cannot.
  canWait?: boolean
}>

export interface Forecaster {
  // Lines that are asked together are calibrated together: how wrong one was tells how wrong another may be.
  forecast(asked: readonly ForecastAsked[], options?: ForecastOptions): Promise<readonly Forecast[]>
  close(): Promise<void>
}

const workersMax = 2

export function openForecaster({ workers = workersMax }: Readonly<{ workers?: number }> = {}): Forecaster {
  const closing = new AbortController()
  const turns = openQueue()
  return {
    async forecast(asked, { signal, onProgress, canWait = false } = {}) {
      const lines = asked.map(prepare)
      for (const { horizonDays } of asked) checkHorizon(horizonDays)
      const isBulk = lines.map(({ known }, at) => known === 0 || asked[at]!.method === 'linear')
      const slow = [...asked.keys()].filter(at => !isBulk[at])
      let done = asked.length - slow.length
      const stops = AbortSignal.any([closing.signal, ...(signal === undefined ? [] : [signal])])
      const onDone = (count: number): void => {
        done += count
        onProgress?.(done, asked.length)
      }
      onDone(0)
      const wanted = slow.map(at => wantedOf(asked[at]!, lines[at]!))
      const answers =
        slow.length === 0
          ? []
          : await turns.take(() => tryLines(wanted, { workers, signal: stops, onDone }), canWait)
      stops.throwIfAborted()
      return putTogether(asked, lines, new Map(slow.map((at, place) => [at, answers[place]!])))
    },
    async close() {
      closing.abort(new Error('the forecaster is closed'))
      await turns.take(async () => {}, true)
    },
  }
}

// One call has the threads at a time.
function openQueue(): Readonly<{ take<T>(work: () => Promise<T>, canWait: boolean): Promise<T> }> {
  const queues = { urgent: [] as (() => Promise<unknown>)[], patient: [] as (() => Promise<unknown>)[] }
  let isTaken = false
  async function work(): Promise<void> {
    isTaken = true
    for (let next = first(); next !== undefined; next = first()) await next()
    isTaken = false
  }
  const first = (): (() => Promise<unknown>) | undefined => queues.urgent.shift() ?? queues.patient.shift()
  return {
    take<T>(mine: () => Promise<T>, canWait: boolean): Promise<T> {
      const { promise, resolve } = Promise.withResolvers<T>()
      queues[canWait ? 'patient' : 'urgent'].push(async () => {
        const done = mine()
        resolve(done)
        await done.catch(() => undefined)
      })
      if (!isTaken) void work()
      return promise
    },
  }
}

function checkHorizon(days: number): void {
  if (!(Number.isInteger(days) && days >= 0 && days <= horizonMax)) {
    throw new Error(`a forecast goes 0 to ${horizonMax} whole days ahead, not ${days}`)
  }
}
