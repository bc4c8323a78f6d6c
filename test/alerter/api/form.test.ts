import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bodyPortions } from '../../../alerter/api/form.ts'

const portions = (text: string, eachBytes = 16): unknown[] => [
  ...bodyPortions(Buffer.from(text), 'alerts', eachBytes),
]

test('however a list is cut, its items are the same', () => {
  const item = fc.record({
    labels: fc.dictionary(
      fc.string(),
      fc.oneof(fc.string(), fc.constantFrom('},{', '"},{"', '\\', '},{"a":1},{')),
    ),
    more: fc.array(fc.record({ a: fc.string() }), { maxLength: 3 }),
  })
  fc.assert(
    fc.property(
      fc.array(item),
      fc.integer({ min: 1, max: 200 }),
      fc.constantFrom(undefined, 2),
      (list, each, space) => {
        expect(portions(JSON.stringify(list, null, space), each).flat()).toEqual(
          JSON.parse(JSON.stringify(list)),
        )
      },
    ),
    { numRuns: 200 },
  )
})

test('a long list comes in many portions, none of them much longer than was asked for', () => {
  const list = Array.from({ length: 1_000 }, (_, n) => ({ labels: { n: String(n) } }))
  const found = portions(JSON.stringify(list), 1_000)
  expect(found.length).toBeGreaterThan(15)
  for (const each of found.slice(0, -1)) expect(JSON.stringify(each).length).toBeLessThan(1_050)
})

test('what is no list is one portion, as it is', () => {
  const t = (text: string) => expect(portions(text), text).toEqual([JSON.parse(text)])
  t('null')
  t('[]')
  t('"a text that is long enough to be cut, if it were a list"')
  t('{"alerts":[{"a":1},{"a":2},{"a":3},{"a":4},{"a":5},{"a":6},{"a":7}]}')
})

test('what breaks off, or goes on behind its end, is refused wherever that is', () => {
  const list = JSON.stringify(Array.from({ length: 100 }, (_, n) => ({ labels: { n: String(n) } })))
  const t = (text: string) => expect(() => portions(text), text.slice(-20)).toThrow('parsing alerts body')
  t(list.slice(0, -1))
  t(list.slice(0, -9))
  t(`${list},{"a":1}`)
  t(list.replace('},{', '}{'))
  t(list.replace('"50"', '50"'))
  t(`${list.slice(0, 200)}]${list.slice(200)}`)
})
