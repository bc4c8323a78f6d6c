// Notes of a store whose database takes numbers only: they rest in the state. Each once, however often it is written.
// Called by ../prometheus.ts.
import { createHash } from 'node:crypto'
import type { Batch } from '../../batch.ts'
import type { Clock, Timer } from '../../clock.ts'
import { keyOf, labelsOf } from '../../labels.ts'
import type { Log } from '../../log.ts'
import { matches } from '../../matchers.ts'
import type { Matcher, Note, Series } from '../../model.ts'
import type { SeriesTable } from '../../series.ts'
import type { State } from '../../state.ts'
import type { Range } from '../../store.ts'
import { SteadyClock } from '../steady-clock.ts'

export type NotesParts = Readonly<{
  state: State
  table: SeriesTable
  clock: Clock
  log: Log
  keepMs: number
}>

const dayMs = 86_400_000
const hourMs = 3_600_000
// Rows of one statement; PostgreSQL takes 65 535 parameters, SQLite 32 766.
const rowsMax = 1_000
// Beyond this many matching series the time tells what is read, and the others are passed over.
const namedMax = 500
const limitMax = 100_000
// Of those that do not match, how many are passed over for one answer.
const passedMax = 1_000_000
// One step of forgetting is over in a few milliseconds; a run makes at most so many of them.
const stepsMax = 1_000

export class Notes {
  readonly #parts: NotesParts
  // By the id of a series: the series, and when the state was last told that it has notes.
  readonly #known = new Map<string, { series: Series; seenAtMs: number }>()
  #readToMs = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined
  #steady: SteadyClock | undefined

  constructor(parts: NotesParts) {
    this.#parts = parts
    this.#later()
  }

  // Resolves when they are durable.
  async add(batches: readonly Batch[]): Promise<void> {
    const notes = batches.flatMap(batch => batch.notes)
    for (let from = 0; from < notes.length; from += rowsMax) {
      await this.#write(notes.slice(from, from + rowsMax))
    }
  }

