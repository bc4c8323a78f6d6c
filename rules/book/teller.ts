// Publishes transitions that are saved, in their order and for as long as it takes, and forgets them in the outbox a
// moment later. Whoever dies in between publishes them again under the same ids. Called by scribe.ts.
import type { Bus } from '#core/bus.ts'
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Book } from '../book.ts'
import { thinned } from './pieces.ts'
import { openStorm, type Storm } from './storm.ts'

export type Teller = Readonly<{
  tell(transitions: readonly AlertTransition[]): void
  // So much is left to be published that what is less urgent waits; calm() resolves when it does not.
  readonly isStorm: boolean
  calm(): Promise<void>
  // Waits for what is being published; the rest is in the outbox.
  close(): Promise<void>
}>

export type TellerOptions = Readonly<{ book: Book; bus: Bus; clock: Clock; log: Log; own: OwnMetrics }>

// Whoever hears them makes them durable before the next are published, so that few large portions are soon told; of more
// than brokers take in one request, they are given several.
const publishedAtOnce = 5_000
// Fewer where the bus does not take them in its time, and more again when it takes them so soon that it would take twice
// as many.
const leastAtOnce = 50
const quickMs = 3_000
const waitingMax = 100_000
const retryLeastMs = 100
const retryMostMs = 10_000
const forgetAfterMs = 1_000
const forgottenAtOnce = 50_000

export function openTeller({ book, bus, clock, log, own }: TellerOptions): Teller {
  const counted = own.counter('plimsoll_rules_book_transitions_total')
  const closing = new AbortController()
  const storm = openStorm(clock)
  const forgetting = openForgetting({ book, clock, log, own, storm })
  let queue: AlertTransition[] = []
  let atOnce = publishedAtOnce
  let underWay = 0
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    // Lets what is told in the same moment into the first portion.
    await Promise.resolve()
    let waitMs = retryLeastMs
    while (queue.length > 0 && !closing.signal.aborted) {
      const portion = queue.splice(0, atOnce)
      underWay = portion.length
      const isPublished = await published(portion)
      underWay = 0
      if (isPublished) {
        waitMs = retryLeastMs
        storm.left(queue.length)
        counted.inc(portion.length, { step: 'published' })
        forgetting.add(portion)
      } else {
        queue = [...portion, ...queue]
        await clock.sleep(waitMs, closing.signal).catch(() => {})
        waitMs = Math.min(2 * waitMs, retryMostMs)
      }
    }
    running = undefined
  }
  // Also decides how many are next.
  async function published(portion: readonly AlertTransition[]): Promise<boolean> {
    const beganMs = clock.monotonicMs()
    try {
      await bus.publish('alerts', portion)
      if (clock.monotonicMs() - beganMs < quickMs) atOnce = Math.min(2 * atOnce, publishedAtOnce)
      return true
    } catch (error) {
      own.counter('plimsoll_rules_book_failures_total').inc(1, { step: 'publish' })
      const say = error instanceof Failure ? log.warn : log.error
      say('rules', 'cannot publish what alerts have become, and tries again', { error })
      if (isTooMuch(portion.length, error)) atOnce = Math.max(Math.ceil(portion.length / 2), leastAtOnce)
      return false
    }
  }
  return {
    tell(transitions) {
      if (transitions.length === 0) return
      for (const each of transitions) queue.push(each)
      if (queue.length > waitingMax) {
        const { kept, left } = thinned(queue)
        queue = kept
        counted.inc(left.length, { step: 'left_out' })
        forgetting.add(left)
      }
      storm.left(queue.length + underWay)
      running ??= run()
    },
    get isStorm() {
      return storm.holds
    },
    calm: () => storm.calm(),
    async close() {
      closing.abort()
      storm.close()
      await running
      await forgetting.close()
    },
  }
}

// Perhaps; of few, it is the bus that is away.
const isTooMuch = (count: number, error: unknown): boolean =>
  count > leastAtOnce && error instanceof Failure && error.code === 'bus_unavailable'

type ForgettingOptions = Omit<TellerOptions, 'bus'> & Readonly<{ storm: Storm }>
type Forgetting = Readonly<{ add(transitions: readonly AlertTransition[]): void; close(): Promise<void> }>

// Rarely, since a commit for each would cost more than publishing.
function openForgetting({ book, clock, log, own, storm }: ForgettingOptions): Forgetting {
  let told: string[] = []
  let timer: Timer | undefined
  let running: Promise<void> | undefined

  async function forget(): Promise<void> {
    timer?.cancel()
    timer = undefined
    const ids = told
    told = []
    try {
      await book.told(ids)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      own.counter('plimsoll_rules_book_failures_total').inc(1, { step: 'forget' })
      log.warn('rules', 'cannot forget what is published, and tries again', { error })
      told = [...ids, ...told]
    }
    running = undefined
    if (told.length > 0) plan()
  }
  function plan(): void {
    timer ??= clock.after(forgetAfterMs, () => {
      timer = undefined
      // One that is under way plans the next.
      running ??= storm.calm().then(forget)
    })
  }
  return {
    add(transitions) {
      for (const { id } of transitions) told.push(id)
      if (told.length >= forgottenAtOnce) running ??= forget()
      else plan()
    },
    async close() {
      await running
      if (told.length > 0) await forget()
      timer?.cancel()
    },
  }
}
