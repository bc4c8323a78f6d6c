import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { nameOf, sourcesOf } from '#core/line-protocol/names.ts'
import { matches } from '#core/matchers.ts'
import type { Matcher } from '#core/model.ts'
import { fluxRange, fluxString, isEmptyRange } from '#core/store/influxdb/flux.ts'
import { newestScript } from '#core/store/influxdb/scripts.ts'
import { sourcesCondition, sourcesMax, wantedOf } from '#core/store/influxdb/wanted.ts'

const any = fc.string({ unit: 'grapheme' })
const ascii = fc.string({ unit: 'binary-ascii' })
const nasty = fc.string({
  unit: fc.constantFrom('"', '\\', '$', '{', '}', '\n', '\r', 'n', 'x', '`', ')', '/'),
})
const anyText = fc.oneof(any, ascii, nasty)

test('a name comes from every measurement and field that make it', () => {
  const t = (name: string, ...wanted: string[]) =>
    expect(
      sourcesOf(name).map(({ measurement, field }) => `${measurement}+${field}`),
      name,
    ).toEqual(wanted)

  t('up', 'up+value', 'prometheus+up')
  t('cpu_usage_idle', 'cpu_usage_idle+value', 'prometheus+cpu_usage_idle', 'cpu+usage_idle', 'cpu_usage+idle')
  t('a_', 'a_+value', 'prometheus+a_')
  t('_a', '_a+value', 'prometheus+_a')
  // A field called `value` leaves no trace, and neither does the measurement `prometheus`.
  t('a_value', 'a_value+value', 'prometheus+a_value')
  t('prometheus_x', 'prometheus_x+value', 'prometheus+prometheus_x')
  t('value', 'value+value')
  t('prometheus', 'prometheus+value', 'prometheus+prometheus')
})

test('asking for a name finds every way in which it was written', () => {
  const part = fc.string({ unit: fc.constantFrom('a', '_', 'b'), minLength: 1, maxLength: 6 })
  const written = fc.tuple(fc.oneof(part, fc.constant('prometheus')), fc.oneof(part, fc.constant('value')))
  fc.assert(
    fc.property(written, ([measurement, field]) => {
      expect(sourcesOf(nameOf(measurement, field))).toContainEqual({ measurement, field })
    }),
  )
})

// What Flux reads: from quote to quote, with its escapes.
function readFlux(literal: string): { text: string; rest: string } {
  if (literal[0] !== '"') throw new Error('no string')
  const bytes: number[] = []
  for (let at = 1; at < literal.length; ) {
    const c = literal[at]!
    if (c === '"') return { text: Buffer.from(bytes).toString(), rest: literal.slice(at + 1) }
    if (c === '\n' || literal.startsWith('${', at)) throw new Error('a newline or an expression in a string')
    const [found, hex, plain] = /^\\(?:x([\da-f]{2})|([nrt"\\]|\$\{))/.exec(literal.slice(at)) ?? []
    if (c === '\\' && found === undefined) throw new Error('no escape')
    const names: Record<string, string> = { n: '\n', r: '\r', t: '\t' }
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16))
    else if (plain !== undefined) bytes.push(...Buffer.from(names[plain] ?? plain))
    else bytes.push(...Buffer.from(String.fromCodePoint(literal.codePointAt(at)!)))
    at += found?.length ?? String.fromCodePoint(literal.codePointAt(at)!).length
  }
  throw new Error('it does not end')
}

test('a text in a script ends where it should and says what it said', () => {
  fc.assert(
    fc.property(anyText, anyText, (text, behind) => {
      const literal = fluxString(text)
      expect(readFlux(literal + behind)).toEqual({ text, rest: behind })
    }),
  )
})

test('whatever is asked for, nothing of it stands outside of a text or a pattern', () => {
  const op = fc.constantFrom('=' as const, '!=' as const, '=~' as const, '!~' as const)
  const matcher = fc.record({ name: fc.oneof(anyText, fc.constant('__name__')), op, value: anyText })
  const shape =
    /^from\(bucket: S\) \|> range\(start: [\dT:.Z-]+, stop: [\dT:.Z-]+\)( \|> filter\(fn: \(r\) => ([ ()]|and|or|r\._(?:measurement|field)|r\[S\]|==|=~|S|P)+\))? \|> last\(\) \|> drop\(columns: \[S, S\]\) \|> yield\(name: S\)$/
  fc.assert(
    fc.property(fc.array(matcher, { maxLength: 4 }), anyText, (matchers, bucket) => {
      let script: string
      try {
        script = newestScript({ bucket, range: { fromMs: 0, toMs: 1 }, wanted: wantedOf(matchers) })
      } catch {
        // No pattern of RE2.
        return
      }
      const strings = script.replace(/"(?:[^"\\]|\\.)*"/gs, 'S').replace(/\/\^\(\?s:[^/\\"\n]*\)\$\//g, 'P')
      expect(strings).toMatch(shape)
    }),
    { numRuns: 500 },
  )
})

