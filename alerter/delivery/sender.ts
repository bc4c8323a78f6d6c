// One message by one way: the requests of its channel, or the line that the channel keeps open; and what became of each.
// Also for messages that are in no outbox. Called by delivery.
import { Breath } from '#core/breath.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { Around, HttpChannel, Outgoing, OwnChannel, Verdict, Verdicts } from '../channel.ts'
import type { Inbound } from '../inbound.ts'
import type { Message } from '../message.ts'
import { type Post, usualTransport } from '../post.ts'
import { NoPlace } from '../templated.ts'
import { openExit } from './exit.ts'
import { openHostPlaces } from './host-places.ts'
import { openTrailing } from './trailing.ts'
import { eachOf } from './verdicts.ts'
import type { Way } from './ways.ts'

export interface Sender {
  // One verdict for each request or recipient; those of `settled` are not told again, and come back as they are.
  send(way: Way, message: Message, sending: Sending): Promise<readonly Verdict[]>
  // Whether a picture would be shown.
  takesPicture(way: Way): boolean
  // Closes the lines of ways that are gone, or have other settings; opens those on which something may come in.
  keepOnly(ways: Iterable<Way>): void
  close(): Promise<void>
}

export type Sending = Readonly<{
  around: Omit<Around, 'nowMs'>
  settled: ReadonlyMap<number, Verdict>
  signal: AbortSignal
}>

export type SenderOptions = Readonly<{
  post: Post
  clock: Clock
  log: Log
  hear?(inbound: Inbound, way: string): void
  callbackOf?(way: string): string | undefined
  // Asked right before anything leaves, where there may be another owner. Left out: there is none.
  isHeld?(): boolean
}>

type Line = Readonly<{ digest: string; opened: ReturnType<OwnChannel<unknown>['open']> }>

// A line that says nothing for so long is as good as dead; most have a shorter patience of their own.
const lineMaxMs = 120_000

export function openSender({ post, clock, log, ...options }: SenderOptions): Sender {
  const { hear = () => {}, callbackOf = () => undefined, isHeld = () => true } = options
  const exit = openExit({ post, places: openHostPlaces(clock), isHeld })
  const lines = new Map<string, Line>()
  const trailing = openTrailing({ exit, log })

  const hangUp = async (id: string, { opened }: Line): Promise<void> => {
    lines.delete(id)
    await opened.close().catch(error => log.warn('alerter', 'a channel did not close', { id, error }))
  }
  const lineOf = (way: Way, channel: OwnChannel<unknown>): Line['opened'] => {
    const known = lines.get(way.id)
    if (known?.digest === way.digest) return known.opened
    if (known !== undefined) void hangUp(way.id, known)
    const opened = channel.open(way.settings, inbound => hear(inbound, way.id))
    lines.set(way.id, { digest: way.digest, opened })
    return opened
  }

  async function byHttp(way: Way, channel: HttpChannel<unknown>, message: Message, sending: Sending) {
    const callback = callbackOf(way.id)
    const around = { ...sending.around, nowMs: clock.nowMs(), ...(callback !== undefined && { callback }) }
    const breath = new Breath()
    const requests = channel.requests(message, way.settings, around)
    if (requests.length === 0) return refusedByUs('the channel made no request of it')
    if (breath.isDue) await breath.taken()
    const transport = channel.transport?.(way.settings) ?? usualTransport
    const asked = { way: way.id, isUrgent: message.urgency === 'page', patienceMs: 3 * transport.timeoutMs }
    const how = { transport, trust: 'operator', signal: sending.signal } as const
    const one = async (outgoing: Outgoing): Promise<Verdict> => {
      const sent = await exit(outgoing, asked, how)
      if (!sent.ok) return sent.verdict
      return channel.verdict(sent.answer, way.settings, { ...around, nowMs: clock.nowMs() })
    }
    const sent = requests.map((outgoing, nth) => sending.settled.get(nth) ?? one(outgoing))
    const verdicts = await Promise.all(sent)
    trailing.begin({ way, channel, message, sending, around, transport }, verdicts)
    return verdicts
  }

  async function byLine(way: Way, channel: OwnChannel<unknown>, message: Message, sending: Sending) {
    if (!isHeld()) return stopped
    const around = { ...sending.around, nowMs: clock.nowMs() }
    const send = (signal: AbortSignal) => lineOf(way, channel).send(message, around, signal, sending.settled)
    return inTime(clock, sending.signal, send)
  }

  return {
    async send(way, message, sending) {
      const { channel } = way
      const sent =
        channel.kind === 'http'
          ? byHttp(way, channel, message, sending)
          : byLine(way, channel, message, sending)
      return eachOf(await sent.catch(error => verdictOn(error, way, log)), sending.settled)
    },
    takesPicture: way => way.channel.takesPicture?.(way.settings) === true && !trailing.isLeft(way),
    keepOnly(ways) {
      trailing.renew()
      const present = new Map([...ways].map(way => [way.id, way] as const))
      for (const [id, line] of lines) if (present.get(id)?.digest !== line.digest) void hangUp(id, line)
      for (const way of present.values()) {
        const { channel, settings } = way
        if (channel.kind === 'own' && channel.listens?.(settings) === true) lineOf(way, channel)
      }
    },
    async close() {
      await Promise.all([trailing.close(), ...[...lines].map(([id, line]) => hangUp(id, line))])
    },
  }
}

// Another message may do, also where it is a fault of the channel.
function verdictOn(error: unknown, { channel: { name } }: Way, log: Log): Verdict {
  if (error instanceof NoPlace) return refusedByUs(error.message)
  log.error('alerter', 'a channel failed', { channel: name, error })
  return refusedByUs('the channel failed: see the log')
}

const refusedByUs = (reason: string): Verdict => ({
  kind: 'refused',
  because: 'message',
  reason,
  isOurs: true,
})

const stopped: Verdict = { kind: 'later', reason: 'stopped' }

async function inTime(
  clock: Clock,
  stop: AbortSignal,
  send: (signal: AbortSignal) => Promise<Verdicts>,
): Promise<Verdicts> {
  const late = new AbortController()
  const { promise, resolve } = Promise.withResolvers<Verdicts>()
  const timer = clock.after(lineMaxMs, () => {
    late.abort()
    resolve({ kind: 'later', reason: `no answer within ${lineMaxMs / 1_000} s` })
  })
  const end = (): void => resolve(stopped)
  stop.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([send(AbortSignal.any([stop, late.signal])), promise])
  } finally {
    timer.cancel()
    stop.removeEventListener('abort', end)
  }
}
