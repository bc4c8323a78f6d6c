// Alibaba Cloud's ACS3-HMAC-SHA256: the headers that let a request in. Called by sms-aliyun and voice-aliyun.
// https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
import type { Secret } from '#core/secret.ts'
import { canonicalHeaders, canonicalQuery, type Headers, hmac, secondsText, sha256 } from './digest.ts'

export type Acs3Request = Readonly<{
  host: string
  action: string
  version: string
  // Only POST is made here, with all that is asked in the address.
  query: Readonly<Record<string, string>>
  // Never the same twice.
  nonce: string
}>

export type Acs3Key = Readonly<{ keyId: string; secretKey: Secret }>

const noBody = sha256('')

export function signAcs3(request: Acs3Request, key: Acs3Key, nowMs: number): Headers {
  const headers: Headers = {
    host: request.host,
    'x-acs-action': request.action,
    'x-acs-content-sha256': noBody,
    'x-acs-date': secondsText(nowMs),
    'x-acs-signature-nonce': request.nonce,
    'x-acs-version': request.version,
  }
  const { lines, names } = canonicalHeaders(headers)
  const asked = ['POST', '/', canonicalQuery(request.query), lines, names, noBody].join('\n')
  const signature = hmac(key.secretKey.reveal(), `ACS3-HMAC-SHA256\n${sha256(asked)}`).toString('hex')
  // Whoever sends names the host itself.
  const { host: _, ...sent } = headers
  return {
    ...sent,
    authorization: `ACS3-HMAC-SHA256 Credential=${key.keyId},SignedHeaders=${names},Signature=${signature}`,
  }
}
