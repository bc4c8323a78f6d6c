// Vonage's callbacks: delivery receipts and replies, as JSON, as a form, or in the address; signed where the account asks
// for it. Called by sms-vonage.
import { createHash, createHmac } from 'node:crypto'
import type { Secret } from '#core/secret.ts'
import { hasKey, isSame, type Keyed } from '../callback-key.ts'
import type { Callback, Hears } from '../channel.ts'
import type { Inbound } from '../inbound.ts'
import { type Fields, isJson, objectsOf, textOf } from './form.ts'

export const vonageMethods = ['md5hash', 'md5', 'sha1', 'sha256', 'sha512'] as const

type Signed = Keyed &
  Readonly<{ signature_secret?: Secret | undefined; signature_method: (typeof vonageMethods)[number] }>

// Where there is a secret to sign with, the key alone is no proof.
export const vonageHears: Hears<Signed> = {
  isFrom(call, settings) {
    const { signature_secret: secret, callback_key: key } = settings
    if (secret === undefined) return hasKey(call, key)
    return (key === undefined || hasKey(call, key)) && isSigned(fieldsOf(call), settings)
  },
  read(call) {
    const body = bodyOf(call)
    if (/^\s*[[{]/.test(body) && !isJson(body)) return undefined
    const fields = fieldsOf(call)
    return fields['messageId'] === undefined && fields['message-id'] === undefined
      ? undefined
      : readVonage(body)
  },
  thanks: () => ({ type: 'text/plain; charset=utf-8', body: 'ok' }),
}

// By GET it is all in the address.
const bodyOf = ({ body, url }: Callback): string =>
  body !== '' ? body : url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''

// Of a list only the first would be signed.
const fieldsOf = (call: Callback): Fields => {
  const all = fieldsIn(bodyOf(call))
  return all.length === 1 ? all[0]! : {}
}

const fieldsIn = (body: string): readonly Fields[] =>
  /^\s*[[{]/.test(body) ? objectsOf(body) : [Object.fromEntries(new URLSearchParams(body))]

// `&name=value` of all but the signature, in the order of names.
// https://developer.vonage.com/en/getting-started/concepts/signing-messages
function isSigned(fields: Fields, { signature_secret: secret, signature_method: method }: Signed): boolean {
  const signature = textOf(fields, 'sig')
  if (secret === undefined || signature === '') return false
  const text = Object.keys(fields)
    .filter(name => name !== 'sig')
    .toSorted()
    .map(name => `&${name}=${String(fields[name]).replace(/[&=]/g, '_')}`)
    .join('')
  const wanted =
    method === 'md5hash'
      ? createHash('md5').update(text + secret.reveal())
      : createHmac(method, secret.reveal()).update(text)
  return isSame(signature.toLowerCase(), wanted.digest('hex'))
}

const outcomes = new Map([
  ['delivered', 'delivered'],
  ['failed', 'failed'],
  ['rejected', 'failed'],
  ['expired', 'failed'],
] as const)

// The body, or the query where the callback comes by GET.
export const readVonage = (body: string): Inbound[] => fieldsIn(body).flatMap(readOne)

function readOne(fields: Fields): Inbound[] {
  const status = textOf(fields, 'status').toLowerCase()
  const outcome = outcomes.get(status as 'failed')
  const receipt = textOf(fields, 'messageId') || textOf(fields, 'message-id')
  const number = textOf(fields, 'msisdn')
  if (outcome !== undefined && receipt !== '') {
    const reason = outcome === 'failed' ? `${status} ${textOf(fields, 'err-code')}`.trim() : ''
    return [{ kind: 'receipt', receipt, outcome, reason, ...(number !== '' && { to: number }) }]
  }
  const text = textOf(fields, 'text')
  return status === '' && number !== '' && text !== '' ? [{ kind: 'reply', from: number, text }] : []
}
