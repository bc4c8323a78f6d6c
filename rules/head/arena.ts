// Where do the samples of all series lie? In two columns that grow, in blocks of 4, 8, 16 … samples: a block begins at
// a multiple of its size, so that two free halves become one again when all series grow together. Called by strips.ts.
import { widened } from './column.ts'
import type { Memory } from './memory.ts'

// Blocks have 1 << order samples.
export const minOrder = 2
const maxOrder = 30
export const minSamples = 1 << minOrder

// Two numbers, and a tag for each smallest block.
export const sampleBytes = 16 + 1 / minSamples

// Below this the arena doubles, above it gains a quarter: what is copied then is what may lie idle.
const doublingMax = 1 << 20

const none = -1

export class Arena {
  tMs = new Float64Array(0)
  values = new Float64Array(0)
  readonly #memory: Memory
  // The order of the free block that begins there; 0 where none does.
  #tags = new Uint8Array(0)
  // The first free block of each order. A free block keeps its neighbours in the list in its own first two times.
  readonly #first = new Int32Array(maxOrder + 1).fill(none)

  constructor(memory: Memory) {
    this.#memory = memory
  }

  // The first place of a block; -1 when there is no room for it.
  alloc(order: number): number {
    if (order > maxOrder) return none
    let found = this.#orderFrom(order)
    if (found > maxOrder && this.#grow(order)) found = this.#orderFrom(order)
    if (found > maxOrder) return none
    const start = this.#first[found]!
    this.#unlink(start, found)
    while (found > order) {
      found--
      this.#link(start + (1 << found), found)
    }
    return start
  }

  free(start: number, order: number): void {
    let [at, size] = [start, order]
    while (size < maxOrder) {
      const other = at ^ (1 << size)
      if (this.#tags[other >> minOrder] !== size) break
      this.#unlink(other, size)
      at = Math.min(at, other)
      size++
    }
    this.#link(at, size)
  }

  // The smallest order that has a free block and is large enough.
  #orderFrom(order: number): number {
    let found = order
    while (found <= maxOrder && this.#first[found] === none) found++
    return found
  }

  #grow(order: number): boolean {
    const size = 1 << order
    const { length } = this.tMs
    const least = Math.ceil(length / size) * size + size
    const wished = Math.max(least, 1_024, length < doublingMax ? length * 2 : length * 1.25)
    const most = length + this.#memory.leftBytes / sampleBytes
    const longer = Math.floor(Math.min(wished, most, 2 ** 31) / minSamples) * minSamples
    if (longer < least) return false
    this.#memory.take((longer - length) * sampleBytes)
    this.tMs = widened(this.tMs, longer)
    this.values = widened(this.values, longer)
    const tags = new Uint8Array(longer >> minOrder)
    tags.set(this.#tags)
    this.#tags = tags
    this.#freeFrom(length)
    return true
  }

  #freeFrom(start: number): void {
    const { length } = this.tMs
    let at = start
    while (at < length) {
      const aligned = at === 0 ? maxOrder : 31 - Math.clz32(at & -at)
      const order = Math.min(aligned, 31 - Math.clz32(length - at), maxOrder)
      this.free(at, order)
      at += 1 << order
    }
  }

  #link(start: number, order: number): void {
    const next = this.#first[order]!
    this.tMs[start] = next
    this.tMs[start + 1] = none
    if (next !== none) this.tMs[next + 1] = start
    this.#first[order] = start
    this.#tags[start >> minOrder] = order
  }

  #unlink(start: number, order: number): void {
    const [next, before] = [this.tMs[start]!, this.tMs[start + 1]!]
    if (before === none) this.#first[order] = next
    else this.tMs[before] = next
    if (next !== none) this.tMs[next + 1] = before
    this.#tags[start >> minOrder] = 0
  }
}
