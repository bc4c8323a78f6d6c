import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowBuffer } from '#core/batch.ts'
import { gather } from '#core/store/embedded/gather.ts'
import { Recent } from '#core/store/embedded/recent.ts'

type Row = readonly [series: number, tMs: number, value: number]

const columns = (rows: readonly Row[]) => ({
  series: Uint32Array.from(rows, ([series]) => series),
  tMs: Float64Array.from(rows, ([, tMs]) => tMs),
  values: Float64Array.from(rows, ([, , value]) => value),
})

// What a plain look at every row finds.
const looked = (rows: readonly Row[], ids: readonly number[], fromMs: number, toMs: number) =>
  ids.map(id => rows.filter(([series, tMs]) => series === id && tMs >= fromMs && tMs <= toMs))

function found(recent: Recent, ids: readonly number[], fromMs: number, toMs: number) {
  const { starts, tMs, values } = gather(recent, {
    ids: Uint32Array.from(ids),
    fromMs,
    toMs,
    maxSamples: 1e9,
  })
  return ids.map((id, at) => {
    const [from, to] = [starts[at]!, starts[at + 1]!]
    return [...tMs.subarray(from, to)].map((t, each): Row => [id, t, values[from + each]!])
  })
}

test('finds the rows of each series within the range, in the order of writing', () => {
  const row = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 60 }), fc.integer())
  const ids = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 12 })
  fc.assert(
    fc.property(
      fc.array(fc.array(row, { maxLength: 30 }), { maxLength: 8 }),
      ids,
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 60 }),
      (batches, unordered, fromMs, toMs) => {
        const wanted = unordered.sort((a, b) => a - b)
        // Room for fewer rows than come.
        const recent = new Recent(1, new RowBuffer(16))
        for (const batch of batches) recent.add(columns(batch), [], 0)
        expect(found(recent, wanted, fromMs, toMs)).toEqual(looked(batches.flat(), wanted, fromMs, toMs))
      },
    ),
  )
})

test('series of high numbers, and more rows of one than fit at first', () => {
  const recent = new Recent(1, new RowBuffer(1_000))
  const rows = Array.from({ length: 30_000 }, (_, at): Row => [at % 3 === 0 ? 900_000 : at % 7, at, at / 2])
  for (let from = 0; from < rows.length; from += 5_000)
    recent.add(columns(rows.slice(from, from + 5_000)), [], 0)

  const t = (fromMs: number, toMs: number) => {
    const ids = [2, 6, 8, 900_000, 900_001]
    expect(found(recent, ids, fromMs, toMs)).toEqual(looked(rows, ids, fromMs, toMs))
  }
  t(0, 30_000)
  // Only what came late is looked at.
  t(29_000, 40_000)
  t(12_345, 12_400)
  t(40_000, 50_000)
})

test('a lot in a buffer that another has left knows nothing of the other', () => {
  const buffer = new RowBuffer(16)
  new Recent(1, buffer).add(columns([[3, 1, 1]]), [], 0)
  const next = new Recent(2, buffer)
  expect(found(next, [3], 0, 10)).toEqual([[]])
  next.add(columns([[3, 2, 2]]), [], 0)
  expect(found(next, [3], 0, 10)).toEqual([[[3, 2, 2]]])
})
