// What people asked not to hear about, and until when: durable, for all processes, with Alertmanager's meaning. Opened by
// bin/ for whoever decides (silencedBy) and for whoever answers (the API).
import { randomUUID } from 'node:crypto'
import type { Clock, Timer } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { Labels } from '#core/model.ts'
import { type AuditEntry, audited } from '#core/state/audit.ts'
import type { State } from '#core/state.ts'
import { oldBeforeMs } from './book/old.ts'
import { matchersText } from './matcher.ts'
import {
  charactersOfSilence,
  endSilence,
  judgeSilence,
  planSilence,
  type Silence,
  stepsOfSilence,
  type WantedSilence,
} from './silences/silence.ts'
import { saveSilenceFacts, silenceFact } from './silences/silence-facts.ts'
import { SilenceIndex } from './silences/silence-index.ts'
import {
  countSilences,
  forgetSilences,
  readSilence,
  readSilences,
  type SilenceRow,
  saveSilences,
} from './silences/silence-rows.ts'

export interface Silences extends AsyncDisposable {
  // Ids of those that hold an alert with these labels, sorted.
  silencedBy(labels: Labels, nowMs: number): readonly string[]
  get(id: string): Silence | undefined
  all(): readonly Silence[]
  // Makes one, or changes the one with this id; the answer may have another id. `who` stands in the audit. Throws a
  // Failure: bad_request, or not_found.
  put(wanted: WantedSilence, who: string): Promise<Silence>
  // Ends it now. What is over already stays as it is.
  expire(id: string, who: string): Promise<void>
  // With those that were made, changed or ended, here or by another process; not when time alone begins or ends one.
  onChange(hear: (changed: readonly Silence[]) => void): void
  close(): Promise<void>
}

export type SilencesOptions = Readonly<{
  state: State
  clock: Clock
  log: Log
  // Other processes write silences too; theirs are seen within a second.
  isShared: boolean
  // How long one is shown after its end. Left out: as Alertmanager, 120 h.
  retentionMs?: number
}>

const retainedMs = 120 * 3_600_000
const readEachMs = 1_000
// Above what people make; a program that makes one each minute and never looks is met.
const silencesMax = 50_000
// Of all of them, ended ones too while they are shown.
const charactersMax = 32 * 1_024 * 1_024
// Some 100 MB and one second of a start.
const stepsMax = 300_000

