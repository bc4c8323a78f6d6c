// What foreign producers pack is had back, and bytes that nobody should send end quickly and within a bound.
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { CompressionCodecs, CompressionTypes } from 'kafkajs'
import { compress } from 'snappyjs'
import { beforeAll, expect, test } from 'vitest'
import { unpackLz4 } from '#core/bus/kafka/lz4.ts'
import { pack, registerPacking } from '#core/bus/kafka/packing.ts'
import { unpackSnappy } from '#core/bus/kafka/xerial.ts'
import { runs } from '../../runs.ts'
import { workedMs } from '../../worked.ts'

const limit = 1 << 20

// A frame of independent blocks of 64 KiB at most, without checksums.
const head = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0]
const word = (value: number): number[] => [...Buffer.from(Uint32Array.of(value).buffer)]
const frame = (...blocks: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from([...head, ...blocks.flatMap(block => [...word(block.length), ...block]), ...word(0)])
const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString()
const [a, b, c] = Buffer.from('abc') as unknown as [number, number, number]

// A packer of our own, as simple as can be: runs become copies, the rest literals.
function lz4Block(raw: Uint8Array): number[] {
  const out: number[] = []
  const lengths = (size: number): number[] => {
    if (size < 15) return []
    const rest = size - 15
    return [...Array(Math.floor(rest / 255)).fill(255), rest % 255]
  }
  let from = 0
  for (let at = 1; at < raw.length; ) {
    let run = 0
    while (at + run < raw.length && raw[at + run] === raw[at - 1]) run++
    if (run < 4) {
      at++
      continue
    }
    const literals = at - from
    out.push((Math.min(15, literals) << 4) | Math.min(15, run - 4), ...lengths(literals))
    out.push(...raw.subarray(from, at), 1, 0, ...lengths(run - 4))
    at += run
    from = at
  }
  const literals = raw.length - from
  return [...out, Math.min(15, literals) << 4, ...lengths(literals), ...raw.subarray(from)]
}

const rawBytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 600 }),
  fc
    .array(fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 900 })), { minLength: 1, maxLength: 20 })
    .map(runs => Uint8Array.from(runs.flatMap(([byte, count]) => Array(count).fill(byte)))),
)

test('an LZ4 frame is had back, whatever its blocks hold', () => {
  fc.assert(
    fc.property(fc.array(rawBytes, { maxLength: 4 }), parts => {
      const packed = frame(...parts.map(lz4Block))
      expect(Buffer.compare(unpackLz4(packed, limit)!, Buffer.concat(parts))).toBe(0)
    }),
    { numRuns: 200 },
  )
})

test('reads every kind of LZ4 block', () => {
  const t = (packed: Uint8Array, expected: string | undefined) =>
    expect(text(unpackLz4(packed, limit)), String(packed)).toBe(expected)

  t(frame(), '')
  t(frame([0x30, a, b, c]), 'abc')
  // A copy that repeats itself, and literals behind it.
  t(frame([0x30 | 2, a, b, c, 3, 0, 0x10, a]), 'abcabcabca')
  // A copy from the block before.
  t(frame([0x30, a, b, c], [0x00, 3, 0, 0x10, c]), 'abcabcac')
  // A block that is stored as it is.
  t(Uint8Array.from([...head, ...word(0x80000003), a, b, c, ...word(0)]), 'abc')
  // A declared length of everything, and a checksum behind each block.
  t(
    Uint8Array.from([
      ...head.slice(0, 4),
      0x68,
      0x40,
      3,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      9,
      ...frame([0x30, a, b, c]).slice(7),
    ]),
    'abc',
  )
  t(
    Uint8Array.from([...head.slice(0, 4), 0x70, 0x40, 9, ...word(4), 0x30, a, b, c, 1, 2, 3, 4, ...word(0)]),
    'abc',
  )
})

test('refuses what is no LZ4 frame', () => {
  const t = (packed: Uint8Array | readonly number[], max = limit) =>
    expect(unpackLz4(Uint8Array.from(packed), max), String(packed)).toBeUndefined()

  t([])
  t([1, 2, 3, 4, 5, 6, 7, 8])
  // Another version, a dictionary, blocks of a size that there is not.
  t([...head.slice(0, 4), 0xa0, 0x40, 0, ...word(0)])
  t([...head.slice(0, 4), 0x61, 0x40, 0, ...word(0)])
  t([...head.slice(0, 4), 0x60, 0x30, 0, ...word(0)])
  // Cut off: no end, in a block, in a length, in an offset.
  t(head)
  t([...head, ...word(4), 0x30, a])
  t(frame([0xf0]))
  t(frame([0xf0, 255, 255]))
  t(frame([0x10, a, 1]))
  t(frame([0x10, a, 1, 0, 0x0f, 255]))
  t(frame([]).fill(1, 7, 8))
  // An offset of nothing, and from before the beginning.
  t(frame([0x10, a, 0, 0]))
  t(frame([0x10, a, 2, 0]))
  // More than the bound, by literals, a copy or as stored.
  t(frame([0x30, a, b, c]), 2)
  t(frame([0x1f, a, 1, 0, 255, 255, 255, 0]), 700)
  t([...head, ...word(0x80000003), a, b, c, ...word(0)], 2)
  // More than a block may hold.
  t(frame([0x1f, a, 1, 0, ...Array(300).fill(255), 0]))
})

