// A growing run of bytes that numbers are written to and taken from. Bits of NaN survive: float64s are copied
// as bytes. Called by block.ts and segment-*.ts; hot, like they are.

const scratch = new Float64Array(1)
const scratchBytes = new Uint8Array(scratch.buffer)

export class Bytes {
  data: Uint8Array
  // Written up to here.
  length = 0
  // Taken up to here.
  at = 0

  constructor(data: Uint8Array = new Uint8Array(1 << 16), length = 0) {
    this.data = data
    this.length = length
  }

  reserve(more: number): void {
    if (this.length + more <= this.data.length) return
    const larger = new Uint8Array(Math.max(this.data.length * 2, this.length + more))
    larger.set(this.data.subarray(0, this.length))
    this.data = larger
  }

  byte(value: number): void {
    if (this.length === this.data.length) this.reserve(1)
    this.data[this.length++] = value
  }

  // A whole number from 0 to 2^53, seven bits a byte, the lowest first.
  varint(value: number): void {
    if (this.length + 8 > this.data.length) this.reserve(8)
    const { data } = this
    let rest = value
    while (rest >= 0x80000000) {
      data[this.length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    while (rest >= 128) {
      data[this.length++] = (rest & 127) | 128
      rest >>>= 7
    }
    data[this.length++] = rest
  }

  // Small numbers of either sign stay short: 0, -1, 1, -2, 2 …
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  float64(value: number): void {
    if (this.length + 8 > this.data.length) this.reserve(8)
    scratch[0] = value
    for (let each = 0; each < 8; each++) this.data[this.length + each] = scratchBytes[each]!
    this.length += 8
  }

  // With the bits of a NaN, which a number may lose.
  float64s(from: Float64Array, at: number, to: number): void {
    this.append(new Uint8Array(from.buffer, from.byteOffset + at * 8, (to - at) * 8))
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.data.set(bytes, this.length)
    this.length += bytes.length
  }

  takeByte(): number {
    if (this.at >= this.length) throw new RangeError('a block ends too early')
    return this.data[this.at++]!
  }

  takeVarint(): number {
    let byte = this.takeByte()
    if (byte < 128) return byte
    let value = byte & 127
    let shift = 7
    do {
      byte = this.takeByte()
      if (shift <= 21) value |= (byte & 127) << shift
      else value += (byte & 127) * 2 ** shift
      shift += 7
    } while (byte >= 128)
    return value
  }

  takeSigned(): number {
    const value = this.takeVarint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  takeFloat64(): number {
    if (this.at + 8 > this.length) throw new RangeError('a block ends too early')
    for (let each = 0; each < 8; each++) scratchBytes[each] = this.data[this.at + each]!
    this.at += 8
    return scratch[0]!
  }

  // Takes next from here, up to there.
  read(data: Uint8Array, from: number, to: number): this {
    this.data = data
    this.at = from
    this.length = to
    return this
  }

  takeFloat64s(into: Float64Array, at: number, to: number): void {
    const length = (to - at) * 8
    if (this.at + length > this.length) throw new RangeError('a block ends too early')
    const bytes = new Uint8Array(into.buffer, into.byteOffset + at * 8, length)
    bytes.set(this.data.subarray(this.at, this.at + length))
    this.at += length
  }

  // A view of what was written.
  written(): Uint8Array {
    return this.data.subarray(0, this.length)
  }
}