export async function openSilences(options: SilencesOptions): Promise<Silences> {
  const store = new Store(options)
  await store.catchUp()
  if (options.isShared) store.follow()
  return {
    silencedBy: (labels, nowMs) => store.index.silencedBy(labels, nowMs),
    get: id => store.get(id),
    all: () => store.all(),
    put: (wanted, who) => store.put(wanted, who),
    expire: (id, who) => store.expire(id, who),
    onChange: hear => void store.hearers.push(hear),
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

class Store {
  readonly index = new SilenceIndex()
  readonly hearers: ((changed: readonly Silence[]) => void)[] = []
  readonly #options: SilencesOptions
  readonly #retentionMs: number
  // What others wrote up to here is known. Our own writes do not move it: those of others may lie below them.
  #readUpTo = 0
  // Of each that is known, which writing of it.
  readonly #seqs = new Map<string, number>()
  // What ended before then is forgotten, here and in the state.
  #oldBeforeMs = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined
  #reading: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: SilencesOptions) {
    this.#options = options
    this.#retentionMs = options.retentionMs ?? retainedMs
  }

  get(id: string): Silence | undefined {
    const silence = this.index.get(id)
    return silence !== undefined && this.#isKept(silence) ? silence : undefined
  }

  all(): readonly Silence[] {
    return [...this.index.all()].filter(each => this.#isKept(each))
  }

  async put(wanted: WantedSilence, who: string): Promise<Silence> {
    const { state, clock } = this.#options
    const nowMs = clock.nowMs()
    judgeSilence(wanted, nowMs)
    this.#checkSteps(wanted, nowMs)
    this.#checkSize(wanted)
    const saved = await state.transaction(async tx => {
      await forgetSilences(tx, await this.#age(tx))
      const before = wanted.id === '' ? undefined : await readSilence(tx, wanted.id)
      if (wanted.id !== '' && before === undefined) throw notFound()
      const { silence, ended } = planSilence(wanted, before, { nowMs, newId: randomUUID })
      const count = silence.id === before?.id ? 0 : await countSilences(tx)
      if (count >= silencesMax) throw new Failure('bad_request', tooMany(count))
      const saved = await saveSilences(tx, ended === undefined ? [silence] : [ended, silence], nowMs)
      const what = before === undefined ? 'silence created' : 'silence changed'
      await audited(tx, entryOf(silence, { atMs: nowMs, who, what })).execute()
      const facts = [silenceFact(silence, 'silenced', who)]
      if (ended !== undefined) facts.push(silenceFact(ended, 'unsilenced', who))
      await saveSilenceFacts(tx, facts)
      return saved
    })
    this.#take(saved)
    this.#forget()
    return saved.at(-1)!.silence
  }

  // Of another process, what was made within the last second is missed.
  #checkSteps(wanted: WantedSilence, nowMs: number): void {
    const own = stepsOfSilence(wanted)
    const steps = this.index.stepsBeside(wanted.id, nowMs) + own
    if (own > 0 && steps > stepsMax)
      throw new Failure(
        'bad_request',
        `the regular expressions of all silences come to ${steps} steps (limit: ${stepsMax}): end some, or name the values`,
      )
  }

  #checkSize(wanted: WantedSilence): void {
    const characters = this.index.charactersBeside(wanted.id) + charactersOfSilence(wanted)
    if (characters > charactersMax)
      throw new Failure(
        'bad_request',
        `all silences come to ${characters} characters (limit: ${charactersMax}): end some, or say less`,
      )
  }

  async expire(id: string, who: string): Promise<void> {
    const { state, clock } = this.#options
    const nowMs = clock.nowMs()
    const saved = await state.transaction(async tx => {
      const before = await readSilence(tx, id)
      if (before === undefined || !this.#isKept(before)) throw notFound()
      const ended = endSilence(before, nowMs)
      if (ended === undefined) return []
      await audited(tx, entryOf(ended, { atMs: nowMs, who, what: 'silence ended' })).execute()
      await saveSilenceFacts(tx, [silenceFact(ended, 'unsilenced', who)])
      return saveSilences(tx, [ended], nowMs)
    })
    this.#take(saved)
  }

  // Reads what is new since the last time.
  async catchUp(): Promise<void> {
    const rows = await readSilences(this.#options.state.db, this.#readUpTo)
    if (rows.length === 0) return
    this.#readUpTo = rows.at(-1)!.seq
    this.#take(rows)
    await this.#age(this.#options.state.db)
    this.#forget()
  }

  follow(): void {
    this.#timer = this.#options.clock.after(readEachMs, () => {
      this.#reading = this.#readAgain()
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#reading
  }

  async #readAgain(): Promise<void> {
    try {
      await this.catchUp()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.#options.log.warn('alerter', 'silences of other processes cannot be read', { error })
    }
    if (!this.#isClosed) this.follow()
  }

  // Our own writes come again with those of the others, and what was read may be older than what was written since.
  #take(rows: readonly SilenceRow[]): void {
    const news = rows.filter(({ seq, silence }) => seq > (this.#seqs.get(silence.id) ?? 0))
    if (news.length === 0) return
    for (const { seq, silence } of news) {
      this.#seqs.set(silence.id, seq)
      this.index.put(silence)
    }
    for (const hear of this.hearers) hear(news.map(({ silence }) => silence))
  }

  #isKept({ endsAtMs }: Silence): boolean {
    return endsAtMs + this.#retentionMs > this.#options.clock.nowMs()
  }

  // They are not shown any more by the clock, but forgotten only when it was right.
  async #age(db: State['db']): Promise<number> {
    const age = { nowMs: this.#options.clock.nowMs(), keptMs: this.#retentionMs }
    this.#oldBeforeMs = await oldBeforeMs(db, age)
    return this.#oldBeforeMs
  }

  #forget(): void {
    for (const each of this.index.all()) {
      if (each.endsAtMs > this.#oldBeforeMs) continue
      this.index.delete(each.id)
      this.#seqs.delete(each.id)
    }
  }
}

const notFound = (): Failure => new Failure('not_found', 'silence not found')

const tooMany = (count: number): string =>
  `exceeded maximum number of silences: ${count} (limit: ${silencesMax})`

function entryOf({ id, ...silence }: Silence, entry: Omit<AuditEntry, 'details'>): AuditEntry {
  const { createdBy, comment, startsAtMs, endsAtMs } = silence
  const details = { id, matchers: matchersText(silence.matchers), createdBy, comment, startsAtMs, endsAtMs }
  return { ...entry, details }
}
