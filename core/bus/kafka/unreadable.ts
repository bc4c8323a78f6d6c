// What stands for records that could not be unpacked: as many empty ones, the first of which says why. They then take
// the road of every record that cannot be read, to the dead letters. Called by packing.ts; records.ts looks for them.

export const unreadableHeader = 'plimsoll-unreadable'

// More than a broker lets into one batch.
const recordsMax = 1_000_000

// kafkajs hands over a view of the whole answer, in which the number of the records stands just before what is packed.
export function unreadableRecords(packed: Buffer, reason: string): Buffer {
  const count = packed.byteOffset < 4 ? 0 : new DataView(packed.buffer, packed.byteOffset - 4, 4).getInt32(0)
  if (count < 1 || count > recordsMax) throw new Error(`a record batch of ${count} records, and ${reason}`)
  const records = Array.from({ length: count }, (_, at) =>
    record(at, at === 0 ? `${count} records: ${reason}` : ''),
  )
  return Buffer.concat(records)
}

// A record of version 2, with neither key nor value.
function record(offsetDelta: number, reason: string): Buffer {
  const header = Buffer.concat([sized(unreadableHeader), sized(reason)])
  const body = Buffer.concat([
    Buffer.of(0, 0),
    varint(offsetDelta),
    varint(-1),
    varint(-1),
    varint(1),
    header,
  ])
  return Buffer.concat([varint(body.length), body])
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([varint(bytes.length), bytes])
}

// Zigzag: 0, -1, 1, -2 …
function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = ((value << 1) ^ (value >> 31)) >>> 0
  while (left > 127) {
    bytes.push((left & 127) | 128)
    left >>>= 7
  }
  return Buffer.of(...bytes, left)
}
