import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Secret } from '#core/secret.ts'
import { aliyunThanks, readAliyun } from '../../alerter/inbound/aliyun.ts'
import { readTencent, tencentThanks } from '../../alerter/inbound/tencent.ts'
import { isTwilios, readTwilio } from '../../alerter/inbound/twilio.ts'
import { readVonage } from '../../alerter/inbound/vonage.ts'
import { type Inbound, readAnswer } from '../../alerter/inbound.ts'

const receiptOf = (
  outcome: 'delivered' | 'seen' | 'failed',
  receipt: string,
  more: object = {},
): Inbound => ({
  ...{ kind: 'receipt', receipt, outcome, reason: '' },
  ...more,
})
const delivered = (receipt: string, to?: string): Inbound =>
  receiptOf('delivered', receipt, to === undefined ? {} : { to })
const failed = (receipt: string, reason: string, to?: string): Inbound =>
  receiptOf('failed', receipt, { reason, ...(to !== undefined && { to }) })

// "Validate Incoming Requests" of twilio-php and its tests.
const call = {
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
}
const address = 'https://mycompany.com/myapp.php?foo=1&bar=2'
const signature = 'RSOYDt4T1cUTdK1PDd93/VVr8B8='

test("Twilio's own example is Twilio's; anything else is not", () => {
  const token = new Secret('12345')
  const t = (at: string, form: Record<string, string>, signed: string, wanted: boolean) =>
    expect(isTwilios(at, new URLSearchParams(form), signed, token)).toBe(wanted)

  t(address, call, signature, true)
  t(address, { ...call, Digits: '1235' }, signature, false)
  t(`${address}&x=1`, call, signature, false)
  t(address, call, '', false)
  t(address, call, 'AAAA', false)
  expect(isTwilios(address, new URLSearchParams(call), signature, new Secret('12346'))).toBe(false)
})

test("reads Twilio's callbacks", () => {
  const t = (form: Record<string, string>, ...wanted: Inbound[]) =>
    expect(readTwilio('https://p.example.org/twilio?incident=4711', new URLSearchParams(form))).toEqual(
      wanted,
    )

  t({ MessageSid: 'SM1', MessageStatus: 'delivered' }, delivered('SM1'))
  t({ MessageSid: 'SM1', MessageStatus: 'delivered', To: '+1415' }, delivered('SM1', '+1415'))
  t(
    { MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode: '30003' },
    failed('SM1', 'undelivered 30003'),
  )
  t({ MessageSid: 'SM1', MessageStatus: 'sent' })
  t(
    { MessageSid: 'SM2', SmsStatus: 'received', From: '+1415', Body: '1 4711' },
    { kind: 'reply', from: '+1415', text: '1 4711' },
  )
  t(
    { CallSid: 'CA1', CallStatus: 'completed' },
    { kind: 'receipt', receipt: 'CA1', outcome: 'seen', reason: '' },
  )
  t({ CallSid: 'CA1', CallStatus: 'no-answer' }, failed('CA1', 'no-answer'))
  t(
    { CallSid: 'CA1', CallStatus: 'in-progress', Digits: '1', To: '+86138' },
    { kind: 'reply', from: '+86138', text: '1 4711' },
  )
  t({})
})

test("reads Vonage's callbacks, as JSON and as a form", () => {
  const t = (body: string, ...wanted: Inbound[]) => expect(readVonage(body), body).toEqual(wanted)

  t(
    '{"msisdn":"4477","to":"P","messageId":"0A1","status":"delivered","err-code":"0"}',
    delivered('0A1', '4477'),
  )
  t('msisdn=4477&to=P&messageId=0A1&status=failed&err-code=6', failed('0A1', 'failed 6', '4477'))
  t('{"messageId":"0A1","status":"buffered"}')
  t('{"msisdn":"4477","to":"P","messageId":"0B","text":"1 4711","type":"text"}', {
    kind: 'reply',
    from: '4477',
    text: '1 4711',
  })
})

