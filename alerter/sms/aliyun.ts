// How Aliyun is asked and what its answers mean, for SMS and for calls alike: `Code` in the body decides, not the status.
// Called by sms-aliyun and voice-aliyun.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { secret, text } from '#core/config/values.ts'
import type { Answer, Around, Outgoing, Verdict } from '../channel.ts'
import { signAcs3 } from '../channels/signers/acs3.ts'
import { canonicalQuery } from '../channels/signers/digest.ts'
import { byStatus, fieldsOf, later, limited, refused, retryAfterMs } from '../http-channel.ts'
import type { Message } from '../message.ts'
import { type VariableName, type Variables, variableNames } from './variables.ts'

export const templateVariables = z
  .record(text.regex(/^\w{1,50}$/, { error: 'the name of a variable' }), z.enum(variableNames))
  .prefault({ state: 'state', where: 'where', what: 'what', since: 'since', number: 'number' })
  .describe('Names of variables in the template, and which of our texts fills each.')

export const aliyunKey = {
  access_key_id: text.describe('The name of the AccessKey.'),
  access_key_secret: secret.describe('The AccessKey.'),
}

export const filled = (
  template: Readonly<Record<string, VariableName>>,
  variables: Variables,
): Record<string, string> =>
  Object.fromEntries(Object.entries(template).map(([name, which]) => [name, variables[which]]))

type Ask = Readonly<{
  endpoint: string
  action: string
  key: Readonly<{ access_key_id: string; access_key_secret: z.output<typeof secret> }>
  query: Readonly<Record<string, string>>
}>

const version = '2017-05-25'

export function askAliyun({ endpoint, action, key, query }: Ask, message: Message, around: Around): Outgoing {
  const url = new URL(endpoint)
  // The same message may be sent again, the same nonce may not.
  const nonce = createHash('sha256')
    .update(`${message.id} ${around.nowMs} ${around.random()} ${JSON.stringify(query)}`)
    .digest('hex')
    .slice(0, 32)
  const headers = signAcs3(
    { host: url.host, action, version, query, nonce },
    { keyId: key.access_key_id, secretKey: key.access_key_secret },
    around.nowMs,
  )
  return { method: 'POST', url: `${url.origin}/?${canonicalQuery(query)}`, headers, body: '' }
}

// In the message of a limit stands which one it was.
const waits: readonly (readonly [RegExp, number])[] = [
  [/分钟|minute/i, 60_000],
  [/小时|hour/i, 3_600_000],
  [/天|日|月|day|month/i, 6 * 3_600_000],
]

const wrongMessage = new Set([
  'isv.PARAM_LENGTH_LIMIT',
  'isv.PARAM_NOT_SUPPORT_URL',
  'isv.TEMPLATE_PARAMS_ILLEGAL',
  'isv.BLACK_KEY_CONTROL_LIMIT',
  'isv.SMS_CONTENT_ILLEGAL',
  'isv.INVALID_JSON_PARAM',
  'isv.TTS_PARAM_ILLEGAL',
])
const limits = /LIMIT_CONTROL$|^isv\.FLOW_LIMIT|^Throttling/
const passing =
  /^isp\.(?!RAM_PERMISSION)|^isv\.VOICE_CALL_(?:FAIL|PERIOD_ERROR)$|^(?:ServiceUnavailable|InternalError|SignatureNonceUsed)|^InvalidTimeStamp/

export function aliyunVerdict(answer: Answer, receiptIn: string, nowMs: number): Verdict {
  const said = fieldsOf(answer.body)
  const code = said?.['Code']
  if (said === undefined || typeof code !== 'string') {
    return answer.status < 300 ? later('the answer is not one of Aliyun') : byStatus(answer, nowMs)
  }
  if (code === 'OK') {
    const receipt = said[receiptIn]
    return { kind: 'accepted', ...(typeof receipt === 'string' && { receipt }) }
  }
  const told = `${code}: ${typeof said['Message'] === 'string' ? said['Message'] : ''}`
  if (wrongMessage.has(code)) return refused('message', told)
  const asked = retryAfterMs(answer.headers, nowMs)
  if (limits.test(code)) return limited(told, waits.find(([which]) => which.test(told))?.[1] ?? asked)
  if (passing.test(code) || answer.status >= 500) return later(told, asked)
  return refused('settings', told)
}
