// @ts-check
// For how long did nobody else have the thread? Loaded into the service by notifiers.ts (`--import`), so plain JavaScript,
// which costs no memory; every SIGUSR2 writes the longest time since the last one into the file that it is told.
import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const file = process.env['PLIMSOLL_BENCH_PULSE']
const everyMs = 20

if (isMainThread && file !== undefined) {
  let [lastMs, longestMs] = [performance.now(), 0]
  const beat = () => {
    const nowMs = performance.now()
    longestMs = Math.max(longestMs, nowMs - lastMs - everyMs)
    lastMs = nowMs
  }
  setInterval(beat, everyMs).unref()
  process.on('SIGUSR2', () => {
    beat()
    writeFileSync(file, longestMs.toFixed(1))
    longestMs = 0
  })
}