test('only what leaves no doubt is left to InfluxDB', () => {
  const t = (matcher: Matcher, ...wanted: string[]) =>
    expect(wantedOf([matcher]).labels, JSON.stringify(matcher)).toEqual(wanted)
  const host = (op: Matcher['op'], value: string): Matcher => ({ name: 'host', op, value })

  t(host('=', 'a'), 'r["host"] == "a"')
  t(host('=~', 'a|b'), '(r["host"] == "a" or r["host"] == "b")')
  t(host('=~', 'web-[0-9]+'), 'r["host"] =~ /^(?s:web-[0-9]+)$/')
  // Absent labels match these.
  t(host('=', ''))
  t(host('=~', 'a|'))
  t(host('=~', '.*'))
  t(host('!=', 'a'))
  t(host('!~', 'a.*'))
  // What Flux or Go could read otherwise.
  t(host('=~', 'a/b.+'))
  t(host('=~', 'a\\d+'))
  t({ name: '_value', op: '=', value: 'a' })
  t({ name: 'a"b', op: '=', value: 'a' })
})

// As InfluxDB evaluates the conditions that are made here: an absent tag is equal to nothing.
function lets(condition: string, labels: Readonly<Record<string, string>>): boolean {
  const [, name, op, value] = /^\(?r\["(\w+)"\] (==|=~) (.*?)\)?$/s.exec(condition)!
  if (op === '=~')
    return new RegExp(/^\/(.*)\/$/s.exec(value!)![1]!.replace('(?s:', '(?:'), 's').test(labels[name!] ?? '\0')
  return condition
    .replace(/^\(|\)$/g, '')
    .split(' or ')
    .some(each => each === `r["${name}"] == ${JSON.stringify(labels[name!] ?? null)}`)
}

test('a condition never leaves out a series that the matchers accept', () => {
  const value = fc.constantFrom('', 'a', 'ab', 'b', 'a.b')
  const pattern = fc.constantFrom(
    '',
    'a',
    'a|b',
    'a|',
    '.*',
    '.+',
    'a.*',
    '.*b',
    'a?',
    '[ab]+',
    'a.b',
    '(a|b)b?',
  )
  const name = fc.constantFrom('x', 'y')
  const matcher = fc.oneof(
    fc.record({ name, op: fc.constantFrom('=' as const, '!=' as const), value }),
    fc.record({ name, op: fc.constantFrom('=~' as const, '!~' as const), value: pattern }),
  )
  fc.assert(
    fc.property(fc.array(matcher, { maxLength: 3 }), value, value, (matchers, x, y) => {
      const labels = labelsOf([
        ['x', x],
        ['y', y],
      ])
      if (!matches({ name: 'up', labels }, matchers)) return
      for (const condition of wantedOf(matchers).labels) expect(lets(condition, labels), condition).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test('names that are known lead to fields; too many places where one may come apart do not', () => {
  const named = (op: Matcher['op'], value: string) => wantedOf([{ name: '__name__', op, value }])
  expect(sourcesCondition(named('=', 'up').sources!)).toBe(
    '(r._measurement == "up" and (r._field == "value" or r._field == "value__special") or r._measurement == "prometheus" and (r._field == "up" or r._field == "up__special"))',
  )
  expect(named('=~', 'a|b_c').sources).toHaveLength(5)
  expect(named('=~', 'a.*').sources).toBeUndefined()
  expect(named('!=', 'a').sources).toBeUndefined()
  expect(named('=', '_'.repeat(100_000)).sources).toBeUndefined()
  expect(named('=', 'a_'.repeat(sourcesMax / 2)).sources).toHaveLength(sourcesMax / 2 + 1)
})

test('of a measurement with very many fields, all are let through: InfluxDB reads no script that deep', () => {
  const fields = Array.from({ length: 2_000 }, (_, at) => ({ measurement: 'wide', field: `f${at}` }))
  expect(sourcesCondition(fields)).toBe('r._measurement == "wide"')
  expect(sourcesCondition(fields.slice(0, 2))).toContain('r._field == "f1"')
})

test('the end of a range belongs to it, and no range goes beyond what InfluxDB counts', () => {
  const t = (fromMs: number, toMs: number, start: string, stop: string) =>
    expect(fluxRange({ fromMs, toMs })).toBe(`range(start: ${start}, stop: ${stop})`)

  t(0, 0, '1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.001Z')
  t(0.5, 1.5, '1970-01-01T00:00:00.001Z', '1970-01-01T00:00:00.002Z')
  t(
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    '1677-09-21T00:12:43.146Z',
    '2262-04-11T23:47:16.854Z',
  )
  expect(isEmptyRange({ fromMs: 2, toMs: 1 })).toBe(true)
  expect(isEmptyRange({ fromMs: 1, toMs: 1 })).toBe(false)
  expect(isEmptyRange({ fromMs: 1e15, toMs: 1e16 })).toBe(true)
  expect(isEmptyRange({ fromMs: Number.NaN, toMs: 1 })).toBe(true)
})
