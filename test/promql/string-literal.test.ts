import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadEscape, quote, unquote } from '#promql/string-literal.ts'

test('escapes are those of Go', () => {
  const t = (literal: string, text: string) => expect(unquote(literal), literal).toBe(text)

  t(`"a\\tb\\n\\\\\\""`, 'a\tb\n\\"')
  t(`"\\a\\b\\f\\r\\v"`, '\x07\b\f\r\v')
  t(`'it\\'s'`, "it's")
  t(`'"'`, '"')
  t('`a\\tb`', 'a\\tb')
  t('"\\u673a\\U0001F600"', '机\u{1f600}')
  // Bytes that are one character together.
  t('"\\xe6\\x9c\\xba"', '机')
  t('"\\346\\234\\272"', '机')
  t('"\\101\\102"', 'AB')
  // Bytes that are none.
  t('"a\\xc5z"', 'a\ufffdz')
})

test('whatever else follows a backslash is refused, with its place', () => {
  const t = (literal: string, found: string, at: number) => {
    try {
      unquote(literal)
    } catch (error) {
      return expect(error, literal).toMatchObject({ found, at })
    }
    throw new Error(`${literal} was read`)
  }

  t('"\\d"', '\\d', 1)
  t('"ab\\."', '\\.', 3)
  // The other quote needs no escape and has none.
  t(`"\\'"`, "\\'", 1)
  t(`'\\"'`, '\\"', 1)
  t('"\\x1"', '\\x', 1)
  t('"\\u12"', '\\u', 1)
  t('"\\400"', '\\4', 1)
  t('"\\12"', '\\1', 1)
  // Half of a pair, and more than there are characters.
  t('"\\ud83d"', '\\ud83d', 1)
  t('"\\U00110000"', '\\U00110000', 1)
})

test('quotes as Go does', () => {
  const t = (text: string, literal: string) => expect(quote(text), literal).toBe(literal)

  t('a"b\\c\'d', '"a\\"b\\\\c\'d"')
  t('\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"')
  t('\0\x1b\x7f', '"\\x00\\x1b\\x7f"')
  t('机 é \u{1f600}', '"机 é \u{1f600}"')
  t('\u00a0\u200b\u2028', '"\\u00a0\\u200b\\u2028"')
  t('\u{e0001}', '"\\U000e0001"')
  t('\ud83d', '"\\ufffd"')
})

test('what is quoted is read as the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(unquote(quote(text))).toBe(text)
    }),
  )
})

test('nothing but a bad escape is thrown', () => {
  const text = fc.string({ unit: fc.constantFrom(...'\\xuU019af"\'nd机') })
  fc.assert(
    fc.property(text, inner => {
      try {
        unquote(`"${inner}"`)
      } catch (error) {
        expect(error).toBeInstanceOf(BadEscape)
      }
    }),
  )
})
