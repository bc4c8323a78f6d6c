// Twilio's callbacks: states of messages and calls, replies, keys that were pressed; whether they are Twilio's, and what
// Twilio wants to hear. Called by the channels of Twilio.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '#core/secret.ts'
import type { Callback, Hears, Saying, Thanks } from '../channel.ts'
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

// With an API key the token of the account is another one, and Twilio signs with that.
type Key = Readonly<{
  auth_token: Secret
  api_key_sid?: string | undefined
  signing_token?: Secret | undefined
}>

export const twilioSigner = ({ auth_token: token, api_key_sid: sid, signing_token: signing }: Key) =>
  signing ?? (sid === undefined ? token : undefined)

function isFromTwilio({ url, headers, body }: Callback, key: Key): boolean {
  const token = twilioSigner(key)
  const signature = headers['x-twilio-signature']
  if (token === undefined || signature === undefined) return false
  const form = new URLSearchParams(body)
  return spellings(url).some(each => isTwilios(each, form, signature, token))
}

// Some of its services name the port that goes without saying, others leave out one that does not.
function spellings(url: string): string[] {
  if (!URL.canParse(url)) return [url]
  const { protocol, hostname, port } = new URL(url)
  const origin = `${protocol}//${hostname}`
  const rest = url.slice(url.indexOf('/', protocol.length + 2))
  const usual = protocol === 'https:' ? '443' : '80'
  return port === '' ? [url, `${origin}:${usual}${rest}`] : [url, `${origin}${rest}`]
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
  const to = at('To')
  return [{ kind: 'receipt', receipt, outcome, reason, ...(to !== '' && { to }) }]
}

// Every call of Twilio's names the message or the call that it is about.
function readTwilioCall({ url, body }: Callback): readonly Inbound[] | undefined {
  const form = new URLSearchParams(body)
  const isOne = ['MessageSid', 'SmsSid', 'CallSid'].some(name => (form.get(name) ?? '') !== '')
  return isOne ? readTwilio(url, form) : undefined
}

const xml = (written: string): string => written.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)

// Whoever is on the phone hears how it went; an SMS costs money, so only what is wrong is answered.
function thankTwilio({ body }: Callback, said: Saying | undefined): Thanks {
  const isCall = new URLSearchParams(body).has('CallSid')
  const verb = isCall ? 'Say' : 'Message'
  const isTold = said !== undefined && (isCall || !said.isDone)
  const language =
    isCall && said !== undefined && /\p{Script=Han}/u.test(said.text) ? ' language="zh-CN"' : ''
  const inner = isTold ? `<${verb}${language}>${xml(said.text)}</${verb}>` : ''
  return { type: 'text/xml; charset=utf-8', body: `<Response>${inner}</Response>` }
}

export const twilioHears: Hears<Key> = { isFrom: isFromTwilio, read: readTwilioCall, thanks: thankTwilio }
