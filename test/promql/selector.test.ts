import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import type { Matcher } from '#core/model.ts'
import { parseSelector } from '#promql/selector.ts'
import { unquote } from '#promql/string-literal.ts'

const name = (value: string): Matcher => ({ name: '__name__', op: '=', value })

test('reads plain and range selectors', () => {
  const t = (text: string, matchers: readonly Matcher[], rangeMs?: number) =>
    expect(parseSelector(text), text).toEqual({ matchers, rangeMs })

  t('up', [name('up')])
  t('a:b:c', [name('a:b:c')])
  t(' up { } ', [name('up')])
  t('up{host="a"}', [name('up'), { name: 'host', op: '=', value: 'a' }])
  t(`up{host!='a',rack=~"b.*",}`, [
    name('up'),
    { name: 'host', op: '!=', value: 'a' },
    { name: 'rack', op: '=~', value: 'b.*' },
  ])
  t('{__name__=~"up|down", x!~`\\d`}', [
    { name: '__name__', op: '=~', value: 'up|down' },
    { name: 'x', op: '!~', value: '\\d' },
  ])
  t('{"a name", "a label"="x"}', [name('a name'), { name: 'a label', op: '=', value: 'x' }])
  t('up[5m]', [name('up')], 300_000)
  t('up[1h30m]', [name('up')], 5_400_000)
  t('up[90]', [name('up')], 90_000)
  t('up # a comment', [name('up')])
})

test('says where it does not understand', () => {
  const t = (text: string, message: string) => expect(() => parseSelector(text), text).toThrow(message)

  t('', '1:1: wanted a selector')
  t('up{', '1:4: the expression ends too early')
  t('up{host=a}', '1:9: did not expect a}')
  t('up)', '1:3: did not expect )')
  t('{}', '1:1: wanted at least one matcher')
  t('{x=""}', '1:1: wanted at least one matcher')
  t('{x=~".*"}', '1:1: wanted at least one matcher')
  t('up[5x]', '1:')
  t('up[0]', '1:4: wanted a duration')
  t('up{x="\\q"}', '1:6: \\q is no escape')
  t('up{x=~"("}', 'bad_pattern')
  t('up{x=~"(?=a)"}', 'bad_pattern')
  // What the language has beside selectors.
  t('rate(up[5m])', '1:1: wanted a selector like up{host="a"} or up[5m], found a function call')
  t('up + up', 'found a binary expr')
  t('up offset 5m', 'found an offset expr')
  t('sum(\nup', '2:3: the expression ends too early')
})

test('whatever comes is read or refused with a reason', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'up{}[]"\'`=~!,5m\\ #()\n机') }), text => {
      try {
        parseSelector(text)
      } catch (error) {
        expect(error).toBeInstanceOf(Failure)
      }
    }),
    { numRuns: 500 },
  )
})

test('escapes are those of Go', () => {
  const t = (literal: string, text: string) => expect(unquote(literal), literal).toBe(text)

  t(`"a\\tb\\n\\\\\\""`, 'a\tb\n\\"')
  t(`'it\\'s'`, "it's")
  t('`a\\tb`', 'a\\tb')
  t('"\\u673a\\U0001F600"', '机\u{1f600}')
  // Bytes that are one character together.
  t('"\\xe6\\x9c\\xba"', '机')
  t('"\\101\\102"', 'AB')
})
