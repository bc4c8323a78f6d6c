// SMS by Aliyun (Dysms). Signature and template are approved beforehand; a number gets at most 50 notifications of one
// template a day, and no variable may hold an address.
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'
import type { HttpChannel } from '../../channel.ts'
import { httpChannel } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { aliyunKey, aliyunVerdict, askAliyun, filled, templateVariables } from '../../sms/aliyun.ts'
import { chinese, numberBudgets, perDay, phones } from '../../sms/numbers.ts'
import { variablesOf } from '../../sms/variables.ts'

const settings = z.strictObject({
  ...aliyunKey,
  to: phones,
  sign_name: text,
  template_code: text,
  // Of ends, where they have a template of their own.
  template_code_resolved: text.optional(),
  variables: templateVariables,
  variable_max: count(4, 100).prefault(35),
  per_day: perDay(50),
  endpoint: z.url().prefault('https://dysmsapi.aliyuncs.com'),
  http_config: http,
})
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'sms-aliyun',
  settings,
  transport: ({ http_config: { transport } }) => transport,
  budgets: ({ to, sign_name: sign, template_code: code, per_day: day }) =>
    numberBudgets({ name: `sms-aliyun ${sign} ${code}`, to, perDay: day }),
  requests(message, given, around) {
    const param = JSON.stringify(filled(given.variables, variablesOf(message, given.variable_max)))
    const own = message.status === 'resolved' ? given.template_code_resolved : undefined
    return given.to.map(number => {
      const query = {
        PhoneNumbers: chinese(number),
        SignName: given.sign_name,
        TemplateCode: own ?? given.template_code,
        TemplateParam: param,
        OutId: message.id,
      }
      const ask = { endpoint: given.endpoint, action: 'SendSms', key: given, query }
      return askAliyun(ask, message, around)
    })
  },
  verdict: (answer, _, { nowMs }) => aliyunVerdict(answer, 'BizId', nowMs),
})
