// A call by Aliyun that reads an approved template aloud (Dyvms, SingleCallByTts).
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
  tts_code: text,
  // The number that is shown; without one, of those that Aliyun shares.
  called_show_number: text.optional(),
  variables: templateVariables,
  variable_max: count(4, 100).prefault(20),
  play_times: count(1, 3).prefault(2),
  per_hour: count(0, 1_000).prefault(5),
  per_day: perDay(20),
  endpoint: z.url().prefault('https://dyvmsapi.aliyuncs.com'),
  http_config: http,
})
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'voice-aliyun',
  settings,
  transport: ({ http_config: { transport } }) => transport,
  budgets: ({ to, per_hour: hour, per_day: day }) =>
    numberBudgets({ name: 'voice-aliyun', to, perDay: day, perHour: hour }),
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
