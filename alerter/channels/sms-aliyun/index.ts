// SMS by Aliyun (Dysms). Signature and template are approved beforehand; a number gets at most 50 notifications of one
// template a day, and no variable may hold an address.
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'
import { callbackKey } from '../../callback-key.ts'
import type { HttpChannel } from '../../channel.ts'
import { httpChannel } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { aliyunHears } from '../../inbound/aliyun.ts'
import { aliyunKey, aliyunVerdict, askAliyun, filled, templateVariables } from '../../sms/aliyun.ts'
import { chinese, numberBudgets, numbers, perDay, phonesOf } from '../../sms/numbers.ts'
import { variablesOf } from '../../sms/variables.ts'

const settings = z.strictObject({
  ...aliyunKey,
  to: numbers,
  sign_name: text.describe('The signature that was approved (短信签名).'),
  template_code: text.describe('The template that was approved, SMS_….'),
  template_code_resolved: text.optional().describe('That of ends; left out: the same.'),
  variables: templateVariables,
  variable_max: count(4, 100).prefault(35).describe('The most characters of one variable.'),
  ...perDay(50),
  callback_key: callbackKey,
  endpoint: z.url().prefault('https://dysmsapi.aliyuncs.com').describe('Where the service is.'),
  http_config: http,
})
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'sms-aliyun',
  about: {
    is: 'SMS by Aliyun (短信服务), in an approved template.',
    success: '`Code: OK` in the body: accepted',
    size: '`variable_max` (35) characters of each variable',
    proof: 'ACS3-HMAC-SHA256',
    pictures: false,
    receipts: 'delivered, failed; replies',
    example: {
      access_key_id: 'ID',
      access_key_secret: 'SECRET',
      sign_name: '运维',
      template_code: 'SMS_1',
      to: ['13800000000'],
    },
  },
  settings,
  transport: ({ http_config: { transport } }) => transport,
  hears: aliyunHears,
  phones: phonesOf,
  budgets: given => numberBudgets(`sms-aliyun ${given.sign_name} ${given.template_code}`, given),
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
