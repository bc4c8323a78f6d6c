import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Secret } from '#core/secret.ts'
import { byCode } from '../../alerter/by-code.ts'
import type { Verdict } from '../../alerter/channel.ts'
import {
  byStatus,
  digestOf,
  fieldsOf,
  httpChannel,
  retryAfterMs,
  waitOf,
} from '../../alerter/http-channel.ts'

const nowMs = Date.UTC(2026, 10, 21, 9)

test('a status means the same everywhere', () => {
  const t = (status: number, wanted: object) =>
    expect(byStatus({ status, headers: {}, body: '' }, nowMs), String(status)).toMatchObject(wanted)

  for (const status of [200, 201, 202, 204]) t(status, { kind: 'delivered' })
  for (const status of [301, 302, 307]) t(status, { kind: 'refused', because: 'settings' })
  for (const status of [401, 403, 404, 405, 407, 410]) t(status, { kind: 'refused', because: 'settings' })
  for (const status of [400, 413, 415, 422]) t(status, { kind: 'refused', because: 'message' })
  for (const status of [100, 408, 409, 418, 425, 429, 451, 500, 502, 503, 504, 599])
    t(status, { kind: 'later' })
  t(429, { isLimit: true })
  expect(byStatus({ status: 503, headers: { 'retry-after': '9' }, body: '' }, nowMs)).toEqual({
    ...{ kind: 'later', reason: 'answered 503', afterMs: 9_000 },
  })
})

test('Retry-After is seconds or a date, and not believed beyond an hour', () => {
  const t = (written: string, wanted: number | undefined) =>
    expect(retryAfterMs({ 'retry-after': written }, nowMs), written).toBe(wanted)

  t('0', 0)
  t('120', 120_000)
  t(' 7 ', 7_000)
  t('0.25', 250)
  t('Sat, 21 Nov 2026 09:00:30 GMT', 30_000)
  t('Sat, 21 Nov 2026 08:00:00 GMT', 0)
  t('86400', 3_600_000)
  t('', undefined)
  t('soon', undefined)
  t('-', undefined)
  expect(retryAfterMs({}, nowMs)).toBeUndefined()

  expect(waitOf('3')).toBeUndefined()
  expect(waitOf(Number.NaN)).toBeUndefined()
  expect(waitOf(0.0001)).toBe(1)
})

test('only an object has fields', () => {
  expect(fieldsOf('{"a":1}')).toEqual({ a: 1 })
  for (const body of ['', 'ok', '[]', 'null', '3', '{']) expect(fieldsOf(body), body).toBeUndefined()
})

describe('a secret', () => {
  const settings = z.strictObject({}).transform(() => ({
    url: new Secret('https://hooks.example.org/services/T0/p4ss+word?sig=a%2Fbcdefg&api=1'),
    deep: [{ token: new Secret('tok"en-123') }],
    header: new Secret('Bearer abcdefgh'),
  }))
  const tell = (reason: string): Verdict => judged({ kind: 'later', reason })
  const judged = (verdict: Verdict): Verdict =>
    httpChannel({
      name: 'x',
      settings,
      budgets: () => [],
      requests: () => [],
      verdict: () => verdict,
    }).verdict({ status: 500, headers: {}, body: '' }, settings.parse({}), { nowMs, random: () => 0 })

  test('is taken out of every reason, in every form that services give it', () => {
    const t = (reason: string, wanted: string) =>
      expect(tell(reason), reason).toEqual({ kind: 'later', reason: wanted })

    t('POST https://hooks.example.org/services/T0/p4ss+word?sig=a%2Fbcdefg&api=1 failed', 'POST *** failed')
    t('no hook p4ss+word', 'no hook ***')
    t('bad sig a/bcdefg', 'bad sig ***')
    t('bad sig a%2Fbcdefg', 'bad sig ***')
    t('/services/T0/p4ss+word?sig=a%2Fbcdefg&api=1', '***')
    t('p4ss%2Bword', '***')
    t('token tok"en-123', 'token ***')
    t('{"token":"tok\\"en-123"}', '{"token":"***"}')
    t('got authorization Bearer abcdefgh', 'got authorization ***')
    t('got abcdefgh', 'got ***')
    // Where everybody can be asked is none.
    t('hooks.example.org/services is ill', 'hooks.example.org/services is ill')
  })

  test('is taken out before the reason is cut, and lines are one', () => {
    const { reason } = tell(`${'x'.repeat(290)} tok"en-123`) as { reason: string }
    expect(reason).toBe(`${'x'.repeat(290)} ***`)
    expect(tell(' a\r\n\u0000b\tc ')).toEqual({ kind: 'later', reason: 'a b c' })
    expect((tell('y'.repeat(10_000)) as { reason: string }).reason).toHaveLength(300)
  })

  test('is no receipt, nor one of several', () => {
    const t = (receipts: readonly string[], wanted: object) => {
      expect(judged({ kind: 'accepted', receipts })).toEqual({ kind: 'accepted', ...wanted })
    }
    t(['p1', 'p2'], { receipts: ['p1', 'p2'] })
    t(['p1', 'tok"en-123'], {})
    expect(judged({ kind: 'accepted', receipt: 'tok"en-123' })).toEqual({ kind: 'accepted' })
  })

  test('has a digest that names it', () => {
    expect(digestOf(new Secret('a'))).toBe('ca978112ca1b')
    expect(digestOf(new Secret('b'))).not.toBe(digestOf(new Secret('a')))
  })
})

test('a number in the body outranks the status, unless they contradict', () => {
  const codes = { code: ['n', 'm'], text: 't', tooMany: [1], waitMs: 9, settings: [2], message: [3] }
  const t = (status: number, body: unknown, wanted: object) =>
    expect(byCode({ status, headers: {}, body: JSON.stringify(body) }, codes, nowMs)).toMatchObject(wanted)

  t(200, { n: 0 }, { kind: 'delivered' })
  t(200, { m: 0 }, { kind: 'delivered' })
  t(500, { n: 0 }, { kind: 'later' })
  t(403, { n: 0 }, { kind: 'refused' })
  t(200, { n: 1 }, { kind: 'later', afterMs: 9 })
  t(400, { n: 1 }, { kind: 'later', afterMs: 9 })
  t(200, { n: 2, t: 'x' }, { kind: 'refused', because: 'settings', reason: 'answered n 2: x' })
  t(500, { n: 3 }, { kind: 'refused', because: 'message' })
  t(200, { n: 77 }, { kind: 'later' })
  t(200, { n: 77, t: 'You send too fast' }, { kind: 'later', afterMs: 9 })
  t(200, { n: '0' }, { kind: 'later' })
  t(404, { x: 0 }, { kind: 'refused', because: 'settings' })
})
