// Files packed by gzip, and how much may come out of one. Called by import-file.ts.
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Failure } from '#core/errors.ts'

// Tables shrink to a tenth, the dullest to a hundredth. Nothing at all shrinks to a thousandth.
const timesMax = 300
// Of a small one nobody minds.
const freeBytes = 64 * 2 ** 20

export const isPacked = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b

// What is wrong with it is thrown by whoever reads.
export async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let [packed, bytes] = [0, 0]
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      packed += chunk.length
      yield chunk
    }
  }
  for await (const chunk of pipeline(counted(), createGunzip(), () => {})) {
    bytes += chunk.length
    if (bytes > freeBytes && bytes > packed * timesMax) {
      throw new Failure(
        'bad_import',
        `wanted a table, found what unpacks to more than ${timesMax} times its size`,
      )
    }
    yield chunk
  }
}
