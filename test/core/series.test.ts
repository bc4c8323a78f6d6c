import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOf, labelsOf } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Matcher, Series } from '#core/model.ts'
import { partitionOf } from '#core/partition.ts'
import { refused, SeriesTable } from '#core/series.ts'

const text = fc.constantFrom('a', 'b', 'ab', 'host', 'instance', '__proto__', '1', '10', '北')
const series: fc.Arbitrary<Series> = fc.record({
  name: fc.constantFrom('m', 'n', '__proto__', 'constructor', ''),
  labels: fc.array(fc.tuple(text, text), { maxLength: 4 }).map(labelsOf),
})

test('a series has one number, whoever asks in whatever order', () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 60 }), all => {
      const table = new SeriesTable()
      const numbers = new Map<string, number>()
      for (const each of all) {
        const key = keyOf(each)
        expect(table.find(each)).toBe(numbers.get(key))
        const id = table.intern(each.name, each.labels)
        expect(id).toBe(numbers.get(key) ?? numbers.size)
        numbers.set(key, id)
        expect(table.get(id)).toEqual(each)
        expect(table.has(id)).toBe(true)
      }
      expect([table.size, table.count]).toEqual([numbers.size, numbers.size])
    }),
  )
})

// Of a line the tags may be a megabyte, and its fields thousands.
test('of many series of one label set its text is walked once, whether there is room for them or not', () => {
  const table = new SeriesTable(150)
  let walked = 0
  const labels = {
    get host() {
      walked += 1
      return 'a'
    },
  }
  for (let at = 0; at < 100; at++) expect(table.intern(`m${at}`, labels)).toBe(at)
  expect(walked).toBeLessThan(10)
  // Equal ones are the same, and others are not, whoever came last.
  for (let at = 0; at < 100; at++) {
    expect(table.intern('m0', labelsOf([['host', 'a']]))).toBe(0)
    expect(table.find({ name: 'm1', labels })).toBe(1)
    if (at < 50) expect(table.intern('n', labelsOf([['host', `${at}`]]))).toBe(100 + at)
  }
  const other = labelsOf([['host', 'b']])
  expect([table.intern('m0', other), table.find({ name: 'm0', labels: other })]).toEqual([refused, undefined])
})

test('labels that were made of series of the table are kept as they are, under the same numbers', () => {
  const table = new SeriesTable(3)
  const labels = labelsOf([['host', 'a']])
  expect(table.internMade('m', labels)).toBe(0)
  expect(table.get(0).labels).toBe(labels)
  const other = labelsOf([['host', 'a']])
  expect([table.intern('m', other), table.internMade('m', other)]).toEqual([0, 0])
  expect(table.internMade('n', other)).toBe(1)
  expect(table.get(1).labels).toBe(labels)
  const given = labelsOf([['host', 'b']])
  expect(table.get(table.intern('m', given)).labels).not.toBe(given)
  expect(table.internMade('m', labelsOf([['host', 'c']]))).toBe(refused)
})

test('select finds what the matchers accept, in order', () => {
  const matcher: fc.Arbitrary<Matcher> = fc.record({
    name: fc.constantFrom('__name__', 'a', 'host', 'absent'),
    op: fc.constantFrom('=', '!=', '=~', '!~'),
    value: fc.constantFrom('', 'm', 'a', 'a|b', 'm|n', '.+'),
  })
  fc.assert(
    fc.property(fc.array(series), fc.array(matcher, { maxLength: 3 }), (all, matchers) => {
      const table = new SeriesTable()
      for (const each of all) table.intern(each.name, each.labels)
      const ids = Array.from({ length: table.size }, (_, id) => id)
      expect(table.select(matchers)).toEqual(ids.filter(id => matches(table.get(id), matchers)))
    }),
  )
})

