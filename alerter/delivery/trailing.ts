// What goes after a message that its service has, one request after the other: a picture, where it is not part of the
// message. The message is told by then, so nobody waits for it, a failure is a line in the log, and nothing is tried again; a
// way on which none can arrive is left alone. Called by sender.ts.
import type { Log } from '#core/log.ts'
import type { Around, HttpChannel, Transport, Verdict } from '../channel.ts'
import type { Message } from '../message.ts'
import { type Exit, hostOf } from './exit.ts'
import type { Way } from './ways.ts'

export interface Trailing {
  // Where the channel has something to follow, and the message has a picture and was delivered.
  begin(told: Told, verdicts: readonly Verdict[]): void
  // Whether none goes by this way until somebody changes something.
  isLeft(way: Way): boolean
  // The configuration was read again: an app that may do more now has the same token.
  renew(): void
  // Those under way are given up; resolves when they are.
  close(): Promise<void>
}

type Told = Readonly<{
  way: Way
  channel: HttpChannel<unknown>
  message: Message
  around: Around
  transport: Transport
  sending: Readonly<{ settled: ReadonlyMap<number, Verdict>; signal: AbortSignal }>
}>

// Each holds a picture.
const atOnceMax = 20

export function openTrailing({ exit, log }: Readonly<{ exit: Exit; log: Log }>): Trailing {
  const underWay = new Set<Promise<void>>()
  const left = new Set<string>()
  const closing = new AbortController()

  const fail = ({ id: way }: Way, reason: string): void =>
    log.warn('alerter', 'a message was told, but its picture was not', { way, reason })

  const leave = (way: Way, reason: string): void => {
    if (left.has(nameOf(way))) return
    left.add(nameOf(way))
    log.warn('alerter', 'messages go without pictures by this way until the configuration is read again', {
      ...{ way: way.id, reason },
    })
  }

  async function go(told: Told, receipt: string | undefined): Promise<void> {
    const { way, channel, message, around, transport, sending } = told
    const signal = AbortSignal.any([sending.signal, closing.signal])
    const asked = { way: way.id, isUrgent: false, patienceMs: transport.timeoutMs }
    try {
      const trail = channel.trail!(message, way.settings, { ...around, receipt })
      let step = trail.next()
      const own = step.done === true ? '' : hostOf(step.value)
      while (step.done !== true) {
        // The operator named the first host and no other.
        const trust = hostOf(step.value) === own ? 'operator' : 'outsider'
        const sent = await exit(step.value, asked, { transport, trust, signal })
        if (signal.aborted) return
        if (!sent.ok) return fail(way, reasonOf(sent.verdict))
        step = trail.next(sent.answer)
      }
      if (step.value?.isLasting === true) leave(way, step.value.reason)
      else if (step.value !== undefined) fail(way, step.value.reason)
    } catch (error) {
      log.error('alerter', 'a channel failed after its message', { way: way.id, error })
    }
  }
  return {
    begin(told, [verdict]) {
      if (verdict?.kind !== 'delivered' || !hasTrail(told) || left.has(nameOf(told.way))) return
      if (underWay.size >= atOnceMax) return fail(told.way, 'too many are on their way')
      const going: Promise<void> = go(told, verdict.receipt).finally(() => underWay.delete(going))
      underWay.add(going)
    },
    isLeft: way => left.has(nameOf(way)),
    renew: () => left.clear(),
    async close() {
      closing.abort()
      await Promise.all(underWay)
    },
  }
}

// What was settled before had its picture then.
const hasTrail = ({ channel, message, sending }: Told): boolean =>
  channel.trail !== undefined && message.picture !== null && sending.settled.size === 0

const nameOf = ({ id, digest }: Way): string => `${id} ${digest}`

const reasonOf = (verdict: Verdict): string => ('reason' in verdict ? verdict.reason : verdict.kind)
