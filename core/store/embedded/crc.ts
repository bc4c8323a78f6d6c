// The check sum of blocks and records: CRC-32 as in zip. Native for long ones; a call into native code costs as
// much as 200 bytes here, and most blocks of a fresh segment are shorter. Called by journal.ts and segment-*.ts.
import { crc32 } from 'node:zlib'

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

const shortBytes = 200

export function crcOf(data: Uint8Array, from = 0, to = data.length): number {
  if (to - from > shortBytes) return crc32(data.subarray(from, to))
  let crc = -1
  for (let at = from; at < to; at++) crc = (crc >>> 8) ^ table[(crc ^ data[at]!) & 255]!
  return ~crc >>> 0
}
