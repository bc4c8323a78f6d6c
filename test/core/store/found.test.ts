import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FoundPages } from '#core/store/embedded/found.ts'
import { runs } from '../../runs.ts'

const numbers = (from: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, at) => from + at)

test('each series stands whole on one page, and none is lost', () => {
  const counts = fc.array(fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 70_000 })), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(counts, counts => {
      const found = new FoundPages()
      let total = 0
      for (const [id, count] of counts.entries()) {
        // What lies around it is not taken.
        const points = { tMs: numbers(id * 1e6 - 3, count + 5), values: numbers(-3, count + 5) }
        found.add(id * 2, points, 3, count + 3)
        total += count
        expect(found.samples).toBe(total)
      }
      const have = found
        .pages()
        .flatMap(({ ids, starts, tMs, values }) =>
          [...ids].map((id, at) => [
            id,
            tMs.subarray(starts[at], starts[at + 1]),
            values.subarray(starts[at], starts[at + 1]),
          ]),
        )
      expect(have).toEqual(counts.map((count, id) => [id * 2, numbers(id * 1e6, count), numbers(0, count)]))
    }),
    { numRuns: runs(10) },
  )
})

test('what is small takes little room, and long answers never a page larger than they need', () => {
  const found = new FoundPages()
  const points = { tMs: numbers(0, 1_000_000), values: numbers(0, 1_000_000) }
  found.add(1, points, 0, 10)
  expect(found.pages().map(({ tMs }) => tMs.length)).toEqual([4_096])

  const long = new FoundPages()
  for (let id = 0; id < 200; id++) long.add(id, points, 0, 1_000)
  long.add(200, points, 0, 1_000_000)
  const sizes = long.pages().map(({ tMs }) => tMs.length)
  expect(sizes.slice(0, 5)).toEqual([4_096, 8_192, 16_384, 32_768, 65_536])
  expect(sizes.at(-1)).toBe(1_000_000)
})

test('nothing found is no page', () => {
  expect(new FoundPages().pages()).toEqual([])
})
