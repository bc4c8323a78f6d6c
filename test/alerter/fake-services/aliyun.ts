import { createHash } from 'node:crypto'
import { Secret } from '#core/secret.ts'
import { signAcs3 } from '../../../alerter/channels/signers/acs3.ts'
import { type Fake, key, limiter } from './fake.ts'
import { addressesIn, number, refusalOf } from './phones.ts'
import type { Asked, Reply } from './serve.ts'

type Kind = Readonly<{
  settings: Record<string, unknown>
  action: string
  params: string
  charsMax: number
  answer: Record<string, unknown>
}>

const keyId = 'LTAI5tFake'

// All of it is a 200 but what is wrong with the signature.
function aliyun({ settings, action, params, charsMax, answer }: Kind): Fake {
  const isTooMuch = limiter(100, 900_000)
  const nonces = new Set<string>()
  const no = (Code: string, Message: string, status = 200): Reply => ({ status, body: { Code, Message } })
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
        return no('SignatureDoesNotMatch', `Specified signature is not matched: ${url}`, 400)
      }
      if (headers['x-acs-action'] !== action) return no('InvalidAction.NotFound', 'no such action', 404)
      if (Date.parse(String(headers['x-acs-date'])) < nowMs - 900_000)
        return no('InvalidTimeStamp.Expired', '', 400)
      nonces.add(String(headers['x-acs-signature-nonce']))
      if (isTooMuch(nowMs)) return no('isv.BUSINESS_LIMIT_CONTROL', '触发天级流控Permits:50')
      const called = url.searchParams.get('PhoneNumbers') ?? url.searchParams.get('CalledNumber')
      if (called !== '13800138000') return no('isv.MOBILE_NUMBER_ILLEGAL', `${called} is no mobile number`)
      const why = refusalOf(Object.values(variablesOf(asked)), charsMax)
      return why === undefined
        ? { body: { Code: 'OK', Message: 'OK', RequestId: 'R', ...answer } }
        : no(why, 'no')
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
    settings: { sign_name: '某某科技', template_code: 'SMS_123456' },
    action: 'SendSms',
    params: 'TemplateParam',
    charsMax: 35,
    answer: { BizId: '900619746936498440^0' },
  })

export const voiceAliyun = (): Fake =>
  aliyun({
    settings: { tts_code: 'TTS_123456', per_hour: 50, per_day: 50 },
    action: 'SingleCallByTts',
    params: 'TtsParam',
    charsMax: 20,
    answer: { CallId: '116012354148^10281378' },
  })
