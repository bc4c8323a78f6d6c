// May this sender bring another series? What it brought before goes on; beyond its allowance new series are refused,
// so that one wild label cannot fill the table for everyone. The gateway's decoders intern through it.
import type { Labels } from '#core/model.ts'
import { refused, type SeriesTable } from '#core/series.ts'

// On average: a count alone would let a few series with a megabyte of labels each take all memory.
const textPerSeries = 1_024

type Brought = Readonly<{ series: number; text: number }>
const none: Brought = { series: 0, text: 0 }

// What a decoder needs of a SeriesTable.
export type SeriesSource = Pick<SeriesTable, 'intern'>

export class SeriesAllowance implements SeriesSource {
  readonly #table: SeriesTable
  readonly #perSource: number
  // How many series each sender was the first to bring since the start, and the length of their labels. Senders are
  // tokens and users, so they are few.
  readonly #brought = new Map<string, Brought>()
  #source = ''

  constructor(table: SeriesTable, perSource: number) {
    this.#table = table
    this.#perSource = perSource
  }

  // Whose series the following calls of intern() are. Decoding is synchronous, so no other request comes between.
  enter(source: string): void {
    this.#source = source
  }

  intern(name: string, labels: Labels): number {
    const { series, text } = this.#brought.get(this.#source) ?? none
    if (series >= this.#perSource || text >= this.#perSource * textPerSeries) {
      return this.#table.find({ name, labels }) ?? refused
    }
    const before = this.#table.size
    const id = this.#table.intern(name, labels)
    if (this.#table.size > before) {
      this.#brought.set(this.#source, { series: series + 1, text: text + textOf(labels) })
    }
    return id
  }

  broughtBy(source: string): number {
    return (this.#brought.get(source) ?? none).series
  }
}

function textOf(labels: Labels): number {
  let length = 0
  for (const label in labels) length += label.length + labels[label]!.length
  return length
}
