// What the decoder remembers, held against maps.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elapsedMs } from '#core/clock.ts'
import { ByteKeys } from '#core/line-protocol/byte-keys.ts'
import { FieldLists } from '#core/line-protocol/field-lists.ts'
import { precisionOf } from '#core/line-protocol/precision.ts'
import { runs } from '../../runs.ts'

test('byte keys are found under the numbers they were given', () => {
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 12 }) },
    { weight: 5, arbitrary: fc.constant('pop' as const) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1_500, size: 'max' }), steps => {
      const keys = new ByteKeys()
      const wanted: string[] = []
      for (const each of steps) {
        if (each === 'pop') {
          if (wanted.pop() !== undefined) keys.pop()
        } else if (each === 'clear') {
          wanted.length = 0
          keys.clear()
        } else {
          // In the middle of other text, as in a block.
          const text = Buffer.from(`>${each}<`)
          const known = wanted.indexOf(each)
          expect(keys.find(text, 1, text.length - 1)).toBe(known)
          if (known >= 0) expect(keys.match(known, text, 1)).toBe(text.length - 1)
          else wanted[keys.add(text, 1, text.length - 1)] = each
        }
        expect(keys.size).toBe(wanted.length)
      }
      expect(keys.bytes).toBe(wanted.join('').length)
    }),
    { numRuns: runs(10) },
  )
})

test('lists of fields keep their order, however they grow among one another', () => {
  // A list of few fields and one of many are searched in different ways.
  const few = fc.tuple(fc.nat(5), fc.nat(20))
  const many = fc.tuple(fc.nat(2), fc.nat(300))
  fc.assert(
    fc.property(fc.array(fc.oneof(few, many), { maxLength: 900, size: 'max' }), steps => {
      const lists = new FieldLists()
      // Nothing is left of what was before.
      lists.open(0)
      for (let key = 300; key > 200; key--) lists.add(0, key, 1)
      const before = lists.bytes
      lists.clear()
      expect(lists.bytes).toBeLessThan(before)
      const wanted: number[][] = []
      for (const [list, key] of steps) {
        while (wanted.length <= list) {
          lists.open(wanted.length)
          wanted.push([])
        }
        const keys = wanted[list]!
        expect(lists.find(list, key, keys.length)).toBe(keys.indexOf(key))
        if (keys.includes(key)) continue
        expect(lists.add(list, key, key * 2)).toBe(keys.length)
        keys.push(key)
      }
      for (const [list, keys] of wanted.entries()) {
        const start = lists.starts[list]!
        expect([...lists.keys.subarray(start, start + lists.counts[list]!)]).toEqual(keys)
        expect([...lists.series.subarray(start, start + keys.length)]).toEqual(keys.map(key => key * 2))
      }
    }),
    { numRuns: 50 },
  )
})

test('of very many fields each is found in good time, in whatever order they are asked for', () => {
  const count = 200_000
  const lists = new FieldLists()
  lists.open(0)
  for (let key = 0; key < count; key++) lists.add(0, key, key)
  const beganMs = elapsedMs()
  // Each is half a list away from the one before it.
  for (let key = 0; key < count; key++) {
    const asked = (key * (count / 2 + 1)) % count
    if (lists.find(0, asked, key) !== asked) throw new Error(`${asked} was not found`)
  }
  expect(lists.find(0, count, 0)).toBe(-1)
  // Takes 20 seconds where they are searched from end to end, and a twentieth of one else.
  expect(elapsedMs() - beganMs).toBeLessThan(5_000)
})

test("precisions have the names of InfluxDB's writers, old and new", () => {
  const t = (text: string | undefined, wanted: string | undefined): void =>
    expect(precisionOf(text)).toBe(wanted)
  t(undefined, 'ns')
  t('', 'ns')
  t('n', 'ns')
  t('ns', 'ns')
  t('u', 'us')
  t('µ', 'us')
  t('ms', 'ms')
  t('s', 's')
  t('m', 'm')
  t('h', 'h')
  t('d', undefined)
  t('constructor', undefined)
})
