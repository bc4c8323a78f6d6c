// Unpacks a snappy block, as remote write is packed. Our own, because of a length of 2^31 or more snappyjs 0.7 steps
// backwards: six bytes then hold the process for ever. Here every step goes forward in both places or is refused,
// so the time is bounded by what comes in and what goes out. Called by the gateway for remote write and by
// bus/kafka/xerial.ts for foreign producers; hot, so the loop is a plain one.
// The format: https://github.com/google/snappy/blob/main/format_description.txt

export type SnappyLength = Readonly<{ length: number; from: number }>

// The length stands in front, before anything is set aside for it. Undefined when there is none.
export function declaredLength(body: Uint8Array): SnappyLength | undefined {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = body[at]
    if (byte === undefined) break
    length += (byte & 127) * 2 ** (7 * at)
    if (byte < 128) return { length, from: at + 1 }
  }
  return undefined
}

// Three bytes can stand for 64 at most: who declares more than that lies.
export const canBe = (length: number, packedBytes: number): boolean => length <= packedBytes * 22

// Below this a call costs more than the bytes.
const shortBytes = 32

// `from` is where the elements begin, behind the declared length. Undefined when this is no whole block of that length.
export function unsnapBlock(body: Uint8Array, from: number, length: number): Uint8Array | undefined {
  const out = new Uint8Array(length)
  let at = from
  let to = 0
  while (at < body.length) {
    const tag = body[at++]!
    const kind = tag & 3
    if (kind === 0) {
      let size = (tag >>> 2) + 1
      if (size > 60) {
        const sizeBytes = size - 60
        if (at + sizeBytes > body.length) return undefined
        size = littleEndian(body, at, sizeBytes) + 1
        at += sizeBytes
      }
      if (size > body.length - at || size > length - to) return undefined
      if (size < shortBytes) for (let each = 0; each < size; each++) out[to + each] = body[at + each]!
      else out.set(body.subarray(at, at + size), to)
      at += size
      to += size
      continue
    }
    const offsetBytes = kind === 3 ? 4 : kind
    if (at + offsetBytes > body.length) return undefined
    const size = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    const offset = littleEndian(body, at, offsetBytes) + (kind === 1 ? (tag >>> 5) * 256 : 0)
    at += offsetBytes
    if (offset === 0 || offset > to || size > length - to) return undefined
    // What is copied may overlap what it makes: then it repeats.
    for (let each = 0; each < size; each++) out[to + each] = out[to + each - offset]!
    to += size
  }
  return to === length ? out : undefined
}

// Unsigned, so that no length is below nothing.
function littleEndian(body: Uint8Array, at: number, count: number): number {
  let value = body[at]!
  if (count > 1) value |= body[at + 1]! << 8
  if (count > 2) value |= body[at + 2]! << 16
  return count > 3 ? (value | (body[at + 3]! << 24)) >>> 0 : value
}
