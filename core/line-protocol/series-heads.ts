// With which bytes do the samples of a series begin? "measurement,tags " and "field=", each kept once however many
// series share it, and found by the number of the series. Called by batch-text.ts.
import { metricField } from '../metric-fields.ts'
import { inputMetrics } from '../metrics-inputs.ts'
import type { SeriesTable } from '../series.ts'
import { ByteKeys } from './byte-keys.ts'
import { seriesPrefix } from './encode.ts'

const utf8 = new TextEncoder()

// All fields there are: those of our vocabulary, and `value`.
export const fieldsMax = Object.keys(inputMetrics).length + 1

export class SeriesHeads {
  readonly #table: SeriesTable
  readonly #cacheBytes: number
  readonly heads = new ByteKeys()
  readonly fields = new ByteKeys()
  // By the number of the series: the number of its head plus one; twice that of its field, plus one where its values
  // are written as whole numbers.
  #headOf = new Uint32Array(1_024)
  #fieldOf = new Uint32Array(1_024)

  constructor(table: SeriesTable, cacheBytes: number) {
    this.#table = table
    this.#cacheBytes = cacheBytes
  }

  // To be called between batches: numbers given before are void when it forgets.
  bound(): void {
    if (this.heads.bytes <= this.#cacheBytes) return
    this.heads.clear()
    this.#headOf.fill(0)
  }

  head(series: number): number {
    const known = this.#headOf[series]
    return known === undefined || known === 0 ? this.#learn(series) : known - 1
  }

  // Of a series whose head was asked for.
  field(series: number): number {
    return this.#fieldOf[series]!
  }

  #learn(series: number): number {
    const { name, labels } = this.#table.get(series)
    const { measurement, field, isWhole } = metricField(name)
    const head = numberOf(this.heads, seriesPrefix({ name: measurement, labels }))
    const fieldNumber = numberOf(this.fields, `${field}=`)
    if (series >= this.#headOf.length) {
      this.#headOf = widen(this.#headOf, series + 1)
      this.#fieldOf = widen(this.#fieldOf, series + 1)
    }
    this.#headOf[series] = head + 1
    this.#fieldOf[series] = fieldNumber * 2 + (isWhole ? 1 : 0)
    return head
  }
}

function numberOf(keys: ByteKeys, text: string): number {
  const bytes = utf8.encode(text)
  const known = keys.find(bytes, 0, bytes.length)
  return known < 0 ? keys.add(bytes, 0, bytes.length) : known
}

function widen(column: Uint32Array, atLeast: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(Math.max(atLeast, column.length * 2))
  wider.set(column)
  return wider
}