  async #write(notes: Batch['notes']): Promise<void> {
    const { state, table, clock } = this.#parts
    const nowMs = clock.nowMs()
    const news = new Map<string, Series>()
    const rows = notes.map(note => {
      const series = table.get(note.series)
      const id = idOf(series)
      if ((this.#known.get(id)?.seenAtMs ?? Number.NEGATIVE_INFINITY) < nowMs - dayMs) news.set(id, series)
      return { series_id: id, at_ms: note.tMs, digest: digest(note.text), text: JSON.stringify(note.text) }
    })
    // In one order, so that two processes never wait for each other.
    const seen = [...news]
      .sort(byFirst)
      .map(([id, series]) => ({ id, series: JSON.stringify(series), seen_at_ms: nowMs }))
    const touched = state.db
      .insertInto('note_series')
      .values(seen)
      .onConflict(on => on.column('id').doUpdateSet({ seen_at_ms: nowMs }))
    const inserted = state.db
      .insertInto('notes')
      .values(rows.sort((a, b) => (a.digest < b.digest ? -1 : 1)))
      .onConflict(on => on.doNothing())
    await state.write(seen.length === 0 ? [inserted] : [touched, inserted])
    for (const [id, series] of news) this.#known.set(id, { series, seenAtMs: nowMs })
  }

  // Newest first.
  async find(matchers: readonly Matcher[], { fromMs, toMs }: Range, limit: number): Promise<Note[]> {
    const wanted = Math.min(limit, limitMax)
    const chosen = new Map((await this.#matching(matchers)).map(each => [each.id, each.series]))
    const ids = [...chosen.keys()]
    if (ids.length === 0 || wanted <= 0) return []
    const newest = this.#parts.state.db
      .selectFrom('notes')
      .select(['series_id', 'at_ms', 'digest', 'text'])
      .where('at_ms', '>=', whole(fromMs))
      .where('at_ms', '<=', whole(toMs))
      .orderBy('at_ms', 'desc')
      .orderBy('series_id')
      .orderBy('digest')
    if (ids.length <= namedMax) {
      const rows = await newest.where('series_id', 'in', ids).limit(wanted).execute()
      return rows.map(row => noteOf(row, chosen.get(row.series_id)!))
    }
    const found: Note[] = []
    let page = newest
    for (let passed = 0; passed < passedMax && found.length < wanted; passed += rowsMax) {
      const rows = await page.limit(rowsMax).execute()
      for (const row of rows) {
        const series = chosen.get(row.series_id)
        if (series !== undefined && found.length < wanted) found.push(noteOf(row, series))
      }
      const last = rows.at(-1)
      if (last === undefined || rows.length < rowsMax) break
      page = newest.where(({ eb, or, and }) => {
        const sameTime = eb('at_ms', '=', last.at_ms)
        const sameSeries = and([sameTime, eb('series_id', '=', last.series_id)])
        return or([
          eb('at_ms', '<', last.at_ms),
          and([sameTime, eb('series_id', '>', last.series_id)]),
          and([sameSeries, eb('digest', '>', last.digest)]),
        ])
      })
    }
    return found
  }

  // Series that have notes, or had them.
  async series(matchers: readonly Matcher[]): Promise<Series[]> {
    return (await this.#matching(matchers)).map(({ series }) => series)
  }

  close(): void {
    this.#timer?.cancel()
  }

  async #matching(matchers: readonly Matcher[]): Promise<{ id: string; series: Series }[]> {
    await this.#learn()
    const found: { id: string; series: Series }[] = []
    for (const [id, { series }] of this.#known) if (matches(series, matchers)) found.push({ id, series })
    return found
  }

  // What other processes have written since the last look. A minute back, because their clocks are not ours and a
  // commit takes its time.
  async #learn(): Promise<void> {
    const sinceMs = this.#readToMs - 60_000
    const readToMs = this.#parts.clock.nowMs()
    let last = ''
    for (;;) {
      let query = this.#parts.state.db
        .selectFrom('note_series')
        .selectAll()
        .where('id', '>', last)
        .orderBy('id')
        .limit(rowsMax)
      if (Number.isFinite(sinceMs)) query = query.where('seen_at_ms', '>=', sinceMs)
      const rows = await query.execute()
      for (const { id, series, seen_at_ms } of rows) {
        const { name, labels } = JSON.parse(series) as Series
        const known = this.#known.get(id)
        this.#known.set(id, {
          series: known?.series ?? { name, labels: labelsOf(Object.entries(labels)) },
          seenAtMs: Math.max(seen_at_ms, known?.seenAtMs ?? 0),
        })
      }
      if (rows.length < rowsMax) break
      last = rows.at(-1)!.id
    }
    this.#readToMs = readToMs
  }

  #later(): void {
    this.#timer = this.#parts.clock.after(hourMs, () => {
      this.forget().catch(error =>
        this.#parts.log.warn('store', 'notes that are too old could not be deleted', { error }),
      )
      this.#later()
    })
  }

  // Deletes what is older than what is kept, in small steps; what is left over is for the next time. They are those of
  // all processes, so one whose clock is years ahead deletes nothing.
  async forget(): Promise<void> {
    const { state, clock, keepMs } = this.#parts
    const nowMs = clock.nowMs()
    this.#steady ??= new SteadyClock(nowMs, await this.#newestMs())
    if (!this.#steady.isSteady(nowMs)) return
    const beforeMs = nowMs - keepMs
    for (let step = 0; step < stepsMax; step++) {
      const oldest = state.db
        .selectFrom('notes')
        .select('at_ms')
        .where('at_ms', '<', beforeMs)
        .orderBy('at_ms')
      const last = await oldest
        .offset(rowsMax - 1)
        .limit(1)
        .executeTakeFirst()
      const deleted = state.db.deleteFrom('notes')
      await state.write([
        last === undefined ? deleted.where('at_ms', '<', beforeMs) : deleted.where('at_ms', '<=', last.at_ms),
      ])
      if (last === undefined) break
    }
    // A day more, because writers tell only each day that they still do.
    const unseenMs = beforeMs - 2 * dayMs
    await state.write([state.db.deleteFrom('note_series').where('seen_at_ms', '<', unseenMs)])
    for (const [id, { seenAtMs }] of this.#known) if (seenAtMs < unseenMs) this.#known.delete(id)
  }

  async #newestMs(): Promise<number | undefined> {
    const newest = this.#parts.state.db.selectFrom('notes').select('at_ms').orderBy('at_ms', 'desc').limit(1)
    return (await newest.executeTakeFirst())?.at_ms
  }
}

const byFirst = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

const hashed = (text: string): string =>
  createHash('sha256').update(text, 'utf16le').digest('base64url').slice(0, 22)
const idOf = (series: Series): string => hashed(keyOf(series))
const digest = (text: string): string => hashed(text)

type Row = Readonly<{ at_ms: number; text: string }>

const noteOf = (row: Row, series: Series): Note => ({
  series,
  tMs: row.at_ms,
  text: JSON.parse(row.text) as string,
})

// What the databases of the state take as an integer.
const whole = (tMs: number): number =>
  Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.floor(tMs)))
