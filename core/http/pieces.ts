// An answer that is written while it is sent: a large one never stands in memory as a whole, and others get their turn
// between two pieces. Called by the query API and by the list of rules.
import { Readable } from 'node:stream'
import type { Answer } from './route.ts'

// Text of JSON, one piece behind the other.
export type Pieces = Iterable<string>

export type Leaving = Readonly<{
  // Ends when the caller has gone away.
  signal: AbortSignal
  // Called when a stream has been taken, or given up; what goes out at once has left by then.
  leave?: () => void
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
    if (head.length >= pieceChars) return { headers: json, body: streamOf(head, rest, leaving) }
  }
  return { headers: json, body: head }
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
