import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Matcher } from '#core/model.ts'
import { Interests } from '../../../rules/head/interests.ts'
import { Narrow } from '../../../rules/head/narrow.ts'

const watching = (...matchers: Matcher[]) => ({ matchers, keepMs: 0, windowsMs: [], ends: false })

test('a series is watched by exactly those whose matchers accept it', () => {
  const text = fc.constantFrom('', 'a', 'b', 'c')
  const matcher = fc.record({
    name: fc.constantFrom('__name__', 'host', 'rack'),
    op: fc.constantFrom('=' as const, '!=' as const, '=~' as const, '!~' as const),
    value: text,
  })
  const lists = fc.array(fc.array(matcher, { maxLength: 4 }), { maxLength: 12 })
  fc.assert(
    fc.property(lists, text, text, (lists, host, rack) => {
      const interests = new Interests(
        lists.map(each => watching(...each)),
        300_000,
      )
      for (const name of ['a', 'b']) {
        const series = { name, labels: labelsOf(Object.entries({ host, rack })) }
        const wanted = [...lists.keys()].filter(each => matches(series, lists[each]!))
        const found = interests.of(series)
        expect(found < 0 ? [] : interests.all[found]!.watches).toEqual(wanted)
        expect(interests.of(series)).toBe(found)
      }
    }),
  )
})

test('of ten thousand watches that differ in a label, one is compared', () => {
  const lists = Array.from({ length: 10_000 }, (_, at): { matchers: Matcher[] } => ({
    matchers: [
      { name: '__name__', op: '=', value: 'm' },
      { name: 'dc', op: '=', value: 'one' },
      { name: 'host', op: '=', value: `h${at}` },
    ],
  }))
  let compared = 0
  const counted = new Proxy(lists, {
    get(target, key) {
      compared++
      return Reflect.get(target, key)
    },
  })
  const narrow = new Narrow(counted, [...lists.keys()])
  compared = 0
  const found: number[] = []
  narrow.find({ name: 'm', labels: labelsOf(Object.entries({ dc: 'one', host: 'h77' })) }, found)
  expect([found, compared]).toEqual([[77], 1])
})

test('an interest keeps as long and looks as early as any of its watches wants', () => {
  const host = { name: 'host', op: '=', value: 'a' } as const
  const interests = new Interests(
    [
      { matchers: [host], keepMs: 10_000, windowsMs: [10_000, 5_000], ends: false },
      { matchers: [host], keepMs: 90_000, windowsMs: [0, 7_000, 5_000], ends: true },
    ],
    300_000,
  )
  const at = interests.of({ name: 'm', labels: labelsOf([['host', 'a']]) })
  expect(interests.all[at]).toMatchObject({
    watches: [0, 1],
    keepMs: 90_000,
    windowsMs: [5_000, 7_000, 10_000],
    ends: true,
    shortestMs: 5_000,
  })
})
