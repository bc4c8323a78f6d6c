import { expect, test } from 'vitest'
import type { Answer } from '../../../alerter/channel.ts'
import { channels } from '../../../alerter/channels/index.ts'
import { huge, messageOf, startMs } from '../messages.ts'

const around = { nowMs: startMs, random: () => 0.5 }
const to = ['+86 138-0013-8000']

const givens: Readonly<Record<string, Record<string, unknown>>> = {
  'sms-aliyun': { access_key_id: 'k', access_key_secret: 's3cret', to, sign_name: 'n', template_code: 't' },
  'sms-tencent': {
    secret_id: 'k',
    secret_key: 's3cret',
    to,
    sdk_app_id: 'a',
    sign_name: 'n',
    template_id: 't',
  },
  'sms-twilio': { account_sid: 'AC0123456789', auth_token: 's3cret', to, from: '+14155552671' },
  'voice-twilio': { account_sid: 'AC0123456789', auth_token: 's3cret', to, from: '+14155552671' },
  'sms-sns': { to, sigv4: { region: 'eu-west-1', access_key: 'k', secret_key: 's3cret' } },
  'sms-http': { url: 'https://sms.example.org/send', body: '{"t":"{text}"}', to },
}

function opened(name: string, more: object = {}) {
  const channel = channels[name]!
  if (channel.kind !== 'http') throw new Error(`${name} speaks no HTTP`)
  const settings = channel.settings.parse({ ...givens[name], ...more })
  return {
    requests: (message = messageOf()) => channel.requests(message, settings, around),
    verdict: (status: number, body: unknown) =>
      channel.verdict(
        {
          status,
          headers: {},
          body: typeof body === 'string' ? body : JSON.stringify(body),
        } satisfies Answer,
        settings,
        around,
      ),
  }
}

const settingsWrong = { kind: 'refused', because: 'settings' }

test('Aliyun: the template is filled by the names that it has, ends by a template of their own', () => {
  const more = { variables: { a: 'where', b: 'number' }, template_code_resolved: 'END' }
  const { requests } = opened('sms-aliyun', more)
  const query = new URL(requests()[0]!.url).searchParams
  expect(JSON.parse(query.get('TemplateParam')!)).toEqual({ a: 'db-7', b: '4711' })
  expect(query.get('PhoneNumbers')).toBe('13800138000')
  expect(query.get('TemplateCode')).toBe('t')
  const end = new URL(requests(messageOf({ status: 'resolved' }))[0]!.url).searchParams
  expect(end.get('TemplateCode')).toBe('END')
})

test('Tencent: of several numbers the worst counts', () => {
  const { verdict } = opened('sms-tencent')
  const good = { SerialNo: '5000:1', Code: 'Ok' }
  const bad = { SerialNo: '', Code: 'InvalidParameterValue.IncorrectPhoneNumber', Message: 'm' }
  expect(verdict(200, { Response: { SendStatusSet: [good, bad] } })).toMatchObject(settingsWrong)
})

test('Twilio: an old alert is not sent any more', () => {
  const form = new URLSearchParams(String(opened('sms-twilio', { validity: '10m' }).requests()[0]!.body))
  expect(Object.fromEntries(form)).toMatchObject({
    To: '+8613800138000',
    From: '+14155552671',
    ValidityPeriod: '600',
  })
  expect(() => opened('sms-twilio', { messaging_service_sid: 'MG1' })).toThrow(
    'one of from and messaging_service_sid',
  )
})

test('Twilio: a call reads it twice, and takes a key where answers reach us', () => {
  const twiml = (more: object) =>
    new URLSearchParams(String(opened('voice-twilio', more).requests()[0]!.body)).get('Twiml')
  expect(twiml({})).toBe(
    '<Response><Say language="en-US">This is Plimsoll. db-7: disk /var is 94 % full. Incident number 4 7 1 1.</Say>' +
      '<Pause length="1"/><Say language="en-US">Once more. db-7: disk /var is 94 % full. Incident number 4 7 1 1.</Say></Response>',
  )
  expect(twiml({ answer_url: 'https://p.example.org/k?a=b' })).toMatch(
    /^<Response><Gather numDigits="1" timeout="10" action="https:\/\/p.example.org\/k\?a=b&#38;incident=4711">.*Press 1 to acknowledge\.<\/Say><\/Gather><\/Response>$/,
  )
})

