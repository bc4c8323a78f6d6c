// A thread that tries methods on lines: some lines in, what was tried on each out.
// Started, fed and ended by trials.ts.
import { parentPort } from 'node:worker_threads'
import { tryLine } from './trial.ts'
import type { Answered, Asked } from './trials.ts'

const port = parentPort
if (port === null) throw new Error('worker.ts runs as a thread')

port.on('message', ({ first, lines }: Asked) => {
  const answered: Answered = {
    first,
    lines: lines.map(line => {
      try {
        return { tried: tryLine(line) }
      } catch (error) {
        // One bad line does not take the others with it.
        return { error: error instanceof Error ? error.message : String(error) }
      }
    }),
  }
  port.postMessage(answered)
})
