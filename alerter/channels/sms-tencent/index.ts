// SMS by Tencent Cloud. Signature and template are approved beforehand; the verdict of each number is in SendStatusSet.
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'
import type { HttpChannel, Verdict } from '../../channel.ts'
import { httpChannel, later } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { international, numberBudgets, perDay, phones } from '../../sms/numbers.ts'
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
  to: phones,
  sdk_app_id: text,
  sign_name: text,
  template_id: text,
  // Of ends, where they have a template of their own.
  template_id_resolved: text.optional(),
  parameters,
  variable_max: count(4, 100).prefault(35),
  // The console's own limits when nobody has changed them.
  per_hour: count(0, 1_000).prefault(5),
  per_day: perDay(10),
  endpoint: z.url().prefault('https://sms.tencentcloudapi.com'),
  http_config: http,
})
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'sms-tencent',
  settings,
  transport: ({ http_config: { transport } }) => transport,
  budgets: ({ to, sdk_app_id: app, per_hour: hour, per_day: day }) =>
    numberBudgets({ name: `sms-tencent ${app}`, to, perDay: day, perHour: hour }),
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
