// A call by Tencent Cloud that reads an approved template aloud (VMS, SendTtsVoice).
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'
import { callbackKey } from '../../callback-key.ts'
import type { HttpChannel, Verdict } from '../../channel.ts'
import { httpChannel, later } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { tencentHears } from '../../inbound/tencent.ts'
import { international, numberBudgets, numbers, perHour, phonesOf } from '../../sms/numbers.ts'
import { askTencent, inOrder, parameters, tencentKey, tencentVerdict } from '../../sms/tencent.ts'
import { variablesOf } from '../../sms/variables.ts'

const settings = z.strictObject({
  ...tencentKey,
  to: numbers,
  sdk_app_id: text.describe('The number of the application.'),
  template_id: text.describe('The template that was approved.'),
  parameters,
  variable_max: count(4, 100).prefault(20).describe('The most characters of one variable.'),
  play_times: count(1, 3).prefault(2).describe('How often it is read.'),
  ...perHour(5, 20),
  callback_key: callbackKey,
  endpoint: z.url().prefault('https://vms.tencentcloudapi.com').describe('Where the service is.'),
  http_config: http,
})
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'voice-tencent',
  about: {
    is: 'A call by Tencent Cloud (语音消息) that reads an approved template aloud.',
    success: '`SendStatus.CallId` in the body: accepted',
    size: '`variable_max` (20) characters of each variable',
    proof: 'TC3-HMAC-SHA256',
    pictures: false,
    receipts: 'picked up, failed',
    example: {
      secret_id: 'ID',
      secret_key: 'SECRET',
      sdk_app_id: '1400000000',
      template_id: '1',
      to: ['13800000000'],
    },
  },
  settings,
  transport: ({ http_config: { transport } }) => transport,
  hears: tencentHears,
  phones: phonesOf,
  budgets: given => numberBudgets(`voice-tencent ${given.sdk_app_id}`, given),
  requests(message, given, { nowMs }) {
    const filled = inOrder(given.parameters, variablesOf(message, given.variable_max))
    return given.to.map(number => {
      const body = {
        CalledNumber: international(number),
        VoiceSdkAppid: given.sdk_app_id,
        TemplateId: given.template_id,
        TemplateParamSet: filled,
        PlayTimes: given.play_times,
        SessionContext: message.id,
      }
      const { endpoint } = given
      const version = '2020-09-02'
      return askTencent(
        { endpoint, service: 'vms', action: 'SendTtsVoice', version, key: given, body },
        nowMs,
      )
    })
  },
  verdict: (answer, _, { nowMs }) => tencentVerdict(answer, nowMs, ofCall),
})

function ofCall(response: Readonly<Record<string, unknown>>): Verdict {
  const status = response['SendStatus'] as Readonly<Record<string, unknown>> | undefined
  const receipt = status?.['CallId']
  return typeof receipt === 'string' && receipt !== ''
    ? { kind: 'accepted', receipt }
    : later('the answer names no call')
}
