// What does this body say once it is unpacked? Whatever a header promises, no more than the limit is ever unpacked.
// Called by intake.ts for each request.
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { Failure } from '#core/errors.ts'
import { canBe, declaredLength, unsnapBlock } from '#core/snappy.ts'

export type Packing = 'identity' | 'gzip' | 'deflate' | 'zstd' | 'snappy'

// Below this many packed bytes the hand-over to another thread costs more than it saves.
const syncMaxBytes = 32 * 1024
// Unpacked in one piece where that is likely: each further piece is another turn of the other thread.
const pieceBytes = (packed: number): number => Math.min(2 ** 20, Math.max(2 ** 14, packed * 16))

const codecs = {
  gzip: { sync: zlib.gunzipSync, async: promisify(zlib.gunzip) },
  deflate: { sync: zlib.inflateSync, async: promisify(zlib.inflate) },
  zstd: { sync: zlib.zstdDecompressSync, async: promisify(zlib.zstdDecompress) },
} as const

// A list may name `identity` beside what really was done.
export function packingOf(header: string | undefined, usual: Packing, accepted: readonly Packing[]): Packing {
  const all = (header ?? '')
    .toLowerCase()
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '')
  const done = all.filter(each => each !== 'identity')
  const named = done.join(', ') || (all[0] ?? '')
  const packing = named === '' ? usual : named === 'x-gzip' ? 'gzip' : named
  const found = accepted.find(each => each === packing)
  if (found !== undefined) return found
  throw new Failure(
    'unsupported_format',
    `Content-Encoding: found ${named}, wanted one of ${accepted.join(', ')}`,
  )
}

// Text of some editors and programs for Windows begins with a byte order mark.
export const behindMark = (text: Uint8Array): Uint8Array =>
  text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? text.subarray(3) : text

export async function unpack(body: Uint8Array, packing: Packing, maxBytes: number): Promise<Uint8Array> {
  if (body.length === 0) return body
  if (packing === 'identity') return within(body, maxBytes)
  if (packing === 'snappy') return unsnap(body, maxBytes)
  const { sync, async } = codecs[packing]
  const options = { maxOutputLength: maxBytes, chunkSize: pieceBytes(body.length), info: true }
  try {
    const unpacked: unknown = body.length <= syncMaxBytes ? sync(body, options) : await async(body, options)
    return wholly(unpacked as Unpacked, body.length)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes, cause)
    // A cut-off body says "unexpected end of file".
    throw new Failure('bad_request', `the body is not ${packing}: ${message}`, { cause })
  }
}

// What `info` makes of the answer.
type Unpacked = Readonly<{ buffer: Buffer; engine: Readonly<{ bytesWritten: number }> }>

// Only of gzip does Node unpack what follows the first part too; of zstd and deflate it would be lost without a word.
function wholly({ buffer, engine }: Unpacked, packedBytes: number): Uint8Array {
  if (engine.bytesWritten === packedBytes) return buffer
  throw new Error(`wanted one frame, found ${packedBytes - engine.bytesWritten} bytes behind it`)
}

function within(body: Uint8Array, maxBytes: number): Uint8Array {
  if (body.length > maxBytes) throw tooLarge(maxBytes)
  return body
}

const tooLarge = (maxBytes: number, cause?: unknown): Failure =>
  new Failure('too_large', `unpacked, the body has more than ${maxBytes} bytes`, { cause })

// The block format: its length stands in front, before anything is set aside for it.
function unsnap(body: Uint8Array, maxBytes: number): Uint8Array {
  const declared = declaredLength(body)
  if (declared === undefined) throw notSnappy('no length in front')
  const { length, from } = declared
  if (length > maxBytes) throw tooLarge(maxBytes)
  if (!canBe(length, body.length))
    throw notSnappy(`${body.length} bytes cannot unpack to the ${length} declared`)
  const unpacked = unsnapBlock(body, from, length)
  if (unpacked === undefined) throw notSnappy(`it does not unpack to the ${length} bytes declared`)
  return unpacked
}

const notSnappy = (found: string): Failure =>
  new Failure('bad_request', `the body is not a snappy block: ${found}`)
