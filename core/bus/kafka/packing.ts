// How record batches are packed: what we send as zstd, what we read as whatever a foreign producer chose, each within
// a bound. kafkajs knows gzip only, and without a bound. Called once by client.ts.
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import kafkajs from 'kafkajs'
import { unpackLz4 } from './lz4.ts'
import { unreadableRecords } from './unreadable.ts'
import { unpackSnappy } from './xerial.ts'

// Node does not find these two among the names of a CommonJS module.
const { CompressionCodecs, CompressionTypes } = kafkajs

// Brokers take batches of a mebibyte unless told otherwise, and samples pack to a tenth.
export const unpackedBytesMax = 64 * 1024 * 1024

// Below this many bytes the hand-over to another thread costs more than it saves.
const syncMaxBytes = 32 * 1024

// The fastest level: samples are so alike that the others save little.
const packOptions = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } }

const packAsync = promisify(zlib.zstdCompress)

export async function pack(bytes: Uint8Array): Promise<Buffer> {
  return bytes.length <= syncMaxBytes
    ? zlib.zstdCompressSync(bytes, packOptions)
    : await packAsync(bytes, packOptions)
}

type Unpack = (packed: Uint8Array, maxBytes: number) => Uint8Array | undefined | Promise<Uint8Array>

const gunzip = promisify(zlib.gunzip)
const unzstd = promisify(zlib.zstdDecompress)

// Unpacked in one piece where that is likely: each further piece is another turn of the other thread.
const options = (packed: Uint8Array, maxBytes: number) => ({
  maxOutputLength: maxBytes,
  chunkSize: Math.min(2 ** 20, Math.max(2 ** 14, packed.length * 16)),
})

const unpackers: Readonly<Record<keyof typeof CompressionCodecs, readonly [string, Unpack]>> = {
  [CompressionTypes.GZIP]: ['gzip', (packed, max) => gunzip(packed, options(packed, max))],
  [CompressionTypes.Snappy]: ['snappy', unpackSnappy],
  [CompressionTypes.LZ4]: ['lz4', unpackLz4],
  [CompressionTypes.ZSTD]: [
    'zstd',
    (packed, max) =>
      packed.length <= syncMaxBytes
        ? zlib.zstdDecompressSync(packed, options(packed, max))
        : unzstd(packed, options(packed, max)),
  ],
}

// kafkajs asks its table each time, so this holds for every client of the process.
export function registerPacking(): void {
  for (const [type, [name, unpack]] of Object.entries(unpackers)) {
    CompressionCodecs[Number(type) as keyof typeof CompressionCodecs] = () => ({
      compress: (encoder: { buffer: Buffer }) => pack(encoder.buffer),
      decompress: (packed: Buffer) => unpackRecords(packed, name, unpack),
    })
  }
}

// A batch that cannot be unpacked must not hold up what stands behind it: kafkajs would ask for it for ever.
async function unpackRecords(packed: Buffer, name: string, unpack: Unpack): Promise<Buffer> {
  let reason = `not ${name}, or more than ${unpackedBytesMax} bytes`
  try {
    const found = await unpack(packed, unpackedBytesMax)
    if (found !== undefined) return Buffer.from(found.buffer, found.byteOffset, found.byteLength)
  } catch (error) {
    reason = `not ${name}: ${(error as Error).message}`
  }
  return unreadableRecords(packed, reason)
}
