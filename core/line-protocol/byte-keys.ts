// Which number stands for these bytes? A set of byte strings with dense numbers, so that what was seen before
// is found again without making a string. Called by the decoder for "measurement,tags " and for "field=".
// The inner loops are the parser's own (bench/parse.ts).
import { randomInt } from 'node:crypto'

// Nobody outside can choose keys that fall on one another.
const seed = randomInt(2 ** 31)
const prime = 0x01000193

export class ByteKeys {
  size = 0
  #bytes = new Uint8Array(4_096)
  #buffer = Buffer.from(this.#bytes.buffer)
  // Key n stands at #starts[n] to #starts[n + 1].
  #starts = new Uint32Array(257)
  #hashes = new Int32Array(256)
  // Number plus one, by hash with linear probing; at most half full.
  #slots = new Uint32Array(512)

  get bytes(): number {
    return this.#starts[this.size]!
  }

  // Where key `id` ends when the text at `at` begins with it, else -1.
  match(id: number, text: Uint8Array, at: number): number {
    const bytes = this.#bytes
    const to = this.#starts[id + 1]!
    let end = at
    for (let from = this.#starts[id]!; from < to; from++) {
      if (bytes[from] !== text[end]) return -1
      end++
    }
    return end
  }

  lengthOf(id: number): number {
    return this.#starts[id + 1]! - this.#starts[id]!
  }

  // Writes the key at `at`; answers where it ends. A short one by hand, because copy() takes 50 ns for any.
  write(id: number, to: Uint8Array, at: number): number {
    const bytes = this.#bytes
    const end = this.#starts[id + 1]!
    let next = at
    for (let from = this.#starts[id]!; from < end; from++) to[next++] = bytes[from]!
    return next
  }

  copy(id: number, to: Buffer, at: number): number {
    const from = this.#starts[id]!
    const end = this.#starts[id + 1]!
    this.#buffer.copy(to, at, from, end)
    return at + end - from
  }

  find(text: Uint8Array, from: number, to: number): number {
    const hash = hashOf(text, from, to)
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]! - 1
      if (id < 0) return -1
      if (this.#hashes[id] === hash && this.match(id, text, from) === to) return id
    }
  }

  // Only for what find() did not find.
  add(text: Uint8Array, from: number, to: number): number {
    const id = this.size
    this.#reserve(to - from)
    const hash = hashOf(text, from, to)
    this.#bytes.set(text.subarray(from, to), this.bytes)
    this.#starts[id + 1] = this.bytes + to - from
    this.#hashes[id] = hash
    this.#place(id, hash)
    this.size = id + 1
    return id
  }

  // Takes back the newest key.
  pop(): void {
    const mask = this.#slots.length - 1
    let slot = this.#hashes[this.size - 1]! & mask
    while (this.#slots[slot] !== this.size) slot = (slot + 1) & mask
    // Nothing came after it, so no probe passes through its slot.
    this.#slots[slot] = 0
    this.size--
  }

  clear(): void {
    this.size = 0
    this.#slots.fill(0)
  }

  #place(id: number, hash: number): void {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = id + 1
  }

  #reserve(length: number): void {
    const room = this.bytes + length
    if (room > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(room, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
      this.#buffer = Buffer.from(larger.buffer)
    }
    if (this.size < this.#hashes.length) return
    const [starts, hashes] = [this.#starts, this.#hashes]
    this.#starts = new Uint32Array(hashes.length * 2 + 1)
    this.#starts.set(starts)
    this.#hashes = new Int32Array(hashes.length * 2)
    this.#hashes.set(hashes)
    this.#slots = new Uint32Array(this.#slots.length * 2)
    for (let id = 0; id < this.size; id++) this.#place(id, hashes[id]!)
  }
}

function hashOf(text: Uint8Array, from: number, to: number): number {
  let hash = seed
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text[at]!, prime)
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) ^ (hash >>> 12)
}
