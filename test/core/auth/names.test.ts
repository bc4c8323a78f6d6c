import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameOf, readName } from '#core/auth/names.ts'

test('a name that was read is read again as the same', () => {
  const tried = fc.property(fc.string({ unit: 'grapheme-composite' }), text => {
    const name = readName(text)
    if (name === undefined) return
    expect(readName(name)).toBe(name)
    expect(readName(` ${name}\n`)).toBe(name)
    expect(readName(name.normalize('NFD'))).toBe(name)
    expect(JSON.parse(JSON.stringify(name))).toBe(name)
  })
  fc.assert(tried)
})

test('says what was wanted', () => {
  expect(nameOf(' 值班 ')).toBe('值班')
  expect(() => nameOf('a\u200bb')).toThrow('wanted 1 to 64 visible characters on one line, found')
  // Half a sign outside the first plane.
  expect(readName('\ud83d')).toBeUndefined()
  expect(readName('\u{1f6a2}'.repeat(64))).toHaveLength(128)
})
