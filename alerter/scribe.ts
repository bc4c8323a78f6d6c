// In which order is what saved? One page after the other, those that wait together as far as that is not too much for the
// thread of the state. What is refused stays and goes first with the next try. Called by the alerter.
import { Breath } from '#core/breath.ts'
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { State } from '#core/state.ts'
import { Page } from './book/page.ts'
import type { AlerterBook, Sheet } from './book.ts'

export type ScribeOptions = Readonly<{
  book: AlerterBook
  clock: Clock
  log: Log
  own: OwnMetrics
  write?: State['write'] | undefined
  // Where tests end the process, or wait.
  reach?: ((point: SavePoint) => void | Promise<void>) | undefined
  // Called after a time of refusals.
  onRecovery: () => void
}>

export type SavePoint = 'before_save' | 'after_save'

type Item = Readonly<{ sheet: Sheet; rows: number; saved: (() => void)[] }>
type Waiter = Readonly<{ until: number; resolve: () => void; reject: (error: unknown) => void }>
type Trouble = Readonly<{ error: unknown }>

const retryMs = 1_000
// 50 ms of SQLite's thread, in which others wait.
const togetherMax = 6_000
// Pages of a storm: two saves.
const aheadMax = 24
// In one page.
const joinedMax = 250

export class Scribe {
  readonly #options: ScribeOptions
  readonly #failures
  readonly #items: Item[] = []
  #waiters: Waiter[] = []
  // Of the first items.
  #underWay = 0
  // Pages, counted.
  #added = 0
  #saved = 0
  #running: Promise<void> | undefined
  #timer: Timer | undefined
  #isFailing = false
  #lastError: unknown
  #isClosed = false

  constructor(options: ScribeOptions) {
    this.#options = options
    this.#failures = options.own.counter('plimsoll_alerter_save_failures_total')
  }

  // `saved` is called when it is durable, page after page.
  add(page: Page, saved: () => void): void {
    const rows = page.size
    const sheet = rows > smallMax ? this.#options.book.statements(page) : page
    this.#items.push({ sheet, rows, saved: [saved] })
    this.#added += 1
    if (!this.#isFailing) this.#wake()
  }

  // As add(), of a few rows: they join those that wait already, because pages and their waiting cost more than rows.
  join(fill: (page: Page) => void, saved: () => void): void {
    const last = this.#items.length > this.#underWay ? this.#items.at(-1) : undefined
    if (last?.sheet instanceof Page && last.saved.length < joinedMax) {
      fill(last.sheet)
      last.saved.push(saved)
      return
    }
    const page = new Page()
    fill(page)
    this.add(page, saved)
  }

  // Resolves when all that was added is durable. When the state refuses, it is rejected with its Failure, but nothing is
  // forgotten.
  settled(): Promise<void> {
    if (this.#saved === this.#added) return Promise.resolve()
    if (this.#isFailing && this.#running === undefined) return Promise.reject(this.#lastError)
    return new Promise((resolve, reject) => this.#waiters.push({ until: this.#added, resolve, reject }))
  }

  // Resolves when not much waits, or when the state refuses: whoever adds much would fill memory with what waits.
  async eased(): Promise<void> {
    const until = this.#added - aheadMax
    if (this.#saved >= until || this.#running === undefined) return
    await new Promise<void>(resolve => this.#waiters.push({ until, resolve, reject: () => resolve() }))
  }

  // The last try was refused.
  get isFailing(): boolean {
    return this.#isFailing
  }

  // As settled(), but tries at once and not a second after the last time.
  retry(): Promise<void> {
    this.#wake()
    return this.settled()
  }

  // Tries once more to save what is not.
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
    if (this.#items.length > 0) await this.#run()
    this.#timer?.cancel()
    if (this.#items.length === 0) return
    const pages = this.#items.length
    this.#options.log.error('alerter', 'stops, and what happened to alerts last is not saved', { pages })
  }

  #wake(): void {
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    this.#timer?.cancel()
    // Lets whoever adds in the same moment into the first save.
    await Promise.resolve()
    let trouble: Trouble | undefined
    while (this.#items.length > 0 && trouble === undefined) {
      trouble = await this.#saveSome()
      // What has landed meanwhile comes along: a save for each costs more than its rows.
      if (trouble === undefined) await new Breath().taken()
    }
    this.#running = undefined
    const wasFailing = this.#isFailing
    this.#isFailing = trouble !== undefined
    if (trouble !== undefined) this.#refuse(trouble)
    else if (wasFailing) this.#options.onRecovery()
  }

  async #saveSome(): Promise<Trouble | undefined> {
    const { book, write, reach } = this.#options
    const { sheets, count } = together(this.#items)
    this.#underWay = count
    try {
      await reach?.('before_save')
      await book.save(sheets, write)
      await reach?.('after_save')
    } catch (error) {
      return { error }
    } finally {
      this.#underWay = 0
    }
    for (const sheet of sheets) if (!(sheet instanceof Page)) for (const each of sheet) each.free()
    this.#saved += count
    for (const { saved } of this.#items.splice(0, count)) for (const each of saved) each()
    const waiters = this.#waiters
    this.#waiters = waiters.filter(({ until }) => until > this.#saved)
    for (const { until, resolve } of waiters) if (until <= this.#saved) resolve()
    return undefined
  }

  #refuse({ error }: Trouble): void {
    const { clock, log } = this.#options
    for (const { reject } of this.#waiters) reject(error)
    this.#waiters = []
    this.#lastError = error
    this.#failures.inc()
    if (!(error instanceof Failure)) throw error
    log.warn('alerter', 'cannot save what happened to alerts, and tries again', { error })
    if (!this.#isClosed) this.#timer = clock.after(retryMs, () => this.#wake())
  }
}

// Of fewer rows: many of them are a few statements when they are laid on each other. Of a storm that would take longer
// than it saves.
const smallMax = 64

// At least one, and as many more as one save should take.
function together(items: readonly Item[]): Readonly<{ sheets: readonly Sheet[]; count: number }> {
  const sheets: Sheet[] = []
  let small: Page | undefined
  let size = 0
  let count = 0
  for (const { sheet, rows: atFirst } of items) {
    const rows = sheet instanceof Page ? sheet.size : atFirst
    size += rows
    if (count > 0 && size > togetherMax) break
    count += 1
    if (!(sheet instanceof Page) || rows > smallMax) {
      sheets.push(sheet)
      small = undefined
      continue
    }
    // A page of its own, because they may have to be saved again.
    if (small === undefined) {
      small = new Page()
      sheets.push(small)
    }
    small.absorb(sheet)
  }
  return { sheets, count }
}