test('whatever the bytes, LZ4 and snappy end with something within the bound or with nothing', () => {
  const bytes = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x0f, 0xf0, 0xff)), { maxLength: 120 })
  fc.assert(
    fc.property(bytes, fc.nat(2_000), (body, max) => {
      const beganMs = workedMs()
      const found = [
        unpackLz4(frame(body), max),
        unpackLz4(Uint8Array.from(body), max),
        unpackSnappy(Uint8Array.from(body), max),
        unpackSnappy(framed(body), max),
      ]
      expect(workedMs() - beganMs).toBeLessThan(1_000)
      for (const each of found) expect(each?.length ?? 0).toBeLessThanOrEqual(max)
    }),
    { numRuns: runs(1_000) },
  )
})

const xerialHead = [0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1]
const framed = (...blocks: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from([...xerialHead, ...blocks.flatMap(block => [0, 0, 0, block.length, ...block])])

test('reads snappy as the Java library frames it, and bare', () => {
  const packed = [...compress(Buffer.from('abcabcabc'))]
  expect(text(unpackSnappy(framed(packed, packed), limit))).toBe('abcabcabcabcabcabc')
  expect(text(unpackSnappy(Uint8Array.from(packed), limit))).toBe('abcabcabc')
  expect(text(unpackSnappy(framed(), limit))).toBe('')

  const t = (bytes: Uint8Array, max = limit) =>
    expect(unpackSnappy(bytes, max), String(bytes)).toBeUndefined()
  // Together over the bound; cut off in a block and in a length; a block that declares what it cannot hold.
  t(framed(packed, packed), 17)
  t(framed(packed).slice(0, -1))
  t(Uint8Array.from([...xerialHead, 0, 0]))
  t(framed([255, 255, 255, 255, 15, 0]))
  t(Uint8Array.of())
})

type Codec = {
  decompress(packed: Buffer): Promise<Buffer>
  compress(encoder: { buffer: Buffer }): Promise<Buffer>
}
const codec = (type: keyof typeof CompressionCodecs): Codec => CompressionCodecs[type]() as Codec

beforeAll(registerPacking)

test('kafkajs packs by zstd and unpacks all four', async () => {
  const raw = Buffer.from('cpu,host=a usage=1 5\n'.repeat(5_000))
  const t = async (type: keyof typeof CompressionCodecs, packed: Uint8Array) =>
    expect((await codec(type).decompress(Buffer.from(packed))).equals(raw), String(type)).toBe(true)

  await t(CompressionTypes.GZIP, gzipSync(raw))
  await t(CompressionTypes.ZSTD, zstdCompressSync(raw))
  await t(CompressionTypes.ZSTD, await pack(raw))
  await t(CompressionTypes.ZSTD, await pack(raw.subarray(0, 42)).then(() => pack(raw)))
  await t(CompressionTypes.LZ4, frame(...cut(raw).map(each => lz4Block(each))))
  await t(CompressionTypes.Snappy, compress(raw))
  const packed = await codec(CompressionTypes.ZSTD).compress({ buffer: raw })
  expect(packed.length).toBeLessThan(raw.length / 50)
})

const cut = (raw: Uint8Array): Uint8Array[] =>
  raw.length <= 60_000 ? [raw] : [raw.subarray(0, 60_000), ...cut(raw.subarray(60_000))]

test('what does not unpack becomes as many records as there were, and the first says why', async () => {
  const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024))
  // The count stands in front, as in the answer of a broker.
  const answer = (count: number, packed: Uint8Array): Buffer => {
    const whole = Buffer.concat([Buffer.alloc(4), packed])
    whole.writeInt32BE(count)
    return whole.subarray(4)
  }
  const records = await codec(CompressionTypes.GZIP).decompress(answer(3, bomb))
  expect(records.toString()).toContain('3 records: not gzip')
  expect(records.toString().match(/plimsoll-unreadable/g)).toHaveLength(3)
  const garbage = await codec(CompressionTypes.LZ4).decompress(answer(1, Buffer.from('garbage')))
  expect(garbage.toString()).toContain('1 records: not lz4')
  await expect(codec(CompressionTypes.LZ4).decompress(answer(-1, Buffer.from('garbage')))).rejects.toThrow(
    '-1 records',
  )
})
