// SMS by Vonage (Nexmo). HTTP 200 says nothing: each part of the message has a status, and all must be 0.
import { z } from 'zod'
import { count, duration, secret, text } from '#core/config/values.ts'
import type { Answer, HttpChannel, Verdict } from '../../channel.ts'
import { byStatus, fieldsOf, httpChannel, later, refused } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { isGsm7 } from '../../segments.ts'
import { international, numberBudgets, perDay, phones } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'

const settings = z.strictObject({
  api_key: text,
  api_secret: secret,
  to: phones,
  from: text.max(16).prefault('Plimsoll'),
  text: text.optional(),
  segments_max: count(1, 10).prefault(2),
  links: z.boolean().prefault(true),
  replies: z.boolean().prefault(false),
  status_callback: z.url().optional(),
  validity: duration({ atLeast: '20s', atMost: '7d' }).prefault('15m'),
  per_day: perDay(0),
  endpoint: z.url().prefault('https://rest.nexmo.com'),
  http_config: http,
})
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'sms-vonage',
  settings,
  transport: ({ http_config: { transport } }) => transport,
  texts: ({ text: own }): Record<string, string> => (own === undefined ? {} : { text: own }),
  budgets: ({ to, api_key: key, per_day: day }) =>
    numberBudgets({ name: `sms-vonage ${key}`, to, perDay: day }),
  requests(message, given, { texts }) {
    const { links, replies: answers, segments_max: segmentsMax } = given
    const body = smsText(message, { links, answers, segmentsMax }, texts?.['text'])
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
        ...(given.status_callback !== undefined && { callback: given.status_callback }),
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

// https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms
const passing = new Set(['1', '5', '10'])
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
    const receipt = first['message-id']
    return { kind: 'accepted', ...(typeof receipt === 'string' && { receipt }) }
  }
  const status = String(bad['status'])
  const told = `status ${status}: ${String(bad['error-text'] ?? '')}`
  if (passing.has(status)) return later(told, status === '1' ? 1_000 : undefined)
  return refused(wrongMessage.has(status) ? 'message' : 'settings', told)
}
