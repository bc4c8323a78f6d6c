// SMS by Tencent Cloud. Signature and template are approved beforehand; the verdict of each number is in SendStatusSet.
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'
import { callbackKey } from '../../callback-key.ts'
import type { HttpChannel, Verdict } from '../../channel.ts'
import { httpChannel, later } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { tencentHears } from '../../inbound/tencent.ts'
import { international, numberBudgets, numbers, perHour, phonesOf } from '../../sms/numbers.ts'
import {
  askTencent,
  inOrder,
  parameters,
  tencentKey,
  tencentRefusal,
  tencentVerdict,
} from '../../sms/tencent.ts'
import { variablesOf } from '../../sms/variables.ts'

const settings = z.strictObject({
  ...tencentKey,
  to: numbers,
  sdk_app_id: text.describe('The number of the application.'),
  sign_name: text.describe('The signature that was approved (短信签名).'),
  template_id: text.describe('The template that was approved.'),
  template_id_resolved: text.optional().describe('That of ends; left out: the same.'),
  parameters,
  variable_max: count(4, 100).prefault(35).describe('The most characters of one variable.'),
  ...perHour(5, 10),
  callback_key: callbackKey,
  endpoint: z.url().prefault('https://sms.tencentcloudapi.com').describe('Where the service is.'),
  http_config: http,
})
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'sms-tencent',
  about: {
    is: 'SMS by Tencent Cloud (腾讯云短信), in an approved template.',
    success: '`SendStatusSet` in the body: accepted',
    size: '`variable_max` (35) characters of each variable',
    proof: 'TC3-HMAC-SHA256',
    pictures: false,
    receipts: 'delivered, failed; replies',
    example: {
      secret_id: 'ID',
      secret_key: 'SECRET',
      sdk_app_id: '1400000000',
      sign_name: '运维',
      template_id: '1',
      to: ['13800000000'],
    },
  },
  settings,
  transport: ({ http_config: { transport } }) => transport,
  hears: tencentHears,
  phones: phonesOf,
  budgets: given => numberBudgets(`sms-tencent ${given.sdk_app_id}`, given),
  requests(message, given, { nowMs }) {
    const filled = inOrder(given.parameters, variablesOf(message, given.variable_max))
    const own = message.status === 'resolved' ? given.template_id_resolved : undefined
    return given.to.map(number => {
      const body = {
        PhoneNumberSet: [international(number)],
        SmsSdkAppId: given.sdk_app_id,
        SignName: given.sign_name,
        TemplateId: own ?? given.template_id,
        TemplateParamSet: filled,
        SessionContext: message.id,
      }
      const { endpoint } = given
      const ask = {
        endpoint,
        service: 'sms',
        action: 'SendSms',
        version: '2021-01-11',
        key: given,
        body,
      } as const
      return askTencent(ask, nowMs)
    })
  },
  verdict: (answer, _, { nowMs }) => tencentVerdict(answer, nowMs, ofNumbers),
})

// One number is asked for at a time; should there be more, the worst counts.
function ofNumbers(response: Readonly<Record<string, unknown>>): Verdict {
  const set = response['SendStatusSet']
  const states = Array.isArray(set) ? (set as Readonly<Record<string, unknown>>[]) : []
  const [first] = states
  if (first === undefined) return later('the answer names no number')
  const bad = states.find(({ Code: code }) => code !== 'Ok')
  if (bad !== undefined) return tencentRefusal(bad['Code'], bad['Message'])
  const receipt = first['SerialNo']
  return { kind: 'accepted', ...(typeof receipt === 'string' && receipt !== '' && { receipt }) }
}
