// Reads protobuf from bytes, field by field, without copying a sub-message. Whatever the bytes are, the outcome
// is a value or a Failure. Called by remote-write.ts for each sample and by otlp-protobuf.ts.
import { isUtf8 } from 'node:buffer'
import { Failure } from '#core/errors.ts'

// What a tag is made of: the field's number and how its value is written.
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const
export const tagOf = (field: number, wireType: number): number => field * 8 + wireType

export const tooManyParts = (max: number): Failure =>
  new Failure('too_large', `the message has more than ${max} parts`)

export class ProtobufReader {
  readonly bytes: Buffer
  readonly #view: DataView
  at = 0
  end: number
  // The number read last, in halves, and whether it goes on.
  #lower = 0
  #upper = 0
  #more = false
  readonly #partsMax: number
  #parts = 0

  // `partsMax` is how many sub-messages are entered at most: two bytes can be one, and whoever makes an object of
  // each needs a hundred times as much memory as the message has.
  constructor(bytes: Uint8Array, partsMax = Number.POSITIVE_INFINITY) {
    this.#partsMax = partsMax
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = bytes.length
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  // The tag of the message's next field, or 0 at its end. Whoever does not know the tag calls skip().
  tag(): number {
    if (this.at === this.end) return 0
    const tag = this.#unsigned32('a field')
    if (tag < 8) throw this.malformed('a field numbered 0')
    return tag
  }

  // Makes the next length-delimited value the message that is read; the answer goes to leave().
  enter(): number {
    if (++this.#parts > this.#partsMax) throw tooManyParts(this.#partsMax)
    const outer = this.end
    this.end = this.#lengthEnd()
    return outer
  }

  leave(outer: number): void {
    this.at = this.end
    this.end = outer
  }

  // Signed, two's complement; exact up to 2^53.
  int64(): number {
    this.#varint()
    return this.#upper * 4_294_967_296 + this.#lower
  }

  bigInt64(): bigint {
    this.#varint()
    return (BigInt(this.#upper) << 32n) | BigInt(this.#lower)
  }

  bool(): boolean {
    return this.int64() !== 0
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  fixed64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true)
  }

  signedFixed64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true)
  }

  text(): string {
    const from = this.at
    const text = this.maybeText()
    if (text !== undefined) return text
    this.at = from
    this.#lengthEnd()
    throw this.malformed('text that is not UTF-8')
  }

  // Undefined when it is not UTF-8; then the reader stands behind it all the same.
  maybeText(): string | undefined {
    const end = this.#lengthEnd()
    const from = this.at
    this.at = end
    // Nearly all is ASCII, which needs no decoder.
    for (let at = from; at < end; at++) if (this.bytes[at]! > 127) return this.#unicode(from, end)
    return this.latin1(from, end)
  }

  #unicode(from: number, to: number): string | undefined {
    const raw = this.bytes.subarray(from, to)
    return isUtf8(raw) ? raw.toString() : undefined
  }

  // A view of the next length-delimited value.
  raw(): Uint8Array {
    const end = this.#lengthEnd()
    const raw = this.bytes.subarray(this.at, end)
    this.at = end
    return raw
  }

  // A text with one character for each byte, whatever the bytes mean.
  latin1(from: number, to: number): string {
    return this.bytes.toString('latin1', from, to)
  }

  skip(tag: number): void {
    const wireType = tag & 7
    if (wireType === wire.varint) this.int64()
    else if (wireType === wire.fixed64) this.#take(8)
    else if (wireType === wire.bytes) this.at = this.#lengthEnd()
    else if (wireType === wire.fixed32) this.#take(4)
    else throw this.malformed(`wire type ${wireType}`)
  }

  malformed(found: string): Failure {
    return new Failure('bad_request', `byte ${this.at} of the protobuf message: found ${found}`)
  }

  #take(size: number): number {
    const from = this.at
    if (from + size > this.end) throw this.malformed('the end inside a value')
    this.at = from + size
    return from
  }

  #lengthEnd(): number {
    const end = this.#unsigned32('a length') + this.at
    if (end > this.end) throw this.malformed('a length that goes beyond its message')
    return end
  }

  // Nearly all are one byte.
  #unsigned32(what: string): number {
    const first = this.bytes[this.at]!
    if (first < 128 && this.at < this.end) {
      this.at++
      return first
    }
    const from = this.at
    const value = this.int64()
    if (value >= 0 && value <= 0xffffffff) return value
    this.at = from
    throw this.malformed(`${what} out of range`)
  }

  // Ten bytes at most, seven bits each: 28, 28 and 8 of the 64.
  #varint(): void {
    const low = this.#septets(4)
    const middle = this.#more ? this.#septets(4) : 0
    const high = this.#more ? this.#septets(2) : 0
    if (this.#more) throw this.malformed('a number of more than ten bytes')
    this.#lower = (low | (middle << 28)) >>> 0
    this.#upper = (middle >>> 4) | (high << 24)
  }

  #septets(count: number): number {
    let bits = 0
    this.#more = true
    for (let each = 0; each < count && this.#more; each++) {
      if (this.at >= this.end) throw this.malformed('the end inside a number')
      const byte = this.bytes[this.at++]!
      bits |= (byte & 127) << (7 * each)
      this.#more = byte >= 128
    }
    return bits
  }
}