test('SNS: to a topic as Alertmanager would', () => {
  const topic = { to: undefined, topic_arn: 'arn:aws:sns:eu-west-1:1:ops.fifo', attributes: { team: 'db' } }
  const [asked] = opened('sms-sns', topic).requests({ ...huge, language: 'zh' })
  const form = new URLSearchParams(String(asked!.body))
  expect(Object.fromEntries(form)).toMatchObject({
    TopicArn: 'arn:aws:sns:eu-west-1:1:ops.fifo',
    MessageGroupId: expect.stringMatching(/^[0-9a-f]{64}$/),
    'MessageAttributes.entry.1.Name': 'team',
  })
  expect(form.get('Subject')).toMatch(/^[\x20-\x7e]{1,99}$/)
  expect(Buffer.byteLength(form.get('Message')!)).toBeLessThanOrEqual(256_000)
  expect(() => opened('sms-sns', { topic_arn: 'x' })).toThrow(
    'one of to, phone_number, topic_arn, target_arn',
  )
})

test('any service: text is escaped for its place', () => {
  const t = (more: object, url: string, body: string) => {
    const [asked] = opened('sms-http', { text: 'x', ...more }).requests()
    expect([asked!.url, asked!.body]).toEqual([url, body])
  }
  const at = 'https://sms.example.org/'

  t(
    { url: `${at}{number}?i={incident}`, body: '{"n":"{number}","other":{"a":"{b}"}}' },
    `${at}%2B8613800138000?i=4711`,
    '{"n":"+8613800138000","other":{"a":"{b}"}}',
  )
  t(
    {
      url: `${at}a`,
      number: 'as_written',
      body: 'to={number}',
      content_type: 'application/x-www-form-urlencoded',
    },
    `${at}a`,
    'to=13800138000',
  )
  t(
    { url: `${at}a?to={number}`, method: 'GET', number: 'digits', body: undefined },
    `${at}a?to=8613800138000`,
    '',
  )
  const hostile = messageOf({ title: '"&<\n', kind: 'notice', text: '' })
  const [json] = opened('sms-http').requests(hostile)
  expect(JSON.parse(String(json!.body))).toMatchObject({ t: expect.stringMatching(/^"&</) })
  const [xml] = opened('sms-http', { body: '<t>{text}</t>', content_type: 'text/xml' }).requests(hostile)
  expect(String(xml!.body)).toMatch(/^<t>&#34;&#38;&#60;/)
})

test('any service: success is what the operator says it is', () => {
  const t = (more: object, status: number, body: unknown, wanted: object) =>
    expect(opened('sms-http', more).verdict(status, body)).toMatchObject(wanted)

  t({}, 202, '', { kind: 'accepted' })
  t({}, 500, '', { kind: 'later' })
  t({ success: { match: '^OK:(\\d+)' } }, 200, 'OK:17', { kind: 'accepted' })
  t({ success: { match: '^OK' } }, 200, 'NOK', { kind: 'later' })
  const json = { success: { json: 'r[0].code', equals: '0' }, receipt: 'r[0].id' }
  t(json, 200, { r: [{ code: 0, id: 7 }] }, { kind: 'accepted', receipt: '7' })
  t(json, 200, { r: [{ code: 1, id: 7 }] }, { kind: 'later' })
  t({ ...json, refused: { json: 'r[0].code', equals: 1 } }, 200, { r: [{ code: 1 }] }, settingsWrong)
  // In the field, where one is named.
  t({ success: { json: 'note', match: '^OK' } }, 200, { note: 'OK 17' }, { kind: 'accepted' })
  t({ success: { json: 'note', match: 'OK' } }, 200, { note: 'no', other: 'OK' }, { kind: 'later' })
  t({ success: { json: 'n' }, refused: { json: 'e', match: '^[1-9]$' } }, 200, { e: 33 }, { kind: 'later' })
  // A status of its own choice.
  t({ success: { status: [418] } }, 418, '', { kind: 'accepted' })
  t({ success: { status: [418] } }, 200, '', { kind: 'later' })
  t({ success: { json: '__proto__.x' } }, 200, {}, { kind: 'later' })
  expect(() => opened('sms-http', { success: { match: '(' } })).toThrow('a regular expression of RE2')
  expect(() => opened('sms-http', { body: undefined })).toThrow('body, or method: GET')
})
