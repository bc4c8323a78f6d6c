import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { matchAll } from '../../alerter/matcher.ts'
import { openMatcherIndex } from '../../alerter/matcher-index.ts'
import { readMatchers } from '../../alerter/matcher-text.ts'

const listed = (text: string) => ({ matchers: readMatchers(text).matchers, item: text })

test('lists are found in their order, whatever they are found by', () => {
  const lists = ['a=1', 'b!=1', 'a=~"1|2",b=1', '{}', 'a=~"^(?:2)$"', 'a=~".+"', 'c=""', 'a=~"1|1|"']
  const find = openMatcherIndex(lists.map(listed))
  const t = (labels: Record<string, string>, ...wanted: string[]) =>
    expect(find(labelsOf(Object.entries(labels))), JSON.stringify(labels)).toEqual(wanted)

  t({}, 'b!=1', '{}', 'c=""', 'a=~"1|1|"')
  t({ a: '1', b: '1' }, 'a=1', 'a=~"1|2",b=1', '{}', 'a=~".+"', 'c=""', 'a=~"1|1|"')
  t({ a: '2', c: '1' }, 'b!=1', '{}', 'a=~"^(?:2)$"', 'a=~".+"')
})

test('it finds what asking every list finds', () => {
  const matcher = fc.constantFrom(
    'a=1',
    'a=2',
    'a=""',
    'a!=1',
    'a=~"1|2"',
    'a=~"1.*"',
    'b=1',
    'b=~"^(?:1|2)$"',
    'b!~"1"',
    'c=~"|x"',
  )
  const list = fc.array(matcher, { maxLength: 3 }).map(each => each.join(','))
  const value = fc.constantFrom('', '1', '2', '11', 'x')
  fc.assert(
    fc.property(
      fc.array(list, { maxLength: 8 }),
      fc.record({ a: value, b: value, c: value }),
      (lists, each) => {
        const labels = labelsOf(Object.entries(each))
        const all = lists.map(listed)
        const wanted = all.filter(({ matchers }) => matchAll(matchers, labels)).map(({ item }) => item)
        expect(openMatcherIndex(all)(labels)).toEqual(wanted)
      },
    ),
    { numRuns: 500 },
  )
})
