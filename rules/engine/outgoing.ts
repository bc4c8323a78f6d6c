// What leaves an evaluator: what alerts have become is saved, with how far the input was, and told; behind that, what
// rules record is written. Called by evaluator.ts.
import type { Batch, RowBuffer } from '#core/batch.ts'
import { Failure } from '#core/errors.ts'
import { openBook, type Saved } from '../book.ts'
import type { LiveRules } from '../live-rules.ts'
import { openScribe, type Scribe } from '../scribe.ts'
import type { EvaluatorOptions } from './options.ts'
import { type Outlet, openOutlet } from './outlet.ts'
import { Places, type Position } from './places.ts'
import type { Removed } from './removed.ts'

export class Outgoing {
  readonly #options: EvaluatorOptions
  readonly #outlet: Outlet
  readonly #places = new Places()
  #scribe: Scribe | undefined

  constructor(options: EvaluatorOptions) {
    this.#options = options
    // People hear of a storm before its series are written.
    const isStorm = (): boolean => this.#scribe?.isStorm === true
    this.#outlet = openOutlet({ ...options, isStorm, calm: async () => this.#scribe?.calm() })
  }

  // What the last owner saved. First of all.
  async load(): Promise<Saved> {
    const { part, state, write } = this.#options
    const book = openBook({ state })
    const saved = await book.load(part)
    this.#scribe = openScribe({ ...this.#options, book, untold: saved.untold, write })
    return saved
  }

  get isFailing(): boolean {
    return this.#scribe?.isFailing === true
  }

  // Nothing is evaluated that could not be saved: whoever sent it sends it again.
  refuseIfFailing(): void {
    if (this.isFailing) throw new Failure('state_unavailable', 'alerts cannot be saved just now')
  }

  handled(position: Position): void {
    this.#places.handled(position)
  }

  isOwn(batch: Batch): boolean {
    return this.#outlet.isOwn(batch)
  }

  save(page: Removed): Promise<void> {
    return this.#scribe!.save({ part: this.#options.part, ...page })
  }

  // What live rules have come to. Resolves when it is saved; positions alone are waited for by nobody.
  settle(live: LiveRules, isLast: boolean): Promise<void> | undefined {
    const outcome = live.takeOutcome()
    const isChange = isLast || outcome !== undefined
    const places = this.#places.take(live.nowMs, this.#options.clock.nowMs(), isChange)
    if (outcome === undefined && places === undefined) return undefined
    const page = { entries: [], transitions: [], ...outcome, ...(places && { places }) }
    const saving = this.save(page)
    if (isChange) return saving
    saving.catch(() => {})
    return undefined
  }

  // Behind what it comes of; when that cannot be saved just now, it will be.
  write(rows: RowBuffer, nowMs: number, saved: Promise<void> | undefined): Promise<void> | undefined {
    const written = (saved ?? Promise.resolve()).finally(() => this.#outlet.write(rows, nowMs))
    return saved === undefined ? undefined : written
  }

  async close(): Promise<void> {
    await this.#scribe?.close()
    await this.#outlet.close()
  }
}
