// One message by one way: the requests of its channel, or the line that the channel keeps open; and what became of each.
// Also for messages that are in no outbox. Called by delivery.
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { Around, HttpChannel, Outgoing, OwnChannel, Verdict } from '../channel.ts'
import type { Message } from '../message.ts'
import { type Post, usualTransport } from '../post.ts'
import { openPlaces } from './places.ts'
import type { Way } from './ways.ts'

export interface Sender {
  // One verdict for each request; those of `settled` are not sent again, and come back as they are.
  send(way: Way, message: Message, sending: Sending): Promise<readonly Verdict[]>
  // Closes the lines of ways that are gone, or have other settings.
  keepOnly(ways: Iterable<Way>): void
  close(): Promise<void>
}

export type Sending = Readonly<{
  around: Omit<Around, 'nowMs'>
  settled: ReadonlyMap<number, Verdict>
  signal: AbortSignal
}>

export type SenderOptions = Readonly<{ post: Post; clock: Clock; log: Log }>

type Line = Readonly<{ digest: string; opened: ReturnType<OwnChannel<unknown>['open']> }>

// A line that says nothing for so long is as good as dead; most have a shorter patience of their own.
const lineMaxMs = 120_000

export function openSender({ post, clock, log }: SenderOptions): Sender {
  const places = openPlaces()
  const lines = new Map<string, Line>()

  const hangUp = async (id: string, { opened }: Line): Promise<void> => {
    lines.delete(id)
    await opened.close().catch(error => log.warn('alerter', 'a channel did not close', { id, error }))
  }
  const lineOf = (way: Way, channel: OwnChannel<unknown>): Line['opened'] => {
    const known = lines.get(way.id)
    if (known?.digest === way.digest) return known.opened
    if (known !== undefined) void hangUp(way.id, known)
    const opened = channel.open(way.settings)
    lines.set(way.id, { digest: way.digest, opened })
    return opened
  }

  async function byHttp(way: Way, channel: HttpChannel<unknown>, message: Message, sending: Sending) {
    const around = { ...sending.around, nowMs: clock.nowMs() }
    const requests = channel.requests(message, way.settings, around)
    const transport = channel.transport?.(way.settings) ?? usualTransport
    const one = async (outgoing: Outgoing): Promise<Verdict> => {
      const leave = await places.enter(hostOf(outgoing))
      try {
        if (sending.signal.aborted) return { kind: 'later', reason: 'stopped' }
        const sent = await post.send(outgoing, { transport, trust: 'operator', signal: sending.signal })
        if (!sent.ok) return sent.verdict
        return channel.verdict(sent.answer, way.settings, { ...around, nowMs: clock.nowMs() })
      } finally {
        leave()
      }
    }
    return Promise.all(requests.map((outgoing, nth) => sending.settled.get(nth) ?? one(outgoing)))
  }

  async function byLine(way: Way, channel: OwnChannel<unknown>, message: Message, sending: Sending) {
    const late = new AbortController()
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    const timer = clock.after(lineMaxMs, () => {
      late.abort()
      resolve({ kind: 'later', reason: `no answer within ${lineMaxMs / 1_000} s` })
    })
    const stop = (): void => resolve({ kind: 'later', reason: 'stopped' })
    sending.signal.addEventListener('abort', stop, { once: true })
    try {
      const around = { ...sending.around, nowMs: clock.nowMs() }
      const signal = AbortSignal.any([sending.signal, late.signal])
      return [await Promise.race([lineOf(way, channel).send(message, around, signal), promise])]
    } finally {
      timer.cancel()
      sending.signal.removeEventListener('abort', stop)
    }
  }

  return {
    async send(way, message, sending) {
      try {
        const { channel } = way
        const verdicts = await (channel.kind === 'http'
          ? byHttp(way, channel, message, sending)
          : byLine(way, channel, message, sending))
        if (verdicts.length > 0) return verdicts
        return [{ kind: 'refused', because: 'message', reason: 'the channel made no request of it' }]
      } catch (error) {
        // A fault of the channel. Another message may do.
        log.error('alerter', 'a channel failed', { channel: way.channel.name, error })
        return [{ kind: 'refused', because: 'message', reason: 'the channel failed: see the log' }]
      }
    },
    keepOnly(ways) {
      const digests = new Map([...ways].map(({ id, digest }) => [id, digest] as const))
      for (const [id, line] of lines) if (digests.get(id) !== line.digest) void hangUp(id, line)
    },
    async close() {
      await Promise.all([...lines].map(([id, line]) => hangUp(id, line)))
    },
  }
}

const hostOf = ({ url }: Outgoing): string => (URL.canParse(url) ? new URL(url).host : '')
