// Where do the rows of a request go meanwhile? Into buffers that earlier requests have grown: the hot path then
// allocates nothing. Called by intake.ts, once a request.
import { RowBuffer } from '#core/batch.ts'

export class RowPool {
  readonly #rowsMax: number
  #free: RowBuffer[] = []
  #rows = 0

  // Twenty bytes a row are kept at most: 40 MiB.
  constructor(rowsMax = 2 * 1024 * 1024) {
    this.#rowsMax = rowsMax
  }

  take(): RowBuffer {
    const rows = this.#free.pop()
    if (rows === undefined) return new RowBuffer()
    this.#rows -= rows.series.length
    rows.length = 0
    return rows
  }

  // Only when nobody reads them any more.
  give(rows: RowBuffer): void {
    if (this.#rows + rows.series.length > this.#rowsMax) return
    this.#rows += rows.series.length
    this.#free.push(rows)
  }
}
