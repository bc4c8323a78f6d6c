// How Twilio is asked and what its answers mean, for SMS and for calls alike. Called by sms-twilio and voice-twilio.
import { z } from 'zod'
import { secret, text } from '#core/config/values.ts'
import { Secret } from '#core/secret.ts'
import type { Answer, Outgoing, Verdict } from '../channel.ts'
import { byStatus, fieldsOf, later, limited, refused, retryAfterMs } from '../http-channel.ts'
import { twilioSigner } from '../inbound/twilio.ts'

export const twilioKey = {
  account_sid: text
    .regex(/^AC[0-9a-zA-Z]{8,64}$/, { error: 'an account SID like AC…' })
    .describe('The account.'),
  auth_token: secret.describe('Its token.'),
  api_key_sid: text.optional().describe('Of an API key, whose secret is then the token.'),
  signing_token: secret
    .optional()
    .describe('With an API key: the token of the account, with which Twilio signs its calls.'),
}

export const twilioCallback = z
  .union([z.url(), z.literal(false)])
  .optional()
  .describe(
    'Where the service tells what became of a message; false: nowhere. Left out: here, where `external_url` is one that it may reach.',
  )

type Key = Readonly<{
  account_sid: string
  auth_token: Secret
  api_key_sid?: string | undefined
  signing_token?: Secret | undefined
}>

// Whether a call of Twilio's can be known from one that is not.
export const isBelieved = (key: Key): boolean => twilioSigner(key) !== undefined

export function statusCallback(
  key: Key & Readonly<{ status_callback?: string | false | undefined }>,
  callback: string | undefined,
): Readonly<{ StatusCallback?: string }> {
  const url = key.status_callback ?? (isBelieved(key) ? callback : undefined)
  return typeof url === 'string' ? { StatusCallback: url } : {}
}

type Ask = Readonly<{
  endpoint: string
  resource: 'Messages' | 'Calls'
  key: Readonly<{ account_sid: string; pair: Secret }>
  form: Readonly<Record<string, string>>
}>

// What goes into the header, as a secret of its own, so that an answer that repeats our headers cannot tell it.
export const pairOf = ({ api_key_sid: sid, account_sid: account, auth_token: token }: Key): Secret =>
  new Secret(Buffer.from(`${sid ?? account}:${token.reveal()}`).toString('base64'))

export function askTwilio({ endpoint, resource, key, form }: Ask): Outgoing {
  return {
    method: 'POST',
    url: `${new URL(endpoint).origin}/2010-04-01/Accounts/${key.account_sid}/${resource}.json`,
    headers: {
      authorization: `Basic ${key.pair.reveal()}`,
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      accept: 'application/json',
    },
    body: new URLSearchParams(form).toString(),
  }
}

// https://www.twilio.com/docs/api/errors
const tooMany = new Set([10004, 14107, 20429, 21611, 30001, 30022, 63017, 63018])
const busy = new Set([11200, 20503])
const wrongMessage = new Set([21602, 21605, 21617, 21619, 30007, 13520, 12100, 12200])

export function twilioVerdict(answer: Answer, nowMs: number): Verdict {
  const said = fieldsOf(answer.body)
  const code = Number(said?.['error_code'] ?? said?.['code'] ?? Number.NaN)
  const why = said?.['error_message'] ?? said?.['message']
  const told = `${Number.isNaN(code) ? answer.status : code}: ${typeof why === 'string' ? why : ''}`
  if (tooMany.has(code)) return limited(told, retryAfterMs(answer.headers, nowMs))
  if (busy.has(code)) return later(told, retryAfterMs(answer.headers, nowMs))
  if (wrongMessage.has(code)) return refused('message', told)
  if (answer.status >= 200 && answer.status < 300) {
    const [receipt, status] = [said?.['sid'], said?.['status']]
    if (status === 'failed' || status === 'undelivered' || status === 'canceled') return later(told)
    if (typeof receipt !== 'string') return later('the answer is not one of Twilio')
    return { kind: 'accepted', receipt }
  }
  // A number that is wrong, unverified or has said STOP stays so until somebody changes it.
  if (answer.status === 400 && !Number.isNaN(code)) return refused('settings', told)
  const verdict = byStatus(answer, nowMs)
  return 'reason' in verdict && !Number.isNaN(code) ? { ...verdict, reason: told } : verdict
}
