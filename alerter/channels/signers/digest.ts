// The pieces that all three signatures are made of. Called by aws.ts, tc3.ts and acs3.ts.
import { createHash, createHmac } from 'node:crypto'

export type Headers = Readonly<Record<string, string>>

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

export const hmac = (key: string | Uint8Array, data: string): Buffer =>
  createHmac('sha256', key).update(data).digest()

// As RFC 3986 has it: what encodeURIComponent leaves alone and should not.
export const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, found => `%${found.charCodeAt(0).toString(16).toUpperCase()}`)

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

// Sorted after encoding, as the receiver does.
export const canonicalQuery = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted(byCode)
    .join('&')

// Names in small letters and in order, values without space around them.
export function canonicalHeaders(headers: Headers): Readonly<{ lines: string; names: string }> {
  const sorted = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')] as const)
    .toSorted(([a], [b]) => byCode(a, b))
  return {
    lines: sorted.map(([name, value]) => `${name}:${value}\n`).join(''),
    names: sorted.map(([name]) => name).join(';'),
  }
}

// `2026-11-21T03:12:00Z`.
export const secondsText = (nowMs: number): string => new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
