import { Secret } from '#core/secret.ts'
import { signTc3 } from '../../../alerter/channels/signers/tc3.ts'
import { answerOf } from '../samples.ts'
import { type Fake, jsonOf, key, limiter } from './fake.ts'
import { addressesIn, number, refusalOf } from './phones.ts'
import type { Asked, Reply } from './serve.ts'

const keyId = 'AKIDfake'

// All of it is a 200.
function tencent(name: string, action: string, numbersOf: (asked: Asked) => readonly string[]): Fake {
  const service = name === 'sms-tencent' ? 'sms' : 'vms'
  const isTooMuch = limiter(100, 900_000)
  const no = (Code: string, Message: string): Reply => ({
    body: { Response: { Error: { Code, Message }, RequestId: 'R' } },
  })
  return {
    settings: (origin, secret) => ({
      secret_id: keyId,
      secret_key: secret,
      to: [number],
      sdk_app_id: '1400006666',
      template_id: '1110',
      ...(service === 'sms' && { sign_name: '某某科技' }),
      per_hour: 50,
      per_day: 100,
      endpoint: origin,
    }),
    takes: 'accepted',
    shown: () => undefined,
    answer(asked, nowMs) {
      const wanted = signTc3(
        {
          host: String(asked.headers.host),
          service,
          body: asked.text,
          signed: { 'x-tc-action': String(asked.headers['x-tc-action']) },
        },
        { keyId, secretKey: new Secret(key) },
        Number(asked.headers['x-tc-timestamp']) * 1_000,
      )
      if (asked.headers.authorization !== wanted['authorization']) {
        return no(
          'AuthFailure.SignatureFailure',
          `The provided credentials could not be validated: ${asked.text}`,
        )
      }
      if (asked.headers['x-tc-action'] !== action) return no('InvalidAction', 'no such action')
      if (isTooMuch(nowMs)) return answerOf(name, 'too often')
      if (refusalOf(jsonOf(asked).TemplateParamSet, 35) !== undefined)
        return answerOf(name, 'the template is not approved')
      const isKnown = numbersOf(asked).every(each => each === '+8613800138000')
      return answerOf(name, isKnown ? 'taken' : 'no such number')
    },
    read: asked => ({ calls: [], links: jsonOf(asked).TemplateParamSet.flatMap(addressesIn), markup: [] }),
  }
}

export const smsTencent = (): Fake => tencent('sms-tencent', 'SendSms', asked => jsonOf(asked).PhoneNumberSet)

export const voiceTencent = (): Fake =>
  tencent('voice-tencent', 'SendTtsVoice', asked => [jsonOf(asked).CalledNumber])
