import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprint, keyOf, labelsOf, labelValue, noLabels, withLabels } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Matcher, Series } from '#core/model.ts'

const any = fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 5 }), fc.string({ maxLength: 5 })), {
  maxLength: 6,
})

test('labels are sorted, without empty ones, and of two with one name the later stays', () => {
  const t = (entries: [string, string][], ...wanted: string[]): void => {
    const labels = labelsOf(entries)
    expect(Object.keys(labels).map(name => `${name}=${labels[name]}`)).toEqual(wanted)
  }
  t([])
  t([['b', '1'], ['a', '2']], 'a=2', 'b=1') // biome-ignore format: a table
  t([['a', '1'], ['a', '2']], 'a=2') // biome-ignore format: a table
  t([['a', '1'], ['a', '']]) // biome-ignore format: a table
  t([['a', ''], ['a', '1']], 'a=1') // biome-ignore format: a table
  t([['B', '1'], ['_', '1'], ['a', '1']], 'B=1', '_=1', 'a=1') // biome-ignore format: a table
})

test('every label name is ordinary', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '0', '']) {
    expect(noLabels[name], name).toBeUndefined()
    expect(labelValue({ name: 'm', labels: noLabels }, name), name).toBe('')
    const labels = labelsOf([[name, 'x']])
    expect(labels[name], name).toBe('x')
    expect(Object.keys(labels), name).toEqual([name])
    expect(keyOf({ name: 'm', labels })).toContain(name)
  }
  expect(fingerprint(labelsOf([['__proto__', 'x']]))).not.toBe(fingerprint(noLabels))
})

test('what was made from the same entries is the same, in whatever order', () => {
  fc.assert(
    fc.property(any, fc.constantFrom('m', 'n'), (entries, name) => {
      const once = new Map(entries)
      const [labels, turned] = [labelsOf(once), labelsOf([...once].reverse())]
      expect(keyOf({ name, labels: turned })).toBe(keyOf({ name, labels }))
      expect(fingerprint(turned)).toBe(fingerprint(labels))
    }),
  )
})

test('labels with some more are those of both, in their order', () => {
  const name = fc.constantFrom(
    'a',
    'b',
    'c',
    'Z',
    '!',
    '5',
    '10',
    '__proto__',
    'zone',
    '\u{e000}',
    '\u{1f600}',
  )
  const pairs = fc.uniqueArray(fc.tuple(name, fc.constantFrom('', 'x', 'y')), { selector: ([each]) => each })
  fc.assert(
    fc.property(pairs, pairs, (entries, added) => {
      const sorted = added.toSorted(([a], [b]) => (a < b ? -1 : 1))
      const labels = withLabels(labelsOf(entries), sorted)
      const wanted = labelsOf([...Object.entries(labelsOf(entries)), ...added])
      expect(keyOf({ name: '', labels })).toBe(keyOf({ name: '', labels: wanted }))
    }),
  )
})

test('two series with one key are one series', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '=', ',', '{', '\0', 'é'), maxLength: 3 })
  const series = fc.record({
    name: text,
    labels: fc.array(fc.tuple(text, text), { maxLength: 3 }).map(labelsOf),
  })
  fc.assert(
    fc.property(series, series, (a, b) => {
      const isSame = a.name === b.name && JSON.stringify(a.labels) === JSON.stringify(b.labels)
      expect(keyOf(a) === keyOf(b)).toBe(isSame)
    }),
  )
})

test("fingerprints are Prometheus' own", () => {
  const t = (entries: [string, string][], wanted: bigint): void =>
    expect(fingerprint(labelsOf(entries))).toBe(wanted.toString(16).padStart(16, '0'))
  // client_golang's and common/model's vectors.
  t([], 0xcbf29ce484222325n)
  t([['name', 'garland, briggs'], ['fear', 'love is not enough']], 5799056148416392346n) // biome-ignore format: a table
})

test('fingerprints follow the bytes of UTF-8, in which names are sorted too', () => {
  const slow = (entries: [string, string][]): string => {
    const parts = entries.flat().map(text => [...Buffer.from(text), 255])
    let hash = 0xcbf29ce484222325n
    for (const byte of parts.flat()) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
    return hash.toString(16).padStart(16, '0')
  }
  const bytes = ([a]: [string, string], [b]: [string, string]): number =>
    Buffer.compare(Buffer.from(a), Buffer.from(b))
  const entries = fc.uniqueArray(
    fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme', minLength: 1 })),
    {
      selector: ([name]) => name,
      maxLength: 6,
    },
  )
  fc.assert(
    fc.property(entries, pairs => {
      expect(fingerprint(labelsOf(pairs))).toBe(slow([...pairs].sort(bytes)))
    }),
  )
  // In UTF-16 the ship comes before the private character, in UTF-8 behind it.
  const pairs: [string, string][] = [['\u{e000}', '1'], ['🚢', '2']] // biome-ignore format: a table
  expect(fingerprint(labelsOf(pairs))).toBe(slow(pairs))
})

test('matchers look at values, and at the empty text where there is no label', () => {
  const series: Series = { name: 'up', labels: labelsOf([['job', 'node'], ['path', 'a\nb']]) } // biome-ignore format: a table
  const t = (matcher: [string, Matcher['op'], string], wanted: boolean): void => {
    const [name, op, value] = matcher
    expect(matches(series, [{ name, op, value }]), matcher.join(' ')).toBe(wanted)
  }
  t(['__name__', '=', 'up'], true)
  t(['__name__', '!=', 'up'], false)
  t(['job', '=', 'node'], true)
  t(['job', '=', 'nod'], false)
  t(['job', '!=', 'node'], false)
  t(['job', '=~', 'no.*'], true)
  // Anchored at both ends.
  t(['job', '=~', 'od'], false)
  t(['job', '=~', 'x|node'], true)
  t(['job', '!~', 'no.*'], false)
  t(['path', '=~', 'a.b'], true)
  t(['absent', '=', ''], true)
  t(['absent', '!=', ''], false)
  t(['absent', '=~', '.*'], true)
  t(['absent', '=~', '.+'], false)
  t(['absent', '!~', 'x'], true)
  t(['constructor', '=', ''], true)
  expect(matches(series, [])).toBe(true)
  const both: Matcher[] = [{ name: 'job', op: '=', value: 'node' }, { name: 'job', op: '=', value: 'x' }] // biome-ignore format: a table
  expect(matches(series, both)).toBe(false)
})
