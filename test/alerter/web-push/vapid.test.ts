// What is claimed and proven to push services.
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { vapidHeader, vapidOf } from '../../../alerter/web-push/vapid.ts'
import { provenClaims } from './browser.ts'

const keyOf = () =>
  vapidOf(
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ format: 'der', type: 'pkcs8' })
      .toString('base64url'),
  )

const nowMs = Date.UTC(2026, 10, 21, 9, 0, 0, 900)
const endpoint = 'https://push.example.net:8443/send/abc?token=x'

test('claims where it goes to, until when it is good, and who may be written to', () => {
  const vapid = keyOf()
  const t = (subject: string | undefined) => provenClaims(vapidHeader(vapid, { endpoint, subject, nowMs }))
  const exp = Date.UTC(2026, 10, 21, 21) / 1_000
  const aud = 'https://push.example.net:8443'
  expect(t('mailto:ops@example.org')).toEqual({
    key: vapid.publicKey,
    claims: { aud, exp, sub: 'mailto:ops@example.org' },
  })
  expect(t(undefined).claims).toEqual({ aud, exp })
})

test('proves it by its own key alone', () => {
  const [one, other] = [keyOf(), keyOf()]
  const header = vapidHeader(one, { endpoint, subject: undefined, nowMs })
  expect(() => provenClaims(header)).not.toThrow()
  expect(() => provenClaims(header.replace(one.publicKey, other.publicKey))).toThrow('not that of the key')
  expect(() => provenClaims(header.replace(/\.\w/, '.X'))).toThrow()
})
