// The form of a segment file: blocks of one day, sorted by series, each series once, behind them an index.
// It is written once (segment-write.ts), read at random (segment-read.ts) and never changed.
//
//   blocks   one of samples and one of notes for each series that has any
//   index    24 bytes for each block: series u32, length u32, offset f64, kind and count u32, crc u32
//   sparse   8 bytes for each 256 of the index: series u32, crc of those 256 u32
//   footer   64 bytes: where these are, what the file covers, the crc of the sparse index, its own crc

export const magic = 0x314d4c50 // "PLM1", little-endian
export const entryBytes = 24
export const entriesPerChunk = 256
export const sparseBytes = 8
export const footerBytes = 64

// In the index, the high bit of the count.
export const notesBit = 0x80000000

export type BlockKind = 'samples' | 'notes'

export type Entry = {
  series: number
  kind: BlockKind
  offset: number
  length: number
  count: number
  crc: number
}

export type Footer = Readonly<{
  indexAt: number
  entries: number
  minMs: number
  maxMs: number
  samples: number
  sparseCrc: number
}>

export function writeFooter(footer: Footer, crcOf: Crc): Uint8Array {
  const { indexAt, entries, minMs, maxMs, samples, sparseCrc } = footer
  const bytes = new Uint8Array(footerBytes)
  const view = new DataView(bytes.buffer)
  view.setFloat64(0, indexAt, true)
  view.setUint32(8, entries, true)
  view.setFloat64(16, minMs, true)
  view.setFloat64(24, maxMs, true)
  view.setFloat64(32, samples, true)
  view.setUint32(40, sparseCrc, true)
  view.setUint32(56, crcOf(bytes.subarray(0, 56)), true)
  view.setUint32(60, magic, true)
  return bytes
}

export function readFooter(bytes: Uint8Array, crcOf: Crc): Footer | undefined {
  if (bytes.length !== footerBytes) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(60, true) !== magic) return undefined
  if (view.getUint32(56, true) !== crcOf(bytes.subarray(0, 56))) return undefined
  return {
    indexAt: view.getFloat64(0, true),
    entries: view.getUint32(8, true),
    minMs: view.getFloat64(16, true),
    maxMs: view.getFloat64(24, true),
    samples: view.getFloat64(32, true),
    sparseCrc: view.getUint32(40, true),
  }
}

type Crc = (bytes: Uint8Array) => number
