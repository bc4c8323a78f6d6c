// How services call back: settings of a channel that hears them, and calls as the service would make and sign them. Called
// by callbacks.contract.ts and by the tests of the addresses.
import { createHmac } from 'node:crypto'
import type { Inbound } from '../../../alerter/inbound.ts'

export type Made = Readonly<{
  method: 'GET' | 'POST'
  // Added to the address of the channel: its key, a query.
  tail: string
  headers: Readonly<Record<string, string>>
  body: string
}>

export type Caller = Readonly<{
  settings: Readonly<Record<string, unknown>>
  // `url` is the address of the channel as the service was told it.
  receipt(url: string): Made
  says: Inbound
  // Somebody answers, where that comes by the same road.
  answer?(url: string, from: string, text: string): Made
  // With a proof, of no form that it has.
  garbage(url: string): Made
  // What it wants to hear.
  thanks: RegExp
}>

const to = ['+8613800138000']
const callbackKey = 'k3y-of-the-callback-0123456789'

// HMAC-SHA1 over the address and the sorted fields, as Twilio's helper libraries compute it.
export function signTwilio(url: string, body: string, token: string): string {
  const fields = [...new URLSearchParams(body)].sort(([a], [b]) => (a < b ? -1 : 1))
  return createHmac('sha1', token)
    .update(fields.reduce((text, [name, value]) => text + name + value, url))
    .digest('base64')
}

function twilio(settings: object, status: Record<string, string>): Caller {
  const token = 'S3cret-Token-of-Twilio'
  const made = (url: string, fields: Record<string, string>, tail = ''): Made => {
    const body = new URLSearchParams(fields).toString()
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signTwilio(url + tail, body, token),
    }
    return { method: 'POST', tail, headers, body }
  }
  const key = { account_sid: 'ACfake0000abcdef', auth_token: token, to, from: '+14155552671' }
  const isCall = 'CallSid' in status
  return {
    settings: { ...key, ...settings },
    receipt: url => made(url, { ...status, To: '+8613800138000' }),
    says: {
      ...{ kind: 'receipt', receipt: 'SID-1', outcome: isCall ? 'seen' : 'delivered', reason: '' },
      to: '+8613800138000',
    },
    answer: (url, from, text) => {
      const [digits = '', incident = ''] = text.split(' ')
      return isCall
        ? made(url, { CallSid: 'C2', Digits: digits, To: from }, `?incident=${incident}`)
        : made(url, { MessageSid: 'S2', SmsStatus: 'received', From: from, Body: text })
    },
    garbage: url => made(url, { hello: 'world' }),
    thanks: /^<Response>.*<\/Response>$/,
  }
}

const json = (body: unknown): Made => ({
  method: 'POST',
  tail: `/${callbackKey}`,
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

const aliyun = (settings: object, report: object, says: Inbound): Caller => ({
  settings: { access_key_id: 'ID', access_key_secret: 'SECRET', to, callback_key: callbackKey, ...settings },
  receipt: () => json([report]),
  says,
  answer: (_, from, text) =>
    json([{ phone_number: from.replace(/^\+86/, ''), content: text, dest_code: '1' }]),
  garbage: () => json('<xml/>'),
  thanks: /^\{"code":0,/,
})

const tencent = (settings: object, report: object, says: Inbound): Caller => ({
  settings: {
    secret_id: 'ID',
    secret_key: 'K',
    sdk_app_id: '14',
    to,
    callback_key: callbackKey,
    ...settings,
  },
  receipt: () => json(report),
  says,
  answer: (_, from, text) =>
    json({ nationcode: '86', mobile: from.replace(/^\+86/, ''), text, sign: 'x', time: 1 }),
  garbage: () => json('"hello"'),
  thanks: /^\{"result":0,/,
})

const vonage: Caller = {
  settings: { api_key: 'k', api_secret: 's', to, callback_key: callbackKey },
  receipt: () => ({
    method: 'GET',
    tail: `/${callbackKey}?msisdn=8613800138000&to=Plimsoll&messageId=0A1&status=delivered&err-code=0`,
    headers: {},
    body: '',
  }),
  says: { kind: 'receipt', receipt: '0A1', outcome: 'delivered', reason: '', to: '8613800138000' },
  answer: (_, from, text) => json({ msisdn: from.slice(1), to: '1', messageId: '0B', text, type: 'text' }),
  garbage: () => json({ hello: 'world' }),
  thanks: /^ok$/,
}

const pagerdutySecret = 'S3cret-of-the-webhook'
const pagerdutyCall = (event: unknown): Made => {
  const body = JSON.stringify(event)
  const signature = createHmac('sha256', pagerdutySecret).update(body).digest('hex')
  const headers = { 'content-type': 'application/json', 'x-pagerduty-signature': `v1=0bad,v1=${signature}` }
  return { method: 'POST', tail: '', headers, body }
}

const pagerduty: Caller = {
  settings: { routing_key: 'R', webhook_secret: pagerdutySecret },
  receipt: () =>
    pagerdutyCall({
      event: {
        ...{ id: '01', event_type: 'incident.acknowledged', resource_type: 'incident' },
        occurred_at: '2026-11-21T09:00:30.000Z',
        agent: { type: 'user_reference', id: 'P1', summary: 'Ann\u0000 On-Call' },
        data: { id: 'Q1', type: 'incident', number: 2, status: 'acknowledged', incident_key: 'dedup-1' },
      },
    }),
  says: {
    kind: 'taken',
    receipt: 'dedup-1',
    by: 'Ann\u0000 On-Call',
    atMs: Date.UTC(2026, 10, 21, 9, 0, 30),
  },
  garbage: () => pagerdutyCall(['hello']),
  thanks: /^ok$/,
}

const delivered = (receipt: string, phone: string): Inbound => ({
  ...{ kind: 'receipt', receipt, outcome: 'delivered', reason: '', to: phone },
})
const seen = (receipt: string, more: object = {}): Inbound => ({
  ...{ kind: 'receipt', receipt, outcome: 'seen', reason: '' },
  ...more,
})

// By the name of the channel.
export const callers: Readonly<Record<string, Caller>> = {
  'sms-twilio': twilio({}, { MessageSid: 'SID-1', MessageStatus: 'delivered' }),
  'voice-twilio': twilio({}, { CallSid: 'SID-1', CallStatus: 'completed' }),
  'sms-vonage': vonage,
  'sms-aliyun': aliyun(
    { sign_name: 'x', template_code: 'SMS_1' },
    { phone_number: '13800138000', biz_id: '9^0', success: true, err_code: 'DELIVERED' },
    delivered('9^0', '13800138000'),
  ),
  'voice-aliyun': aliyun(
    { tts_code: 'TTS_1' },
    { call_id: 'c^1', status_code: '200000', callee: '13800138000' },
    seen('c^1', { to: '13800138000' }),
  ),
  'sms-tencent': tencent(
    { sign_name: 'x', template_id: '1' },
    [{ nationcode: '86', mobile: '13800138000', sid: '5:1', report_status: 'SUCCESS', errmsg: 'DELIVRD' }],
    delivered('5:1', '+8613800138000'),
  ),
  'voice-tencent': tencent(
    { template_id: '1' },
    { voiceprompt_callback: { result: '0', callid: 'c1' } },
    seen('c1'),
  ),
  pagerduty,
}
