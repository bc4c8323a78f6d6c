// What becomes of the rows of an answer: samples in columns, the newest notes, or only which series there are.
// Made by read.ts for each question.
import { RowBuffer } from '../../batch.ts'
import { Failure } from '../../errors.ts'
import { isSpecial, type Special } from '../../line-protocol/names.ts'
import type { Note, Series } from '../../model.ts'
import { staleNaN } from '../../stale.ts'
import type { Reader, Table } from './csv.ts'
import type { Part } from './join.ts'
import { Runs } from './runs.ts'
import type { Found, Tables } from './tables.ts'

export type Accepts = (series: Series) => boolean

const specialNumber = (text: Special): number => {
  if (text === 'stale') return staleNaN
  return text === 'NaN' ? Number.NaN : text === '+Inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
}

type Options = Readonly<{ tables: Tables; accepts: Accepts; max: number }>

// Every row is one call of number() or text(), and a million come a second.
export class SampleReader implements Reader {
  readonly #options: Options
  readonly rows = new RowBuffer()
  readonly parts: Part[] = []
  readonly runs = new Runs()
  #run: ReturnType<Runs['at']> | undefined
  #isNewest = false
  #takes = false
  #part = 0
  #passed = 0

  constructor(options: Options) {
    this.#options = options
  }

  table(table: Table): void {
    const { tables, accepts } = this.#options
    const found = tables.read(table)
    this.#run = this.runs.at(found)
    this.#isNewest = table.result === 'newest'
    this.#takes = !this.#isNewest && found.holds !== 'notes' && accepts(found.series)
    if (!this.#takes) return
    this.#part = this.parts.length
    const { length } = this.rows
    this.parts.push({ series: found.series, isSpecial: found.holds === 'specials', from: length, to: length })
  }

  number(tMs: number, value: number): void {
    this.#saw(tMs)
    if (!this.#takes) return
    if (this.rows.length >= this.#options.max) {
      throw new Failure('too_many_samples', `there are more than ${this.#options.max}`)
    }
    this.rows.push(this.#part, tMs, value)
    this.parts[this.#part]!.to = this.rows.length
  }

  text(tMs: number, text: string): void {
    if (isSpecial(text)) this.number(tMs, specialNumber(text))
    else this.#passOver(tMs)
  }

  // Notes are rows too, and come by the same road.
  #passOver(tMs: number): void {
    this.#saw(tMs)
    if (++this.#passed > this.#options.max) {
      throw new Failure(
        'too_many_samples',
        `there are more than ${this.#options.max} notes among the samples`,
      )
    }
  }

  #saw(tMs: number): void {
    const run = this.#run!
    if (this.#isNewest) run.newestMs = tMs
    else if (tMs > run.endMs) run.endMs = tMs
  }
}

export class NoteReader implements Reader {
  readonly #options: Options
  readonly runs = new Runs()
  #notes: Note[] = []
  #found: Found | undefined
  #run: ReturnType<Runs['at']> | undefined
  #isNewest = false

  constructor(options: Options) {
    this.#options = options
  }

  table(table: Table): void {
    this.#found = this.#options.tables.read(table)
    this.#run = this.runs.at(this.#found)
    this.#isNewest = table.result === 'newest'
  }

  number(tMs: number): void {
    const run = this.#run!
    if (this.#isNewest) run.newestMs = tMs
    else if (tMs > run.endMs) run.endMs = tMs
  }

  text(tMs: number, text: string): void {
    this.number(tMs)
    const { series, holds } = this.#found!
    if (this.#isNewest || holds !== 'notes' || !this.#options.accepts(series)) return
    this.#notes.push({ series, tMs, text })
    if (this.#notes.length >= 2 * this.#options.max + 1_000) this.#notes = this.newest()
  }

  newest(): Note[] {
    return this.#notes.toSorted((a, b) => b.tMs - a.tMs).slice(0, this.#options.max)
  }
}

export type Row = Found & Readonly<{ tMs: number; value: number }>

// One row for each table: of scripts that ask for the oldest or newest.
export class RowReader implements Reader {
  readonly #tables: Tables
  readonly rows: Row[] = []
  #found: Found | undefined

  constructor(tables: Tables) {
    this.#tables = tables
  }

  table(table: Table): void {
    this.#found = this.#tables.read(table)
  }

  number(tMs: number, value: number): void {
    this.rows.push({ ...this.#found!, tMs, value })
  }

  text(tMs: number, text: string): void {
    this.number(tMs, isSpecial(text) ? specialNumber(text) : Number.NaN)
  }
}
