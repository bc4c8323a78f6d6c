// Loaded by each thread of a service before anything else (NODE_OPTIONS): ends that of the state by an error that nobody
// catches, as soon as a file appears in the folder that it watches. Started by state-thread.test.ts.
import { watch } from 'node:fs'
import { threadName } from 'node:worker_threads'

const folder = process.env['ENDS_STATE_THREAD_IN']

if (threadName === 'plimsoll-state' && folder !== undefined)
  watch(folder, () => {
    throw new Error('no memory left, say')
  })
