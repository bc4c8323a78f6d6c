// A call by Aliyun that reads an approved template aloud (Dyvms, SingleCallByTts).
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'
import { callbackKey } from '../../callback-key.ts'
import type { HttpChannel } from '../../channel.ts'
import { httpChannel } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { aliyunHears } from '../../inbound/aliyun.ts'
import { aliyunKey, aliyunVerdict, askAliyun, filled, templateVariables } from '../../sms/aliyun.ts'
import { chinese, numberBudgets, numbers, perHour, phonesOf } from '../../sms/numbers.ts'
import { variablesOf } from '../../sms/variables.ts'

const settings = z.strictObject({
  ...aliyunKey,
  to: numbers,
  tts_code: text.describe('The template that was approved, TTS_….'),
  called_show_number: text
    .optional()
    .describe('The number that is shown; left out: one of those that Aliyun shares.'),
  variables: templateVariables,
  variable_max: count(4, 100).prefault(20).describe('The most characters of one variable.'),
  play_times: count(1, 3).prefault(2).describe('How often it is read.'),
  ...perHour(5, 20),
  callback_key: callbackKey,
  endpoint: z.url().prefault('https://dyvmsapi.aliyuncs.com').describe('Where the service is.'),
  http_config: http,
})
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'voice-aliyun',
  about: {
    is: 'A call by Aliyun (语音服务) that reads an approved template aloud.',
    success: '`Code: OK` in the body: accepted',
    size: '`variable_max` (20) characters of each variable',
    proof: 'ACS3-HMAC-SHA256',
    pictures: false,
    receipts: 'picked up, failed',
    example: { access_key_id: 'ID', access_key_secret: 'SECRET', tts_code: 'TTS_1', to: ['13800000000'] },
  },
  settings,
  transport: ({ http_config: { transport } }) => transport,
  hears: aliyunHears,
  phones: phonesOf,
  budgets: given => numberBudgets('voice-aliyun', given),
  requests(message, given, around) {
    const param = JSON.stringify(filled(given.variables, variablesOf(message, given.variable_max)))
    return given.to.map(number => {
      const query = {
        CalledNumber: chinese(number),
        ...(given.called_show_number !== undefined && { CalledShowNumber: given.called_show_number }),
        TtsCode: given.tts_code,
        TtsParam: param,
        PlayTimes: String(given.play_times),
        // It takes no more than fifteen characters here.
        OutId: message.id.slice(0, 15),
      }
      const ask = { endpoint: given.endpoint, action: 'SingleCallByTts', key: given, query }
      return askAliyun(ask, message, around)
    })
  },
  verdict: (answer, _, { nowMs }) => aliyunVerdict(answer, 'CallId', nowMs),
})
