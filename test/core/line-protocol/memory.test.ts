// What the decoder remembers, held against maps.
import fc from 'fast-check'
import { expect, test } from 'vitest'
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
  const step = fc.tuple(fc.nat(5), fc.nat(20))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), steps => {
      const lists = new FieldLists()
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
