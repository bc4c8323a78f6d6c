// Which batches share a commit? Whatever waits goes into one; what comes while it is under way goes into the next.
// Their rows are laid where the store's thread sees them. Called by ../embedded.ts.
import type { Batch } from '../../batch.ts'
import { elapsedMs } from '../../clock.ts'
import { Failure } from '../../errors.ts'
import type { OwnMetrics } from '../../own-metrics.ts'
import type { SeriesTable } from '../../series.ts'
import type { Definition, NoteRecord } from './journal.ts'
import { slabBytes, slabRows } from './messages.ts'
import { commitRows } from './recent.ts'
import type { StoreThread } from './thread.ts'

// Beyond this many waiting rows, senders are told to come again.
const waitingRowsMax = 4_000_000

type Waiting = Readonly<{ batches: readonly Batch[]; rows: number; done: (error?: unknown) => void }>

export class Commits {
  readonly #thread: StoreThread
  readonly #table: SeriesTable
  readonly #own: OwnMetrics | undefined
  #slab = new SharedArrayBuffer(slabBytes(4_096))
  // Numbers below this are on the disk.
  #defined: number
  #waiting: Waiting[] = []
  #waitingRows = 0
  #underWay: Promise<void> | undefined
  // Why the last commit failed; a nearly full disk is no failure.
  refusedBy: string | undefined

  constructor(thread: StoreThread, table: SeriesTable, own: OwnMetrics | undefined) {
    this.#thread = thread
    this.#table = table
    this.#own = own
    this.#defined = table.size
    own?.gauge('plimsoll_store_waiting_samples').read(() => this.#waitingRows)
  }

  add(batches: readonly Batch[]): Promise<void> {
    const rows = batches.reduce((sum, batch) => sum + batch.rows.series.length, 0)
    if (this.#waitingRows + rows > waitingRowsMax && this.#waitingRows > 0) {
      return Promise.reject(new Failure('overloaded', `${this.#waitingRows} samples wait for the disk`))
    }
    return new Promise((resolve, reject) => {
      const done = (error?: unknown): void => (error === undefined ? resolve() : reject(error))
      this.#waiting.push({ batches, rows, done })
      this.#waitingRows += rows
      this.#next()
    })
  }

  // Resolves when everything that was added is durable or refused.
  async idle(): Promise<void> {
    while (this.#underWay !== undefined) await this.#underWay
  }

  #next(): void {
    if (this.#underWay !== undefined || this.#waiting.length === 0) return
    this.#underWay = this.#commit(this.#take()).finally(() => {
      this.#underWay = undefined
      this.#next()
    })
  }

  // Never rejects: each of those who wait is told.
  async #commit(taken: readonly Waiting[]): Promise<void> {
    const count = taken.reduce((sum, each) => sum + each.rows, 0)
    const defined = this.#table.size
    const began = elapsedMs()
    let failed: unknown
    try {
      this.#fill(taken, count)
      const [definitions, notes] = [this.#definitions(defined), notesOf(taken)]
      await this.#thread.ask('append', { slab: this.#slab, count, definitions, notes })
      this.#defined = defined
      this.#own?.counter('plimsoll_store_samples_total').inc(count)
    } catch (error) {
      failed = error
    }
    this.refusedBy = refusalIn(failed)
    this.#own?.histogram('plimsoll_store_append_seconds').observe((elapsedMs() - began) / 1_000)
    for (const { done } of taken) done(failed)
  }

  #take(): Waiting[] {
    let rows = 0
    let many = 0
    for (const each of this.#waiting) {
      if (many > 0 && rows + each.rows > commitRows) break
      rows += each.rows
      many++
    }
    this.#waitingRows -= rows
    return this.#waiting.splice(0, many)
  }

  #fill(taken: readonly Waiting[], count: number): void {
    if (this.#slab.byteLength < slabBytes(count)) this.#slab = new SharedArrayBuffer(slabBytes(count) * 2)
    const slab = slabRows(this.#slab, count)
    let at = 0
    for (const { rows } of taken.flatMap(each => each.batches)) {
      slab.series.set(rows.series, at)
      slab.tMs.set(rows.tMs, at)
      slab.values.set(rows.values, at)
      at += rows.series.length
    }
  }

  #definitions(to: number): Definition[] {
    const definitions: Definition[] = []
    for (let id = this.#defined; id < to; id++) {
      if (this.#table.has(id)) definitions.push([id, this.#table.get(id).name, this.#table.get(id).labels])
    }
    return definitions
  }
}

const refusalIn = (error: unknown): string | undefined =>
  error instanceof Failure && error.code !== 'store_nearly_full' ? error.detail : undefined

const notesOf = (taken: readonly Waiting[]): NoteRecord[] =>
  taken.flatMap(({ batches }) => batches.flatMap(({ notes }) => notes.map(noteRecord)))

const noteRecord = ({ series, tMs, text }: Batch['notes'][number]): NoteRecord => [series, tMs, text]
