// An answer that is written while it is sent: a large one never stands in memory as a whole, and others get their turn
// between two pieces. It is packed where the caller wants that. Called by the query API and by the list of rules.
import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Answer } from './route.ts'

// Text of JSON, one piece behind the other.
export type Pieces = Iterable<string>

export type Leaving = Readonly<{
  // Ends when the caller has gone away.
  signal: AbortSignal
  // Called when a stream has been taken, or given up; what goes out at once has left by then.
  leave?: () => void
  // What the caller says by Accept-Encoding, where a large answer may be packed.
  encodings?: string | undefined
}>

// One is written in about a millisecond.
export const pieceChars = 65_536

const json = { 'content-type': 'application/json; charset=utf-8' }

// What fits into one piece goes out at once; else it is written as fast as the caller takes it.
export function answerOf(pieces: Pieces, leaving: Leaving): Answer {
  const rest = pieces[Symbol.iterator]()
  let head = ''
  for (let next = rest.next(); next.done !== true; next = rest.next()) {
    head += next.value
    if (head.length >= pieceChars) return largeAnswer(streamOf(head, rest, leaving), leaving)
  }
  return { headers: json, body: head }
}

function largeAnswer(body: Readable, { signal, encodings }: Leaving): Answer {
  if (encodings === undefined) return { headers: json, body }
  const headers = { ...json, vary: 'accept-encoding' }
  if (!takesGzip(encodings)) return { headers, body }
  return { headers: { ...headers, 'content-encoding': 'gzip' }, body: packed(body, signal) }
}

// `gzip;q=0` refuses it, also beside a `*`.
function takesGzip(encodings: string): boolean {
  const said = encodings.split(',').map(each => each.split(';').map(part => part.trim().toLowerCase()))
  const [, ...more] = said.find(([name]) => name === 'gzip') ??
    said.find(([name]) => name === '*') ?? ['', 'q=0']
  const q = more.find(part => part?.startsWith('q='))?.slice(2)
  return q === undefined || Number(q) > 0
}

// As fast as the caller takes it, and off this thread. Whichever of the two ends early ends the other.
function packed(plain: Readable, signal: AbortSignal): Readable {
  const gzip = createGzip({ level: 1, chunkSize: pieceChars })
  // Whoever reads it hears of an error too; here it must not end the process.
  pipeline(plain, gzip, () => {})
  gzip.on('error', () => {})
  if (signal.aborted) gzip.destroy()
  else signal.addEventListener('abort', () => gzip.destroy(), { once: true })
  return gzip
}

function streamOf(head: string, rest: Iterator<string>, { signal, leave }: Leaving): Readable {
  let first: string | undefined = head
  const stream = new Readable({
    read() {
      // Others get their turn between two pieces, however fast the caller is.
      setImmediate(() => {
        if (stream.destroyed) return
        try {
          const next = first === undefined ? rest.next() : { value: first, done: false }
          first = undefined
          stream.push(next.done === true ? null : Buffer.from(next.value))
        } catch (error) {
          stream.destroy(error as Error)
        }
      })
    },
    destroy(error, done) {
      leave?.()
      done(error)
    },
  })
  if (signal.aborted) stream.destroy()
  else signal.addEventListener('abort', () => stream.destroy(), { once: true })
  return stream
}
