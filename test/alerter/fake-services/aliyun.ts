import { createHash } from 'node:crypto'
import { Secret } from '#core/secret.ts'
import { signAcs3 } from '../../../alerter/channels/signers/acs3.ts'
import { answerOf } from '../samples.ts'
import { type Fake, key, limiter } from './fake.ts'
import { addressesIn, number, refusalOf } from './phones.ts'
import type { Asked, Reply } from './serve.ts'

type Kind = Readonly<{
  name: string
  settings: Record<string, unknown>
  action: string
  params: string
  charsMax: number
}>

const keyId = 'LTAI5tFake'

// All of it is a 200 but what is wrong with the signature.
function aliyun({ name, settings, action, params, charsMax }: Kind): Fake {
  const isTooMuch = limiter(100, 900_000)
  const nonces = new Set<string>()
  const no = (status: number, Code: string, Message: string): Reply => ({ status, body: { Code, Message } })
  const variablesOf = ({ url }: Asked): Record<string, unknown> =>
    JSON.parse(url.searchParams.get(params) ?? '{}')
  return {
    settings: (origin, secret) => ({
      access_key_id: keyId,
      access_key_secret: secret,
      to: [number],
      endpoint: origin,
      ...settings,
    }),
    takes: 'accepted',
    shown: () => undefined,
    answer(asked, nowMs) {
      const { headers, url } = asked
      if (headers['authorization'] !== signatureFor(asked)) {
        return no(400, 'SignatureDoesNotMatch', `Specified signature is not matched: ${url}`)
      }
      if (headers['x-acs-action'] !== action) return no(404, 'InvalidAction.NotFound', 'no such action')
      if (Date.parse(String(headers['x-acs-date'])) < nowMs - 900_000)
        return answerOf(name, 'a clock is wrong')
      nonces.add(String(headers['x-acs-signature-nonce']))
      if (isTooMuch(nowMs)) return answerOf(name, 'too many of a day')
      const called = url.searchParams.get('PhoneNumbers') ?? url.searchParams.get('CalledNumber')
      if (called !== '13800138000') return answerOf(name, 'no such number')
      return answerOf(name, refusalOf(Object.values(variablesOf(asked)), charsMax) ?? 'taken')
    },
    read: asked => ({
      calls: [],
      links: Object.values(variablesOf(asked)).flatMap(each => addressesIn(String(each))),
      markup: [],
    }),
  }
}

// As the service would make it of what it got, with the key that it knows.
function signatureFor({ headers, url, bytes }: Asked): string | undefined {
  if (headers['x-acs-content-sha256'] !== createHash('sha256').update(bytes).digest('hex'))
    return 'another body'
  const of = (name: string): string => String(headers[name] ?? '')
  return signAcs3(
    {
      host: of('host'),
      action: of('x-acs-action'),
      version: of('x-acs-version'),
      query: Object.fromEntries(url.searchParams),
      nonce: of('x-acs-signature-nonce'),
    },
    { keyId, secretKey: new Secret(key) },
    Date.parse(of('x-acs-date')),
  )['authorization']
}

export const smsAliyun = (): Fake =>
  aliyun({
    name: 'sms-aliyun',
    settings: { sign_name: '某某科技', template_code: 'SMS_123456' },
    action: 'SendSms',
    params: 'TemplateParam',
    charsMax: 35,
  })

export const voiceAliyun = (): Fake =>
  aliyun({
    name: 'voice-aliyun',
    settings: { tts_code: 'TTS_123456', per_hour: 50, per_day: 50 },
    action: 'SingleCallByTts',
    params: 'TtsParam',
    charsMax: 20,
  })
