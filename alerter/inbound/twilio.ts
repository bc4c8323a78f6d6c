// Twilio's callbacks: states of messages and calls, replies, keys that were pressed; and whether they are Twilio's.
// Called by the routes for inbound messages.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '#core/secret.ts'
import type { Inbound } from '../inbound.ts'

// base64(HMAC-SHA1(token, address as Twilio was told it, then each name and value in the order of names)).
// https://www.twilio.com/docs/usage/webhooks/webhooks-security
export function isTwilios(address: string, form: URLSearchParams, signature: string, token: Secret): boolean {
  const pairs = [...form].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const signed = address + pairs.map(([name, value]) => name + value).join('')
  const wanted = createHmac('sha1', token.reveal()).update(signed).digest()
  const found = Buffer.from(signature, 'base64')
  return found.length === wanted.length && timingSafeEqual(found, wanted)
}

const outcomes = new Map([
  ['delivered', 'delivered'],
  ['read', 'seen'],
  ['undelivered', 'failed'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
  // Of calls: somebody, or their mailbox, picked up.
  ['completed', 'seen'],
  ['busy', 'failed'],
  ['no-answer', 'failed'],
] as const)

// The address is that of the call, whose `incident` we put there.
export function readTwilio(address: string, form: URLSearchParams): Inbound[] {
  const at = (name: string): string => form.get(name)?.slice(0, 2_000) ?? ''
  const digits = at('Digits')
  if (digits !== '') {
    const incident = URL.canParse(address) ? (new URL(address).searchParams.get('incident') ?? '') : ''
    return [{ kind: 'reply', from: at('To'), text: `${digits} ${incident}`.trim() }]
  }
  const status = at('MessageStatus') || at('SmsStatus') || at('CallStatus')
  if (status === 'received') return [{ kind: 'reply', from: at('From'), text: at('Body') }]
  const outcome = outcomes.get(status as 'read')
  const receipt = at('MessageSid') || at('SmsSid') || at('CallSid')
  if (outcome === undefined || receipt === '') return []
  const code = at('ErrorCode')
  const reason = outcome === 'failed' ? [status, code].filter(text => text !== '').join(' ') : ''
  return [{ kind: 'receipt', receipt, outcome, reason }]
}
