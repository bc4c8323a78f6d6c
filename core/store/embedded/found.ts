// What the store's thread is asked by select(), and what it answers: samples of many series in columns, which change
// hands without a copy. Made by read.ts and newest.ts, read by ../embedded.ts.
import type { Range } from '../../store.ts'
import type { Points } from './block.ts'
import type { Stop } from './stop.ts'

export type Wanted = Stop & Range & Readonly<{ ids: Uint32Array; maxSamples: number }>

// The samples of ids[n] lie from starts[n] to starts[n + 1]; behind the last there may be room that is left over.
export type Found = Readonly<{
  ids: Uint32Array
  starts: Uint32Array
  tMs: Float64Array
  values: Float64Array
}>

// A long answer comes in pages, each with whole series: a page never grows, so that nothing is copied twice and no
// memory is touched that nobody needs. One after the other they are twice as large, up to this.
const pageMax = 1 << 16
const pageMin = 1 << 12

export class FoundPages {
  readonly #pages: Found[] = []
  #ids: number[] = []
  #starts: number[] = [0]
  #tMs = new Float64Array(0)
  #values = new Float64Array(0)
  #before = 0

  // Of all pages.
  get samples(): number {
    return this.#before + this.#starts.at(-1)!
  }

  // The samples from..to of one series; series ascending, and there is at least one.
  add(id: number, { tMs, values }: Points, from: number, to: number): void {
    const at = this.#starts.at(-1)!
    const place = at + to - from > this.#tMs.length ? this.#turn(to - from) : at
    this.#tMs.set(tMs.subarray(from, to), place)
    this.#values.set(values.subarray(from, to), place)
    this.#ids.push(id)
    this.#starts.push(place + to - from)
  }

  pages(): Found[] {
    this.#turn(0)
    return this.#pages
  }

  // Begins a page with room for so many.
  #turn(count: number): number {
    const { length } = this.#tMs
    if (this.#ids.length > 0) {
      const [ids, starts] = [Uint32Array.from(this.#ids), Uint32Array.from(this.#starts)]
      this.#pages.push({ ids, starts, tMs: this.#tMs, values: this.#values })
    }
    this.#before = this.samples
    this.#ids = []
    this.#starts = [0]
    const size = count === 0 ? 0 : Math.max(count, Math.min(pageMax, Math.max(pageMin, length * 2)))
    this.#tMs = new Float64Array(size)
    this.#values = new Float64Array(size)
    return 0
  }
}
