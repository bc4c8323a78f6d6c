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

export type Teller = Readonly<{
  tell(transitions: readonly AlertTransition[]): void
  // Resolves when it is no storm that is left to be published, or has been one for long: what is less urgent waits for it.
  calm(): Promise<void>
  // Waits for what is being published; the rest is in the outbox.
  close(): Promise<void>
}>

export type TellerOptions = Readonly<{ book: Book; bus: Bus; clock: Clock; log: Log; own: OwnMetrics }>

// Whoever hears them makes them durable before the next are published, so that few large portions are soon told; of more
// than brokers take in one request, they are given several.
const publishedAtOnce = 5_000
const waitingMax = 100_000
const stormMin = 1_000
const stormPatienceMs = 5_000
const retryLeastMs = 100
const retryMostMs = 10_000
const forgetAfterMs = 1_000
const forgottenAtOnce = 50_000

export function openTeller({ book, bus, clock, log, own }: TellerOptions): Teller {
  const counted = own.counter('plimsoll_rules_book_transitions_total')
  const closing = new AbortController()
  const forgetting = openForgetting({ book, clock, log, own, calm })
  let queue: AlertTransition[] = []
  let underWay = 0
  const waitingForCalm: (() => void)[] = []
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    // Lets what is told in the same moment into the first portion.
    await Promise.resolve()
    while (queue.length > 0 && !closing.signal.aborted) {
      const portion = queue.splice(0, publishedAtOnce)
      underWay = portion.length
      const isPublished = await published(portion)
      underWay = 0
      if (!isStorm()) sayCalm()
      if (!isPublished) break
      counted.inc(portion.length, { step: 'published' })
      forgetting.add(portion)
    }
    running = undefined
  }
  function isStorm(): boolean {
    return queue.length + underWay >= stormMin
  }
  async function calm(): Promise<void> {
    if (!isStorm() || closing.signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    waitingForCalm.push(resolve)
    const patience = clock.after(stormPatienceMs, resolve)
    await promise
    patience.cancel()
  }
  function sayCalm(): void {
    for (const go of waitingForCalm.splice(0)) go()
  }
  // False when it could not be before the end.
  async function published(portion: readonly AlertTransition[]): Promise<boolean> {
    for (let waitMs = retryLeastMs; ; waitMs = Math.min(2 * waitMs, retryMostMs)) {
      try {
        await bus.publish('alerts', portion)
        return true
      } catch (error) {
        own.counter('plimsoll_rules_book_failures_total').inc(1, { step: 'publish' })
        const say = error instanceof Failure ? log.warn : log.error
        say('rules', 'cannot publish what alerts have become, and tries again', { error })
      }
      if (closing.signal.aborted) return false
      await clock.sleep(waitMs, closing.signal).catch(() => {})
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
      running ??= run()
    },
    calm,
    async close() {
      closing.abort()
      sayCalm()
      await running
      await forgetting.close()
    },
  }
}

type ForgettingOptions = Omit<TellerOptions, 'bus'> & Pick<Teller, 'calm'>
type Forgetting = Readonly<{ add(transitions: readonly AlertTransition[]): void; close(): Promise<void> }>

// Rarely, since a commit for each would cost more than publishing.
function openForgetting({ book, clock, log, own, calm }: ForgettingOptions): Forgetting {
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
      running ??= calm().then(forget)
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
