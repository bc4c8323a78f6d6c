// In which order is what: an alert is saved, then told, then forgotten in the outbox. Pages that come while one is
// being saved share the next save. Called by the engine with what each evaluation has changed.
import type { Bus } from '#core/bus.ts'
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { State } from '#core/state.ts'
import { openTeller } from './book/teller.ts'
import { Unsaved } from './book/unsaved.ts'
import type { Book, Page } from './book.ts'

export interface Scribe {
  // Resolves when the page is saved. When the state refuses, all who wait are rejected with its Failure, but nothing is
  // forgotten: what is unsaved goes first with the next save(), or after a second by itself.
  save(page: Page): Promise<void>
  // So much is left to be told that what is less urgent waits, but never for long; calm() resolves when it does not.
  readonly isStorm: boolean
  calm(): Promise<void>
  // Nothing is unsaved.
  readonly isClear: boolean
  // The last save was refused, and what it had is not saved yet.
  readonly isFailing: boolean
  // Tries to save what is not; publishes what is being published; the rest is in the outbox.
  close(): Promise<void>
}

export type ScribeOptions = Readonly<{
  book: Book
  bus: Bus
  clock: Clock
  log: Log
  own: OwnMetrics
  // Of the last run; published first.
  untold?: readonly AlertTransition[]
  // That of a lease, where there may be another owner.
  write?: State['write'] | undefined
}>

const retryMs = 1_000

export function openScribe({ untold = [], write, ...options }: ScribeOptions): Scribe {
  const { book, clock, log, own } = options
  const counted = own.counter('plimsoll_rules_book_transitions_total')
  const teller = openTeller(options)
  const unsaved = new Unsaved()
  let running: Promise<void> | undefined
  let timer: Timer | undefined
  let isClosed = false
  let isFailing = false
  let isLost = false

  async function run(): Promise<void> {
    timer?.cancel()
    // Lets whoever saves in the same moment into the first save.
    await Promise.resolve()
    let trouble: Readonly<{ error: unknown }> | undefined
    while (unsaved.count > 0 && trouble === undefined) trouble = await saved(unsaved.first())
    running = undefined
    isFailing = trouble !== undefined
    if (trouble !== undefined) refuse(trouble.error)
  }
  async function saved(pages: readonly Page[]): Promise<Readonly<{ error: unknown }> | undefined> {
    try {
      await book.save(pages, write)
    } catch (error) {
      return { error }
    }
    const transitions = pages.flatMap(each => each.transitions)
    counted.inc(transitions.length, { step: 'saved' })
    teller.tell(transitions)
    unsaved.saved(pages.length)
    return undefined
  }
  function refuse(error: unknown): void {
    counted.inc(unsaved.refused(error).length, { step: 'left_out' })
    // Whoever is the owner now comes to it again, and the lease has told that there is one.
    isLost ||= error instanceof Failure && error.code === 'lease_lost'
    if (isLost) return
    own.counter('plimsoll_rules_book_failures_total').inc(1, { step: 'save' })
    if (!(error instanceof Failure)) throw error
    log.warn('rules', 'cannot save what alerts have become, and tries again', { error })
    if (!isClosed) timer = clock.after(retryMs, wake)
  }
  function wake(): void {
    running ??= run()
  }

  teller.tell(untold)
  return {
    save(page) {
      if (isClosed) return Promise.reject(new Failure('stopping', 'the alerts are closed'))
      const saving = unsaved.add(page)
      if (unsaved.count > 0) wake()
      return saving
    },
    get isStorm() {
      return teller.isStorm
    },
    calm: () => teller.calm(),
    get isClear() {
      return unsaved.count === 0
    },
    get isFailing() {
      return isFailing
    },
    async close() {
      if (isClosed) return
      isClosed = true
      timer?.cancel()
      await running
      if (unsaved.count > 0 && !isLost) await run()
      if (unsaved.count > 0 && !isLost) {
        log.error('rules', 'stops, and what alerts have become last is not saved', { pages: unsaved.count })
      }
      await teller.close()
    },
  }
}
