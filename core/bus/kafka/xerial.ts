// Unpacks snappy as Kafka's producers send it: blocks behind the head of the Java library (xerial), or, from others,
// one bare block. Called by packing.ts.
import { canBe, declaredLength, unsnapBlock } from '../../snappy.ts'

const magic = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0])
// Behind the magic stand two versions of four bytes each.
const headBytes = 16

// Undefined when this does not unpack to at most maxBytes.
export function unpackSnappy(packed: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const isFramed = packed.length >= headBytes && magic.compare(packed, 0, magic.length) === 0
  if (!isFramed) return unpackBlock(packed, maxBytes)
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const parts: Uint8Array[] = []
  let left = maxBytes
  for (let at = headBytes; at < packed.length; ) {
    if (at + 4 > packed.length) return undefined
    const size = view.getUint32(at)
    at += 4
    if (size > packed.length - at) return undefined
    const part = unpackBlock(packed.subarray(at, at + size), left)
    if (part === undefined) return undefined
    parts.push(part)
    left -= part.length
    at += size
  }
  return Buffer.concat(parts)
}

function unpackBlock(block: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const declared = declaredLength(block)
  if (declared === undefined) return undefined
  const { length, from } = declared
  if (length > maxBytes || !canBe(length, block.length)) return undefined
  return unsnapBlock(block, from, length)
}
