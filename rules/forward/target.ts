// Tells one Alertmanager what is due, one request at a time, for as long as the process lives. It keeps no queue: what
// could not be said is still due. Called by forward.ts, for each target.
import type { LookupFunction } from 'node:net'
import type { Clock, Timer } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { bodiesOf, type Outside } from './bodies.ts'
import { type Current, Memory } from './due.ts'
import { openPost, type Target } from './post.ts'

export type Telling = Readonly<{
  // Something may be due.
  wake(): void
  // Ends the request under way.
  close(): Promise<void>
}>

export type TellingOptions = Outside &
  Readonly<{
    current: () => Iterable<Current>
    clock: Clock
    log: Log
    own: OwnMetrics
    lookup?: LookupFunction
  }>

// Going through all alerts takes at most a twentieth of the time.
const restLeastMs = 50
const restFactor = 20
const retryLeastMs = 1_000
const retryMostMs = 60_000

export function openTelling(target: Target, options: TellingOptions): Telling {
  const { current, clock, log, own, lookup } = options
  const post = openPost(target, clock, lookup)
  const memory = new Memory(clock.nowMs())
  const counted = own.counter('plimsoll_forward_alerts_total')
  const closing = new AbortController()
  let running: Promise<void> | undefined
  let timer: Timer | undefined
  let notBeforeMs = Number.NEGATIVE_INFINITY
  let retryMs = retryLeastMs
  let isAwake = false

  function wake(): void {
    if (closing.signal.aborted) return
    isAwake = true
    if (running !== undefined || timer !== undefined) return
    const restMs = notBeforeMs - clock.monotonicMs()
    if (restMs <= 0) running = run()
    else timer = clock.after(restMs, up)
  }
  function up(): void {
    timer = undefined
    wake()
  }
  async function run(): Promise<void> {
    // Lets what changes in the same moment into the first request.
    await Promise.resolve()
    isAwake = false
    const sinceMs = clock.monotonicMs()
    const due = memory.due(current(), clock.nowMs())
    const restMs = Math.max(restLeastMs, restFactor * (clock.monotonicMs() - sinceMs))
    let isWell = true
    for (const { text, alerts } of bodiesOf(due, options)) {
      const atMs = clock.nowMs()
      const outcome = await post.send(text, closing.signal)
      if (closing.signal.aborted) return
      if (!outcome.ok) {
        counted.inc(alerts.length, { target: target.shown, outcome: outcome.refused ? 'refused' : 'failed' })
        log.warn('rules', `cannot tell the Alertmanager ${target.shown}`, { reason: outcome.reason })
      } else {
        counted.inc(alerts.length, { target: target.shown, outcome: 'sent' })
      }
      isWell = outcome.ok || outcome.refused
      if (!isWell) break
      // What was refused would be refused again; it is said once more when all is said again.
      memory.said(alerts, atMs)
    }
    notBeforeMs = clock.monotonicMs() + (isWell ? restMs : retryMs)
    retryMs = isWell ? retryLeastMs : Math.min(2 * retryMs, retryMostMs)
    running = undefined
    if (isAwake || !isWell) wake()
  }
  return {
    wake,
    async close() {
      closing.abort()
      timer?.cancel()
      await running
      post.close()
    },
  }
}
