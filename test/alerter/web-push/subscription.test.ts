// What browsers say of themselves, and what a user could make them say.
import { expect, test } from 'vitest'
import { checkEndpoint, subscriptionSchema } from '../../../alerter/web-push/subscription.ts'
import { openBrowser } from './browser.ts'

const good = openBrowser('https://fcm.example.net/fcm/send/abc:def-ghi_').subscription('Pixel')

test('takes what browsers say, and leaves out what it does not need', () => {
  expect(subscriptionSchema.parse({ ...good, expirationTime: null, contentEncoding: 'aes128gcm' })).toEqual(
    good,
  )
  expect(subscriptionSchema.parse({ ...good, name: '  安娜 ' }).name).toBe('安娜')
})

test('refuses what nothing could be sent to', () => {
  const t = (more: object, said: string) =>
    expect(() => subscriptionSchema.parse({ ...good, ...more }), said).toThrow(said)
  const keys = (more: object) => ({ keys: { ...good.keys, ...more } })
  const off = Buffer.from(good.keys.p256dh, 'base64url')
  off[64]! ^= 1

  t({ name: ' ' }, 'name')
  t({ name: 'a\nb' }, 'a name on one line')
  t({ name: 'x'.repeat(61) }, 'name')
  t({ endpoint: 'push' }, 'endpoint')
  t({ endpoint: `https://push.example.net/${'x'.repeat(2_000)}` }, 'endpoint')
  t({ keys: {} }, 'p256dh')
  t(keys({ p256dh: 'AAAA' }), 'a point of P-256')
  // Not on the curve.
  t(keys({ p256dh: off.toString('base64url') }), 'a point of P-256')
  t(keys({ auth: 'AAAA' }), '16 bytes')
  t(keys({ auth: 'not base64!' }), 'base64url')
})

test('an address that a user names leads to the public Internet by https, or nowhere', () => {
  const refused = (endpoint: string, said: string) =>
    expect(() => checkEndpoint(endpoint, 'outsider'), endpoint).toThrow(said)

  checkEndpoint('https://updates.push.services.example.com/wpush/v2/gAAA', 'outsider')
  checkEndpoint('https://push.example.com:443/x', 'outsider')
  refused('http://push.example.com/x', 'found http:')
  refused('ftp://push.example.com/x', 'found ftp:')
  refused('https://push.example.com:8443/x', 'found the port 8443')
  refused('https://me:secret@push.example.com/x', 'found a login in it')
  refused('https://127.0.0.1/x', '127.0.0.1 is not on the public Internet')
  refused('https://0x7f000001/x', 'not on the public Internet')
  refused('https://localhost/x', 'not on the public Internet')
  refused('https://db.internal/x', 'not on the public Internet')
  refused('https://[::ffff:10.0.0.1]/x', 'not on the public Internet')
  refused('https://169.254.169.254/x', 'is a metadata service')
  // Tests have one on this machine.
  checkEndpoint('http://127.0.0.1:1234/x', 'operator')
  expect(() => checkEndpoint('http://169.254.169.254/x', 'operator')).toThrow('metadata')
})
