// How Tencent Cloud is asked and what its answers mean, for SMS and for calls alike: an error comes as `Response.Error`
// with HTTP 200. Called by sms-tencent and voice-tencent.
import { z } from 'zod'
import { secret, text } from '#core/config/values.ts'
import type { Answer, Outgoing, Verdict } from '../channel.ts'
import { signTc3 } from '../channels/signers/tc3.ts'
import { byStatus, fieldsOf, later, limited, refused } from '../http-channel.ts'
import { type VariableName, type Variables, variableNames } from './variables.ts'

export const tencentKey = {
  secret_id: text.describe('The name of the key.'),
  secret_key: secret.describe('The key.'),
  region: text.prefault('ap-guangzhou').describe('The region.'),
}

export const parameters = z
  .array(z.enum(variableNames))
  .max(20)
  .prefault([...variableNames])
  .describe('Which texts fill the variables {1}, {2} … of the template, in their order.')

export const inOrder = (names: readonly VariableName[], variables: Variables): string[] =>
  names.map(name => variables[name])

type Ask = Readonly<{
  endpoint: string
  service: 'sms' | 'vms'
  action: string
  version: string
  key: Readonly<{ secret_id: string; secret_key: z.output<typeof secret>; region: string }>
  body: object
}>

export function askTencent({ endpoint, service, action, version, key, body }: Ask, nowMs: number): Outgoing {
  const url = new URL(endpoint)
  const json = JSON.stringify(body)
  const headers = signTc3(
    { host: url.host, service, body: json, signed: { 'x-tc-action': action } },
    { keyId: key.secret_id, secretKey: key.secret_key },
    nowMs,
  )
  return {
    method: 'POST',
    url: `${url.origin}/`,
    headers: { ...headers, 'x-tc-version': version, 'x-tc-region': key.region },
    body: json,
  }
}

type Fields = Readonly<Record<string, unknown>>
const isFields = (found: unknown): found is Fields => typeof found === 'object' && found !== null

// `read` finds, in an answer without an error, what became of the message.
export function tencentVerdict(answer: Answer, nowMs: number, read: (response: Fields) => Verdict): Verdict {
  const response = fieldsOf(answer.body)?.['Response']
  if (!isFields(response)) {
    return answer.status < 300 ? later('the answer is not one of Tencent Cloud') : byStatus(answer, nowMs)
  }
  const error = response['Error']
  return isFields(error) ? tencentRefusal(error['Code'], error['Message']) : read(response)
}

const wrongMessage =
  /ContainSensitiveWord|TemplateParameter(?:Length|Format)|UrlInTemplateParameter|ContentLengthLimit|MessageTooLong|SameContent|ForbidAddMarketing|^FailedOperation\.(?:FailResolvePacket|JsonParseFail)/
const limits: readonly (readonly [RegExp, number | undefined])[] = [
  [/ThirtySecondLimit/, 30_000],
  [/OneHourLimit/, 3_600_000],
  [/DailyLimit/, 6 * 3_600_000],
  [/^LimitExceeded|^RequestLimitExceeded/, undefined],
]
// ParametersOtherError is what it calls an error that it does not know.
const passing =
  /^InternalError|^ServiceUnavailable|^FailedOperation\.(?:AccessUpstreamTimeout|ParametersOtherError)|SignatureExpire/

export function tencentRefusal(code: unknown, why: unknown): Verdict {
  const name = typeof code === 'string' ? code : ''
  const told = `${name}: ${typeof why === 'string' ? why : ''}`
  if (wrongMessage.test(name)) return refused('message', told)
  const limit = limits.find(([which]) => which.test(name))
  if (limit !== undefined) return limited(told, limit[1])
  if (passing.test(name) || name === '') return later(told)
  return refused('settings', told)
}
