import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextPath } from '#core/auth/next-path.ts'

test('keeps what is a path of ours', () => {
  const t = (path: string) => expect(nextPath(path)).toBe(path)
  t('/')
  t('/i/4711')
  t('/i/4711?tab=why&a=%2F#told')
  t('/a//b')
})

test('whatever the wish, a browser stays here', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '\t',
    '\n',
    '\r',
    ' ',
    '.',
    ':',
    '@',
    'evil.example',
    'http:',
    '%2F',
    '?',
  )
  const wishes = fc.oneof(
    fc.array(piece).map(pieces => pieces.join('')),
    fc.webUrl(),
    fc.string(),
  )
  fc.assert(
    fc.property(wishes, wish => {
      const path = nextPath(wish)
      expect(new URL(path, 'http://here.example').origin).toBe('http://here.example')
      // Nothing that could end the header either.
      expect(path).toMatch(/^[\x21-\x7e]+$/)
    }),
  )
})
