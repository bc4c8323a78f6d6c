// Tencent Cloud's TC3-HMAC-SHA256: the headers that let a request in. Called by sms-tencent and voice-tencent.
// https://www.tencentcloud.com/document/api/213/33224
import type { Secret } from '#core/secret.ts'
import { canonicalHeaders, type Headers, hmac, sha256 } from './digest.ts'

export type Tc3Request = Readonly<{
  host: string
  service: string
  // JSON; only POST is made here.
  body: string
  // Beside content type and host; signed as well, in small letters as Tencent wants them.
  signed?: Headers
}>

export type Tc3Key = Readonly<{ keyId: string; secretKey: Secret }>

const contentType = 'application/json; charset=utf-8'

export function signTc3(request: Tc3Request, key: Tc3Key, nowMs: number): Headers {
  const seconds = Math.floor(nowMs / 1000)
  const date = new Date(seconds * 1000).toISOString().slice(0, 10)
  const headers: Headers = { 'content-type': contentType, host: request.host, ...request.signed }
  const { lines, names } = canonicalHeaders(headers)
  const asked = ['POST', '/', '', lines.toLowerCase(), names, sha256(request.body)].join('\n')
  const scope = [date, request.service, 'tc3_request']
  const signed = ['TC3-HMAC-SHA256', seconds, scope.join('/'), sha256(asked)].join('\n')
  const secret = scope.reduce<string | Buffer>(hmac, `TC3${key.secretKey.reveal()}`)
  const signature = hmac(secret, signed).toString('hex')
  // Whoever sends names the host itself.
  const { host: _, ...sent } = headers
  return {
    ...sent,
    'x-tc-timestamp': String(seconds),
    authorization: `TC3-HMAC-SHA256 Credential=${key.keyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`,
  }
}
