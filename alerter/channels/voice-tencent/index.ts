// A call by Tencent Cloud that reads an approved template aloud (VMS, SendTtsVoice).
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'
import type { HttpChannel, Verdict } from '../../channel.ts'
import { httpChannel, later } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { international, numberBudgets, perDay, phones } from '../../sms/numbers.ts'
import { askTencent, inOrder, parameters, tencentKey, tencentVerdict } from '../../sms/tencent.ts'
import { variablesOf } from '../../sms/variables.ts'

const settings = z.strictObject({
  ...tencentKey,
  to: phones,
  sdk_app_id: text,
  template_id: text,
  parameters,
  variable_max: count(4, 100).prefault(20),
  play_times: count(1, 3).prefault(2),
  per_hour: count(0, 1_000).prefault(5),
  per_day: perDay(20),
  endpoint: z.url().prefault('https://vms.tencentcloudapi.com'),
  http_config: http,
})
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'voice-tencent',
  settings,
  transport: ({ http_config: { transport } }) => transport,
  budgets: ({ to, sdk_app_id: app, per_hour: hour, per_day: day }) =>
    numberBudgets({ name: `voice-tencent ${app}`, to, perDay: day, perHour: hour }),
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
