// What a message that was sent says about the way itself: for the breaker of its lane, the numbers of this service, and
// whoever reads the log. Called by flight.ts.
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { Item } from './item.ts'
import { type Lane, putOff } from './lane.ts'
import type { Numbers } from './numbers.ts'
import type { Result } from './verdicts.ts'

type Parts = Readonly<{ clock: Clock; numbers: Numbers; log: Log }>

type Flown = Readonly<{ lane: Lane; items: readonly Item[]; result: Result; tookMs: number }>

export function note({ clock, numbers }: Parts, { lane, items, result, tookMs }: Flown): void {
  const nowMs = clock.monotonicMs()
  numbers.sent(
    lane.way.channel.name,
    ({ told: 'told', later: 'later', refused: 'failed' } as const)[result.kind],
    tookMs,
  )
  if (result.kind === 'later') notePutOff(lane, { ...result, sinceMs: triedSinceMs(items, nowMs) }, nowMs)
  else if (result.kind === 'refused' && result.because === 'settings') {
    if (result.isOfPlace === true) lane.breaker.worked(nowMs)
    else lane.breaker.refused(nowMs, result.reason)
  } else lane.breaker.worked(nowMs)
}

type PutOff = Result & Readonly<{ kind: 'later'; sinceMs: number }>

// The limit of one number, or a mailbox that is full, keeps nobody else waiting: where another one has the message, the way
// works, and who is asked later for the rest has learnt nothing about it, nor for how long it is away.
function notePutOff(lane: Lane, result: PutOff, nowMs: number): void {
  if (result.told === 'nobody') putOff(lane, result, nowMs)
  else if (result.told === 'now') lane.breaker.worked(nowMs)
  else if (lane.breaker.state().kind !== 'probing') return
  else if (result.isLimit) lane.breaker.worked(nowMs)
  else lane.breaker.failed(nowMs, { ...result, afterMs: undefined })
}

const triedSinceMs = (items: readonly Item[], nowMs: number): number =>
  items.reduce(
    (latestMs, { entry, stepSinceMs }) => Math.max(latestMs, entry.tries === 0 ? nowMs : stepSinceMs),
    Number.NEGATIVE_INFINITY,
  )

// For whoever reads the log: that it fails is said once, and so is that it works again. Each by its own code, or several
// that go at once would be one line.
export function mention({ log }: Parts, lane: Lane, result: Result): void {
  const code = lane.id
  if (result.kind === 'refused') {
    const { because, reason } = result
    if (because === 'settings')
      log.error('alerter', 'a service refuses the settings of a channel', { code, reason })
    return
  }
  // Of one number of several the facts tell.
  if (result.kind === 'later' && result.told !== 'nobody') return
  const isFailing = result.kind === 'later'
  if (isFailing === lane.isFailing) return
  lane.isFailing = isFailing
  if (isFailing) {
    const { reason } = result
    log.warn('alerter', 'a message did not get through; what is for there waits and is tried again', {
      code,
      reason,
    })
  } else log.info('alerter', 'messages get through again', { code })
}
