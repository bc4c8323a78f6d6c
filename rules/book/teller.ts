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
  // Waits for what is being published; the rest is in the outbox.
  close(): Promise<void>
}>

export type TellerOptions = Readonly<{ book: Book; bus: Bus; clock: Clock; log: Log; own: OwnMetrics }>

const publishedAtOnce = 500
const waitingMax = 100_000
const retryLeastMs = 100
const retryMostMs = 10_000
const forgetAfterMs = 1_000
const forgottenAtOnce = 5_000

export function openTeller({ book, bus, clock, log, own }: TellerOptions): Teller {
  const counted = own.counter('plimsoll_rules_book_transitions_total')
  const closing = new AbortController()
  const forgetting = openForgetting({ book, clock, log, own })
  let queue: AlertTransition[] = []
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    // Lets what is told in the same moment into the first portion.
    await Promise.resolve()
    while (queue.length > 0 && !closing.signal.aborted) {
      const portion = queue.splice(0, publishedAtOnce)
      if (!(await published(portion))) break
      counted.inc(portion.length, { step: 'published' })
      forgetting.add(portion)
    }
    running = undefined
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
    async close() {
      closing.abort()
      await running
      await forgetting.close()
    },
  }
}

type Forgetting = Readonly<{ add(transitions: readonly AlertTransition[]): void; close(): Promise<void> }>

// Rarely, since a commit for each would cost more than publishing.
function openForgetting({ book, clock, log, own }: Omit<TellerOptions, 'bus'>): Forgetting {
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
      running ??= forget()
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
