import fc from 'fast-check'
import { expect, test } from 'vitest'
import { credentialOf } from '#core/auth/credentials.ts'

const asking = (headers: Record<string, string>, query = {}, cookies = {}) => ({
  method: 'GET',
  headers,
  query,
  cookies,
  remote: '127.0.0.1',
})

test('of several, what the request says itself comes first', () => {
  const t = (given: Parameters<typeof asking>, wanted: object | undefined) =>
    expect(credentialOf(asking(...given))).toEqual(wanted)
  const [header, query, cookies] = [
    { authorization: 'Bearer h' },
    { u: 'x', p: 'q' },
    { plimsoll_session: 'c' },
  ]
  t([header, query, cookies], { kind: 'token', secret: 'h' })
  t([{}, query, cookies], { kind: 'token', secret: 'q' })
  t([{}, {}, cookies], { kind: 'session', secret: 'c' })
  t([{}, {}, {}], undefined)
  t([{}, { p: '' }, { plimsoll_session: '' }], undefined)
  // Twice in the address: nobody can say which is meant.
  t([{}, { p: ['a', 'b'] }, cookies], { kind: 'unknown', why: 'p stands in the address more than once' })
})

test('every token comes through every form as it is', () => {
  const word = fc.stringMatching(/^[\x21-\x7e]{1,60}$/)
  const name = fc.string().map(each => each.replaceAll(':', ''))
  const tried = fc.property(word, name, (secret, user) => {
    const t = (authorization: string, wanted: string) =>
      expect(credentialOf(asking({ authorization }))).toEqual({ kind: 'token', secret: wanted })
    t(`Bearer ${secret}`, secret)
    t(`Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`, secret)
    t(`Token ${secret.replaceAll(':', '.')}`, secret.replaceAll(':', '.'))
  })
  fc.assert(tried)
})

test('no header is taken for nothing, and none is an error', () => {
  const tried = fc.property(
    fc.oneof(
      fc.string(),
      fc.string().map(each => `Basic ${each}`),
    ),
    authorization => {
      expect(['token', 'unknown']).toContain(credentialOf(asking({ authorization }))?.kind)
    },
  )
  fc.assert(tried)
})
