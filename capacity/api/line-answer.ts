// An answer that takes long, told line by line as JSON: how far it is, several times a second, then what came of it, or
// why nothing did. Who goes away ends it. Called by advice-routes.ts.
import { Readable } from 'node:stream'
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Answer } from '#core/http/route.ts'
import type { Log } from '#core/log.ts'

export type Line<Progress, Done> =
  | Readonly<{ progress: Progress }>
  | Readonly<{ done: Done }>
  | Readonly<{ error: Readonly<{ code: string; detail: string }> }>

export type Telling<Progress, Done> = Readonly<{
  first: Progress
  work(onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Done>
  // When all is said, or nobody listens any more.
  ended(): void
  clock: Clock
  log: Log
  signal: AbortSignal
}>

const tellMs = 250
const headers = { 'content-type': 'application/x-ndjson; charset=utf-8' }
const internal = { code: 'internal', detail: 'the log of the service says why' }

export function lineAnswer<Progress, Done>(telling: Telling<Progress, Done>): Answer {
  const { first, work, ended, clock, log, signal } = telling
  const stream = new Readable({ read() {} })
  const say = (line: Line<Progress, Done>): void => {
    if (!stream.destroyed) stream.push(`${JSON.stringify(line)}\n`)
  }
  const gone = (): void => void stream.destroy()
  signal.addEventListener('abort', gone, { once: true })
  let progress = first
  let timer: Timer | undefined
  // The first one at once: with it the answer begins.
  const tell = (): void => {
    say({ progress })
    timer = clock.after(tellMs, tell)
  }
  tell()
  work(now => {
    progress = now
  }, signal)
    .then(done => say({ done }))
    .catch(error => {
      if (signal.aborted) return
      if (!(error instanceof Failure))
        log.error('capacity', 'an answer ended by a mistake of ours', { error })
      const { code, detail } = error instanceof Failure ? error : internal
      say({ error: { code, detail } })
    })
    .finally(() => {
      timer?.cancel()
      ended()
      signal.removeEventListener('abort', gone)
      if (!stream.destroyed) stream.push(null)
    })
  return { headers, body: stream }
}
