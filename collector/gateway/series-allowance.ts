// May this sender bring another series? What is known goes on; beyond what a sender may bring within a day new series
// are refused, so that one wild label cannot fill the table for everyone. The gateway's decoders intern through it.
import type { Labels } from '#core/model.ts'
import { refused, type SeriesTable } from '#core/series.ts'

// On average: a count alone would let a few series with a megabyte of labels each take all memory.
const textPerSeries = 1_024

// A day ends an hour at a time, so that ordinary churn is let in again little by little.
const hourMs = 3_600_000
const hoursOfDay = 24

type Brought = Readonly<{ series: number; text: number }>
const none: Brought = { series: 0, text: 0 }

// What a decoder needs of a SeriesTable.
export type SeriesSource = Pick<SeriesTable, 'intern'>

export class SeriesAllowance implements SeriesSource {
  readonly #table: SeriesTable
  readonly #perSource: number
  // How many series each sender was the first to bring in each hour of the last day, and the length of their names and labels.
  // Who brought none is not in it.
  readonly #hours = new Map<number, Map<string, Brought>>()
  #source = ''
  #hour = 0
  // Of that sender, within the day.
  #today = none

  constructor(table: SeriesTable, perSource: number) {
    this.#table = table
    this.#perSource = perSource
  }

  // Whose series the following calls of intern() are. Decoding is synchronous, so no other request comes between. The
  // time is one that never goes back.
  enter(source: string, nowMs: number): void {
    this.#source = source
    this.#hour = Math.floor(nowMs / hourMs)
    this.#today = none
    for (const [hour, brought] of this.#hours) {
      if (hour <= this.#hour - hoursOfDay) this.#hours.delete(hour)
      else this.#today = sum(this.#today, brought.get(source))
    }
  }

  intern(name: string, labels: Labels): number {
    const { series, text } = this.#today
    if (series >= this.#perSource || text >= this.#perSource * textPerSeries) {
      return this.#table.find({ name, labels }) ?? refused
    }
    const before = this.#table.size
    const id = this.#table.intern(name, labels)
    if (this.#table.size > before) this.#count({ series: 1, text: name.length + textOf(labels) })
    return id
  }

  // New series of whoever has entered, within the day.
  get brought(): number {
    return this.#today.series
  }

  #count(one: Brought): void {
    const brought = this.#hours.get(this.#hour) ?? new Map<string, Brought>()
    this.#hours.set(this.#hour, brought)
    brought.set(this.#source, sum(one, brought.get(this.#source)))
    this.#today = sum(one, this.#today)
  }
}

const sum = (one: Brought, other = none): Brought => ({
  series: one.series + other.series,
  text: one.text + other.text,
})

function textOf(labels: Labels): number {
  let length = 0
  for (const label in labels) length += label.length + labels[label]!.length
  return length
}
