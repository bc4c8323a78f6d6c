// AWS Signature Version 4: the headers that let a request in. Called by sms-sns.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import type { Secret } from '#core/secret.ts'
import { canonicalHeaders, canonicalQuery, type Headers, hmac, secondsText, sha256 } from './digest.ts'

export type AwsRequest = Readonly<{
  method: string
  host: string
  path: string
  query: Readonly<Record<string, string>>
  // Beside host and the date; all are signed.
  headers: Headers
  body: string
}>

export type AwsKey = Readonly<{
  keyId: string
  secretKey: Secret
  // Of keys that end.
  token?: Secret | undefined
  region: string
  service: string
}>

export function signAws(request: AwsRequest, key: AwsKey, nowMs: number): Headers {
  const date = secondsText(nowMs).replace(/[-:]/g, '')
  const headers: Headers = {
    ...request.headers,
    host: request.host,
    'x-amz-date': date,
    ...(key.token !== undefined && { 'x-amz-security-token': key.token.reveal() }),
  }
  const { lines, names } = canonicalHeaders(headers)
  const asked = [
    request.method,
    request.path,
    canonicalQuery(request.query),
    lines,
    names,
    sha256(request.body),
  ].join('\n')
  const scope = [date.slice(0, 8), key.region, key.service, 'aws4_request']
  const signed = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(asked)].join('\n')
  const secret = scope.reduce<string | Buffer>(hmac, `AWS4${key.secretKey.reveal()}`)
  const signature = hmac(secret, signed).toString('hex')
  // Whoever sends names the host itself.
  const { host: _, ...sent } = headers
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${key.keyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`,
  }
}