test("reads Aliyun's callbacks", () => {
  const t = (body: unknown, ...wanted: Inbound[]) => expect(readAliyun(JSON.stringify(body))).toEqual(wanted)
  const report = {
    phone_number: '138',
    send_time: '2026-11-21 03:12:00',
    biz_id: '9006^0',
    out_id: 'm-1',
    sms_size: '1',
  }

  t(
    [{ ...report, success: true, err_code: 'DELIVERED', err_msg: '用户接收成功' }],
    delivered('9006^0', '138'),
  )
  t(
    [{ ...report, success: false, err_code: 'MK:0004', err_msg: 'off' }],
    failed('9006^0', 'MK:0004: off', '138'),
  )
  t([{ phone_number: '138', content: '1 4711', sign_name: 'x', dest_code: '1', sequence_id: 9 }], {
    kind: 'reply',
    from: '138',
    text: '1 4711',
  })
  t(
    { call_id: 'c^1', status_code: '200000', duration: '12' },
    { kind: 'receipt', receipt: 'c^1', outcome: 'seen', reason: '' },
  )
  t({ call_id: 'c^1', status_code: '200102', status_msg: 'busy' }, failed('c^1', '200102: busy'))
})

test("reads Tencent Cloud's callbacks", () => {
  const t = (body: unknown, ...wanted: Inbound[]) => expect(readTencent(JSON.stringify(body))).toEqual(wanted)
  const report = { user_receive_time: '2026-11-21 03:12:00', nationcode: '86', mobile: '138', sid: '5000:1' }

  t(
    [{ ...report, report_status: 'SUCCESS', errmsg: 'DELIVRD', description: '短信接收成功' }],
    delivered('5000:1', '+86138'),
  )
  t(
    [{ ...report, report_status: 'FAIL', errmsg: 'MK:100D', description: 'off' }],
    failed('5000:1', 'MK:100D: off', '+86138'),
  )
  t(
    { extend: '1', mobile: '138', nationcode: '86', sign: 'x', text: '1 4711', time: 1 },
    { kind: 'reply', from: '+86138', text: '1 4711' },
  )
  t(
    { voiceprompt_callback: { result: '0', callid: 'c1', mobile: '138' } },
    receiptOf('seen', 'c1', { to: '138' }),
  )
  t({ voiceprompt_callback: { result: '3', callid: 'c1' } }, failed('c1', 'result 3'))
  t(
    { voicekey_callback: { keypress: '1', callid: 'c1', mobile: '138', nationcode: '86' } },
    { kind: 'taken', receipt: 'c1', by: '+86138', atMs: null },
  )
  t({ voicekey_callback: { keypress: '2', callid: 'c1', mobile: '138', nationcode: '86' } })
})

test('nothing that comes in makes a reader throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), body => {
      for (const read of [readAliyun, readTencent, readVonage]) expect(read(body)).toBeInstanceOf(Array)
      expect(readTwilio(body, new URLSearchParams(body))).toBeInstanceOf(Array)
    }),
  )
})

test('services are thanked in their own words', () => {
  expect(JSON.parse(aliyunThanks)).toMatchObject({ code: 0 })
  expect(JSON.parse(tencentThanks)).toMatchObject({ result: 0 })
})

test('an answer is read as people type it at night', () => {
  const t = (text: string, incident: number | undefined) =>
    expect(readAnswer(text)?.incident, text).toBe(incident)

  t('1 4711', 4711)
  t(' 1  4711 \n', 4711)
  t('1,4711', 4711)
  t('1，4711。', 4711)
  t('１　４７１１', 4711)
  t('ack #4711', 4711)
  t('认领 4711', 4711)
  t('1-4711', 4711)
  t('ack4711', 4711)
  t('认领4711', 4711)
  t('4711', undefined)
  t('12345', undefined)
  t('１２３４５', undefined)
  t('2 4711', undefined)
  t('1 4711 thanks', undefined)
  t('', undefined)
})