test('in breaths the same are found, and whoever goes away ends it', async () => {
  const table = new SeriesTable()
  for (let at = 0; at < 5_000; at++) table.intern(`m${at % 3}`, labelsOf([['host', `web-${at}`]]))
  const wanted: Matcher[] = [
    { name: '__name__', op: '!~', value: 'm[12]' },
    { name: 'host', op: '=~', value: 'web-(.*)5' },
  ]
  const found = await table.selectInBreaths(wanted)
  expect(found).toEqual(table.select(wanted))
  expect(found).toHaveLength(167)
  const all: Matcher[] = [{ name: 'host', op: '!=', value: '' }]
  // What comes while it looks does not confuse it.
  const looking = table.selectInBreaths(all)
  for (let at = 0; at < 5_000; at++) table.intern('late', labelsOf([['host', `db-${at}`]]))
  expect((await looking).slice(0, 5_000)).toEqual(Array.from({ length: 5_000 }, (_, at) => at))
  await expect(table.selectInBreaths(all, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
})

test('ten thousand series are told apart', () => {
  const table = new SeriesTable()
  const names = ['cpu', 'mem', 'disk']
  const labels = Array.from({ length: 4_000 }, (_, at) => labelsOf([['host', `h${at}`], ['dc', `d${at % 7}`]])) // biome-ignore format: a table
  for (const each of labels) for (const name of names) table.intern(name, each)
  expect(table.size).toBe(12_000)
  for (const [at, each] of labels.entries()) {
    expect(names.map(name => table.find({ name, labels: each }))).toEqual([at * 3, at * 3 + 1, at * 3 + 2])
  }
})

test('what is given up by the store stays a hole, and its number is not used again', () => {
  const table = new SeriesTable()
  const labels = labelsOf([['host', 'a']])
  table.adopt(5, { name: 'm', labels })
  table.adopt(2, { name: 'n', labels })
  table.adopt(3, { name: 'm', labels: labelsOf([]) })
  expect(table.size).toBe(6)
  expect([0, 1, 2, 3, 4, 5].map(id => table.has(id))).toEqual([false, false, true, true, false, true])
  expect(table.intern('m', labels)).toBe(5)
  expect(table.intern('new', labels)).toBe(6)
  expect(table.select([{ name: '__name__', op: '=', value: 'm' }])).toEqual([3, 5])
  expect(table.select([])).toEqual([2, 3, 5, 6])
  expect(() => table.get(4)).toThrow('series 4 is unknown')
  expect(() => table.get(99)).toThrow('series 99 is unknown')
  expect(() => table.adopt(5, { name: 'x', labels })).toThrow('series 5 is taken')
})

test('a full table refuses what is new and knows what it knew', () => {
  const table = new SeriesTable(2)
  const none = labelsOf([])
  expect([table.intern('a', none), table.intern('b', none)]).toEqual([0, 1])
  expect(table.intern('c', none)).toBe(refused)
  expect(table.intern('a', labelsOf([['x', 'y']]))).toBe(refused)
  expect([table.intern('a', none), table.size]).toEqual([0, 2])
  expect(table.find({ name: 'c', labels: none })).toBeUndefined()
})

test("a series' partition is its host's, else its instance's, else the source's", () => {
  const table = new SeriesTable()
  const t = (labels: [string, string][], wanted: number): void =>
    expect(table.partition(table.intern('m', labelsOf(labels)), 7)).toBe(wanted)
  t([['host', 'a'], ['instance', 'b:1']], partitionOf('a')) // biome-ignore format: a table
  t([['instance', 'b:1']], partitionOf('b:1'))
  t([['job', 'x']], 7)
  t([], 7)
})

test('labels that others made are copied, so that they stay what they were', () => {
  const table = new SeriesTable()
  const given = JSON.parse('{"host":"a"}') as Record<string, string>
  const id = table.intern('m', given)
  given['host'] = 'b'
  expect(table.get(id).labels['host']).toBe('a')
  expect(table.get(id).labels['constructor']).toBeUndefined()
  expect(table.find({ name: 'm', labels: labelsOf([['host', 'a']]) })).toBe(id)
})
