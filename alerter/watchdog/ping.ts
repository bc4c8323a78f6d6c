// Says each minute, to somebody outside, that all is well; who hears nothing any more raises the alarm there. Called by
// watchdog.ts.
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Secret } from '#core/secret.ts'
import { type Post, usualTransport } from '../post.ts'

export type PingOptions = Readonly<{ post: Post; clock: Clock; log: Log; own: OwnMetrics }>

export type Ping = Readonly<{
  // At most once a minute, and one at a time.
  send(url: Secret): void
  close(): Promise<void>
}>

const everyMs = 60_000

export function openPing({ post, clock, log, own }: PingOptions): Ping {
  const counted = own.counter('plimsoll_watchdog_pings_total')
  const stopping = new AbortController()
  let underWay: Promise<void> | undefined
  let lastMs = Number.NEGATIVE_INFINITY

  async function send(url: Secret): Promise<void> {
    const outgoing = { method: 'GET', url: url.reveal(), headers: {}, body: '' } as const
    const how = { transport: usualTransport, trust: 'operator', signal: stopping.signal } as const
    const sent = await post.send(outgoing, how)
    const isTaken = sent.ok && sent.answer.status >= 200 && sent.answer.status < 300
    counted.inc(1, { outcome: isTaken ? 'taken' : 'failed' })
    if (isTaken || stopping.signal.aborted) return
    const reason = sent.ok ? `it answers ${sent.answer.status}` : reasonOf(sent.verdict)
    log.warn('watchdog', 'the address of watchdog.ping does not take it', { reason })
  }
  return {
    send(url) {
      if (underWay !== undefined || clock.monotonicMs() < lastMs + everyMs) return
      lastMs = clock.monotonicMs()
      underWay = send(url).finally(() => {
        underWay = undefined
      })
    },
    async close() {
      stopping.abort()
      await underWay
    },
  }
}

const reasonOf = (verdict: object): string => ('reason' in verdict ? String(verdict.reason) : 'no answer')
