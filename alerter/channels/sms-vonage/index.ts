// SMS by Vonage (Nexmo). HTTP 200 says nothing: each part of the message has a status, and all must be 0.
import { z } from 'zod'
import { duration, secret, text } from '#core/config/values.ts'
import { callbackKey } from '../../callback-key.ts'
import type { Answer, HttpChannel, Verdict } from '../../channel.ts'
import { byStatus, fieldsOf, httpChannel, later, limited, refused } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { vonageHears, vonageMethods } from '../../inbound/vonage.ts'
import { isGsm7 } from '../../segments.ts'
import { international, numberBudgets, numbers, perDay, phonesOf } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'
import { ownText, smsTextKeys } from '../../sms/text-keys.ts'

const settings = z.strictObject({
  api_key: text.describe('The key of the API.'),
  api_secret: secret.describe('Its secret.'),
  to: numbers,
  from: text.max(16).prefault('Plimsoll').describe('A number, or a name where the country has them.'),
  ...smsTextKeys,
  status_callback: z.url().optional().describe('Where the service tells what became of a message.'),
  validity: duration({ atLeast: '20s', atMost: '7d' })
    .prefault('15m')
    .describe('After so long an old alert helps nobody, and is not delivered any more.'),
  ...perDay(0),
  callback_key: callbackKey,
  signature_secret: secret
    .optional()
    .describe('That with which Vonage signs its calls, where it was asked to.'),
  signature_method: z
    .enum(vonageMethods)
    .prefault('md5hash')
    .describe('How it signs, as its dashboard says.'),
  endpoint: z.url().prefault('https://rest.nexmo.com').describe('Where the service is.'),
  http_config: http,
})
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'sms-vonage',
  about: {
    is: 'SMS by Vonage.',
    success: '`status: 0` of every part in the body: accepted',
    size: '`segments_max` (2) of 160 letters or 70 characters',
    proof: 'the secret in the body',
    pictures: false,
    receipts: 'delivered, failed; replies',
    example: { api_key: 'KEY', api_secret: 'SECRET', to: ['+14155552671'] },
  },
  settings,
  transport: ({ http_config: { transport } }) => transport,
  texts: ownText,
  hears: vonageHears,
  phones: phonesOf,
  budgets: given => numberBudgets(`sms-vonage ${given.api_key}`, given),
  requests(message, given, { texts, callback }) {
    const body = smsText(message, given, texts?.['text'])
    return given.to.map(number => {
      const form = {
        api_key: given.api_key,
        api_secret: given.api_secret.reveal(),
        from: given.from,
        to: international(number).slice(1),
        text: body,
        type: isGsm7(body) ? 'text' : 'unicode',
        ttl: String(given.validity),
        'client-ref': message.id.slice(0, 40),
        ...callbackTo(given, callback),
      }
      return {
        method: 'POST',
        url: `${new URL(given.endpoint).origin}/sms/json`,
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: new URLSearchParams(form).toString(),
      }
    })
  },
  verdict: (answer, _, { nowMs }) => verdictOf(answer, nowMs),
})

// Ours where a call of Vonage's would be believed.
function callbackTo(given: Settings, callback: string | undefined): Readonly<{ callback?: string }> {
  const { status_callback: own, callback_key: key, signature_secret: secret } = given
  if (own !== undefined) return { callback: own }
  if (callback === undefined || (key === undefined && secret === undefined)) return {}
  return { callback: key === undefined ? callback : `${callback}/${key.reveal()}` }
}

// https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms
// 1: too fast; 10: too many lines at once.
const tooMany = new Set(['1', '10'])
const wrongMessage = new Set(['3', '6', '12'])

function verdictOf(answer: Answer, nowMs: number): Verdict {
  const found = fieldsOf(answer.body)?.['messages']
  const parts = Array.isArray(found) ? (found as Readonly<Record<string, unknown>>[]) : []
  const [first] = parts
  if (first === undefined) {
    return answer.status < 300 ? later('the answer is not one of Vonage') : byStatus(answer, nowMs)
  }
  const bad = parts.find(({ status }) => String(status) !== '0')
  if (bad === undefined) {
    // Of each part there is a receipt.
    const receipts = parts.flatMap(({ 'message-id': id }) => (typeof id === 'string' ? [id] : []))
    return { kind: 'accepted', receipts }
  }
  const status = String(bad['status'])
  const told = `status ${status}: ${String(bad['error-text'] ?? '')}`
  if (tooMany.has(status)) return limited(told, status === '1' ? 1_000 : undefined)
  if (status === '5') return later(told)
  return refused(wrongMessage.has(status) ? 'message' : 'settings', told)
}
