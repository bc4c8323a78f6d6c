// Unpacks an LZ4 frame, which foreign producers may send. By hand, since Node has none; every step goes forward in both
// places or is refused, so time and memory are bounded by what comes in and by maxBytes. A parser; called by packing.ts.
// The format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md. Its checksums are passed over: TCP and the
// broker have checked these bytes, and old producers are known to write a wrong one.

const magic = 0x184d2204

type Frame = Readonly<{ from: number; blockBytes: number; checksumBytes: number }>

// Undefined when this is no whole frame of at most maxBytes.
export function unpackLz4(packed: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const frame = readHead(view)
  if (frame === undefined) return undefined
  const out = new Unpacked(maxBytes, Math.min(packed.length * 4, frame.blockBytes))
  let at = frame.from
  for (;;) {
    if (at + 4 > packed.length) return undefined
    const word = view.getUint32(at, true)
    at += 4
    if (word === 0) return out.done()
    const size = word & 0x7fffffff
    const end = at + size
    if (end > packed.length || size > frame.blockBytes) return undefined
    const isStored = word >>> 31 === 1
    const isWhole = isStored
      ? out.store(packed.subarray(at, end))
      : out.unpack(packed.subarray(at, end), frame.blockBytes)
    if (!isWhole) return undefined
    at = end + frame.checksumBytes
  }
}

function readHead(view: DataView): Frame | undefined {
  if (view.byteLength < 7 || view.getUint32(0, true) !== magic) return undefined
  const flags = view.getUint8(4)
  const size = (view.getUint8(5) >>> 4) & 7
  const hasDictionary = (flags & 1) === 1
  if (flags >>> 6 !== 1 || hasDictionary || size < 4) return undefined
  const lengthBytes = (flags & 8) === 0 ? 0 : 8
  return {
    from: 7 + lengthBytes,
    blockBytes: 2 ** (8 + 2 * size),
    checksumBytes: (flags & 16) === 0 ? 0 : 4,
  }
}

// What was unpacked until now; later blocks may copy from it.
class Unpacked {
  readonly #maxBytes: number
  #bytes: Uint8Array
  #to = 0

  constructor(maxBytes: number, expected: number) {
    this.#maxBytes = maxBytes
    this.#bytes = new Uint8Array(Math.min(expected, maxBytes))
  }

  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#to)
  }

  store(block: Uint8Array): boolean {
    if (!this.#room(block.length)) return false
    this.#bytes.set(block, this.#to)
    this.#to += block.length
    return true
  }

  // Sequences of literals and copies; the last one has literals only.
  unpack(block: Uint8Array, blockBytes: number): boolean {
    const limit = Math.min(this.#to + blockBytes, this.#maxBytes)
    let at = 0
    while (at < block.length) {
      const token = block[at++]!
      let literals = token >>> 4
      if (literals === 15) {
        const read = longer(block, at)
        if (read === undefined) return false
        literals += read.length
        at = read.at
      }
      if (literals > block.length - at || this.#to + literals > limit) return false
      this.store(block.subarray(at, at + literals))
      at += literals
      if (at === block.length) return true
      if (at + 2 > block.length) return false
      const offset = block[at]! | (block[at + 1]! << 8)
      at += 2
      let size = token & 15
      if (size === 15) {
        const read = longer(block, at)
        if (read === undefined) return false
        size += read.length
        at = read.at
      }
      if (!this.#copy(offset, size + 4, limit)) return false
    }
    return block.length > 0
  }

  // What is copied may overlap what it makes: then it repeats.
  #copy(offset: number, size: number, limit: number): boolean {
    if (offset === 0 || offset > this.#to || this.#to + size > limit || !this.#room(size)) return false
    const bytes = this.#bytes
    const to = this.#to
    if (offset >= size) bytes.copyWithin(to, to - offset, to - offset + size)
    else for (let each = to; each < to + size; each++) bytes[each] = bytes[each - offset]!
    this.#to = to + size
    return true
  }

  #room(more: number): boolean {
    const wanted = this.#to + more
    if (wanted > this.#maxBytes) return false
    if (wanted <= this.#bytes.length) return true
    const larger = new Uint8Array(Math.min(this.#maxBytes, Math.max(wanted, this.#bytes.length * 2)))
    larger.set(this.#bytes)
    this.#bytes = larger
    return true
  }
}

// A length goes on as long as its bytes are 255.
function longer(block: Uint8Array, from: number): Readonly<{ length: number; at: number }> | undefined {
  let length = 0
  for (let at = from; at < block.length; at++) {
    length += block[at]!
    if (block[at] !== 255) return { length, at: at + 1 }
  }
  return undefined
}
