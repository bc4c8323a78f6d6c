// What was wrong with the lines of a block: all are counted, the first few are told with their place.
// Called by both decoders.
import { newline, type Scanner } from './scan.ts'

// `column` counts bytes from 1; `text` is what stands around it.
export type LineError = Readonly<{ line: number; column: number; what: string; text: string }>

export class LineErrors {
  count = 0
  readonly first: LineError[] = []
  readonly #told: number
  readonly #around: number
  #line = 1
  #lineAt = 0

  // Of how many lines is told what was wrong, and how much of the text on both sides of the place.
  constructor(told = 10, around = 30) {
    this.#told = told
    this.#around = around
  }

  // The scanner's newest failure.
  add(scan: Scanner): void {
    this.count++
    if (this.first.length === this.#told) return
    const { bytes, problemAt } = scan
    // Failures come in the order of the text, so no byte is counted twice.
    for (;;) {
      const end = bytes.indexOf(newline, this.#lineAt)
      if (end < 0 || end >= problemAt) break
      this.#lineAt = end + 1
      this.#line++
    }
    const lineEnd = bytes.indexOf(newline, problemAt)
    const from = Math.max(this.#lineAt, problemAt - this.#around)
    const to = Math.min(lineEnd < 0 ? scan.end : lineEnd, problemAt + this.#around)
    const text = Buffer.from(bytes.subarray(from, to)).toString().trimEnd()
    this.first.push({ line: this.#line, column: problemAt - this.#lineAt + 1, what: scan.problem, text })
  }
}
