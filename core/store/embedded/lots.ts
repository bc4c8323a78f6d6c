// What is not in segments yet: the lot that fills, the one that is being flushed, and their journal files, of the
// same numbers. It decides when a lot is due and whether there is room for more. Called by engine.ts.
import { RowBuffer } from '../../batch.ts'
import type { Append, Journal } from './journal.ts'
import type { JournalFolder } from './journal-folder.ts'
import { commitRows, Recent } from './recent.ts'

export type LotOptions = Readonly<{
  // What may wait in memory before it is flushed; a second such lot may fill while the first is written.
  recentBytes: number
  // What is recent is flushed at this age even when it is little.
  flushMs: number
}>

export class Lots {
  readonly #options: LotOptions
  readonly #journals: JournalFolder
  #journal: Journal | undefined
  recent: Recent
  // Being flushed, or failed to and to be tried again. Still readable, still in its journal.
  flushing: Recent | undefined
  #writing: Promise<void> | undefined
  #hasFailed = false
  #spare: RowBuffer | undefined

  constructor(options: LotOptions, journals: JournalFolder, number: number) {
    this.#options = options
    this.#journals = journals
    this.recent = new Recent(number, this.#newBuffer())
  }

  // From here on, what comes goes to a journal too. What was added before is in older files.
  begin(): void {
    this.#journal = this.#journals.create(this.recent.number)
  }

  append(append: Append, nowMs: number): void {
    this.#journal?.append(append)
    this.recent.add(append.rows, append.notes, nowMs)
  }

  // Oldest first.
  all(): readonly Recent[] {
    return this.flushing === undefined ? [this.recent] : [this.flushing, this.recent]
  }

  get isFull(): boolean {
    return this.recent.sizeBytes >= this.#options.recentBytes
  }

  get writing(): Promise<void> | undefined {
    return this.#writing
  }

  get hasFailed(): boolean {
    return this.#hasFailed
  }

  get journalBytes(): number {
    return this.#journal?.sizeBytes ?? 0
  }

  isDue(nowMs: number): boolean {
    const { sinceMs } = this.recent
    // A clock that was set back must not put it off.
    const isOld = sinceMs !== undefined && Math.abs(nowMs - sinceMs) >= this.#options.flushMs
    return isOld || this.isFull
  }

  // What is recent becomes what is flushed next, and a new lot begins. When it throws, nothing has changed.
  rotate(): void {
    const { recent } = this
    if (this.flushing !== undefined) throw new Error('one lot is being flushed already')
    const journal = this.#journals.create(recent.number + 1)
    this.close()
    this.#journal = journal
    this.recent = new Recent(recent.number + 1, this.#spare ?? this.#newBuffer())
    this.#spare = undefined
    this.flushing = recent
  }

  // Writes the lot that waits to be flushed, if one does. One call at a time.
  async write(work: (recent: Recent) => Promise<void>): Promise<void> {
    const { flushing } = this
    if (flushing === undefined) return
    this.#writing = work(flushing)
    try {
      await this.#writing
    } catch (error) {
      this.#hasFailed = true
      throw error
    } finally {
      this.#writing = undefined
    }
    this.#hasFailed = false
    this.flushing = undefined
    // Under load the next lot is as large as this one; when it is quiet, memory goes back.
    this.#spare = this.isLarge(flushing) ? flushing.buffer : undefined
    this.#journals.dropUpTo(flushing.number)
  }

  isLarge(recent: Recent): boolean {
    return recent.sizeBytes >= this.#options.recentBytes
  }

  close(): void {
    this.#journal?.close()
    this.#journal = undefined
  }

  // With room for one commit more, which may come when it is all but full.
  #newBuffer(): RowBuffer {
    return new RowBuffer(this.#options.recentBytes / 20 + commitRows)
  }
}
