// Matchers as selectors: what stands there, and that no text can leave its quotes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Matcher, MatchOp } from '#core/model.ts'
import { dialects, quoted, selector } from '#core/store/prometheus/selector.ts'

const is = (name: string, value: string, op: MatchOp = '='): Matcher => ({ name, op, value })

test('writes matchers as PromQL has them', () => {
  const t = (wanted: string, ...matchers: Matcher[]) => expect(selector(matchers, 'none')).toBe(wanted)
  t('{__name__="up"}', is('__name__', 'up'))
  t(
    '{__name__="up",host!="a",rack=~"r1|r2",zone!~"eu.*"}',
    is('__name__', 'up'),
    is('host', 'a', '!='),
    is('rack', 'r1|r2', '=~'),
    is('zone', 'eu.*', '!~'),
  )
  t('{host="a \\"b\\" \\\\ \\x0a 机"}', is('host', 'a "b" \\ \n 机'))
  // What takes a series without any label needs another matcher.
  t('{__name__!=""}')
  t('{rack="",__name__!=""}', is('rack', ''))
  t('{rack=~".*",__name__!=""}', is('rack', '.*', '=~'))
  t('{rack!="a",__name__!=""}', is('rack', 'a', '!='))
  t('{rack=~".+"}', is('rack', '.+', '=~'))
})

test('writes other names as each kind of database reads them, or leaves them out', () => {
  const t = (name: string, ...wanted: string[]) =>
    expect(dialects.map(each => selector([is(name, 'x')], each))).toEqual([...wanted, '{__name__!=""}'])
  t('service.name', '{"service.name"="x"}', '{service\\.name="x"}')
  t('1st', '{"1st"="x"}', '{\\1st="x"}')
  t('a"b\\c', '{"a\\"b\\\\c"="x"}', '{a\\"b\\\\c="x"}')
  t('机器', '{"机器"="x"}', '{\\机\\器="x"}')
  t('a\nb', '{"a\\x0ab"="x"}', '{a\\x0ab="x"}')
})

test('a pattern that RE2 does not take is refused before it is sent', () => {
  expect(() => selector([is('a', '(?=x)', '=~')], 'quoted')).toThrow('bad_pattern')
})

test('whatever the text, it is one literal and comes back from it', () => {
  const literal = /^"(?:[^"\\\n]|\\.)*"$/u
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const written = quoted(text)
      expect(written).toMatch(literal)
      // JSON knows the same escapes but for \x.
      expect(
        JSON.parse(
          written.replace(/\\(?:x(..)|.)/g, (all, hex) => (hex === undefined ? all : `\\u00${hex}`)),
        ),
      ).toBe(text)
    }),
    { numRuns: 1_000 },
  )
})
