import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headerName } from '../../../alerter/http/header-name.ts'

test('the name of a header is a token in lower case, the first time and later', () => {
  const letters = fc.constantFrom(..."aZ09!#$%&'*+.^_`|~-")
  const token = fc.string({ unit: letters, minLength: 1, maxLength: 100 })
  const other = fc
    .tuple(token, fc.constantFrom(' ', ':', '\r\n', '(', '名', '\0', ''))
    .map(all => all.join(''))
  fc.assert(
    fc.property(fc.oneof(token, other), name => {
      const wanted = /^[!#$%&'*+.^_`|~\w-]+$/.test(name) ? name.toLowerCase() : undefined
      for (let times = 0; times < 2; times++) expect(headerName(name)).toBe(wanted)
    }),
  )
  expect(headerName('')).toBeUndefined()
})

test('of more names than are kept each is still right', () => {
  const names = Array.from({ length: 2_500 }, (_, nth) => `X-${nth}`)
  expect(names.map(headerName)).toEqual(names.map(name => name.toLowerCase()))
})
