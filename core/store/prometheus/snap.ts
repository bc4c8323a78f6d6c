// Packs bytes into one snappy block, as remote write wants it. Called by send.ts for each request.
// The format: https://github.com/google/snappy/blob/main/format_description.txt. The method is that of the reference:
// pieces of 64 KiB, in each a table of where four bytes were seen last, and longer strides where nothing repeats.
// Hot: a request of 20 000 samples is 3 to 5 MB of labels that repeat, packed to a tenth at 300 MB/s
// (bench/prometheus-store.ts), so the loop is a plain one.

const pieceBytes = 65_536
const tableBits = 14
const mixer = 0x1e35a7bd
// Below this there is nothing to find, and four bytes can be read at once everywhere before it.
const marginBytes = 15
// Below this a call costs more than the bytes.
const shortBytes = 32

export class Snapper {
  readonly #table = new Uint16Array(1 << tableBits)
  #out = new Uint8Array(65_536)
  #to = 0

  // The first `length` bytes of `raw`, packed. The answer is good until the next call.
  pack(raw: Uint8Array, length: number): Uint8Array {
    // The worst that can be: every 60 bytes a tag, and what stands before.
    const most = length + Math.floor(length / 6) + 32
    if (this.#out.length < most) this.#out = new Uint8Array(most)
    this.#to = 0
    let rest = length
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#out[this.#to++] = (rest & 127) | 128
    this.#out[this.#to++] = rest
    const view = new DataView(raw.buffer, raw.byteOffset, length)
    for (let from = 0; from < length; from += pieceBytes) {
      this.#piece(raw, view, from, Math.min(from + pieceBytes, length))
    }
    return this.#out.subarray(0, this.#to)
  }

  #piece(raw: Uint8Array, view: DataView, from: number, end: number): void {
    const table = this.#table.fill(0)
    const last = end - marginBytes
    let literal = from
    let at = from + 1
    let stride = 32
    while (at < last) {
      const word = view.getUint32(at, true)
      const slot = Math.imul(word, mixer) >>> (32 - tableBits)
      const found = from + table[slot]!
      table[slot] = at - from
      if (view.getUint32(found, true) !== word) {
        at += stride++ >>> 5
        continue
      }
      if (at > literal) this.#literal(raw, literal, at)
      const size = sameBytes(view, found, at, end)
      this.#copy(at - found, size)
      at += size
      literal = at
      stride = 32
      // What stands before the end of one match is often where the next begins.
      if (at < last)
        table[Math.imul(view.getUint32(at - 1, true), mixer) >>> (32 - tableBits)] = at - 1 - from
    }
    if (end > literal) this.#literal(raw, literal, end)
  }

  #literal(raw: Uint8Array, from: number, end: number): void {
    const out = this.#out
    const size = end - from
    let to = this.#to
    if (size <= 60) out[to++] = (size - 1) << 2
    else if (size <= 256) {
      out[to++] = 60 << 2
      out[to++] = size - 1
    } else {
      out[to++] = 61 << 2
      out[to++] = (size - 1) & 255
      out[to++] = (size - 1) >>> 8
    }
    if (size < shortBytes) for (let at = from; at < end; at++) out[to++] = raw[at]!
    else {
      out.set(raw.subarray(from, end), to)
      to += size
    }
    this.#to = to
  }

  // At most 64 bytes a copy, at least 4.
  #copy(offset: number, size: number): void {
    let rest = size
    for (; rest >= 68; rest -= 64) this.#longCopy(offset, 64)
    if (rest > 64) {
      this.#longCopy(offset, 60)
      rest -= 60
    }
    if (rest >= 12 || offset >= 2_048) this.#longCopy(offset, rest)
    else {
      this.#out[this.#to++] = 1 | ((rest - 4) << 2) | ((offset >>> 8) << 5)
      this.#out[this.#to++] = offset & 255
    }
  }

  #longCopy(offset: number, size: number): void {
    const out = this.#out
    out[this.#to++] = 2 | ((size - 1) << 2)
    out[this.#to++] = offset & 255
    out[this.#to++] = offset >>> 8
  }
}

// How many bytes from `a` are those from `b` on, of which four are known to be.
function sameBytes(view: DataView, a: number, b: number, end: number): number {
  let size = 4
  while (b + size + 4 <= end && view.getUint32(a + size, true) === view.getUint32(b + size, true)) size += 4
  while (b + size < end && view.getUint8(a + size) === view.getUint8(b + size)) size++
  return size
}
