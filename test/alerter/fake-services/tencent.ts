import { Secret } from '#core/secret.ts'
import { signTc3 } from '../../../alerter/channels/signers/tc3.ts'
import { type Fake, jsonOf, key, limiter } from './fake.ts'
import { addressesIn, number, refusalOf } from './phones.ts'
import type { Asked, Reply } from './serve.ts'

const keyId = 'AKIDfake'

// All of it is a 200.
function tencent(service: 'sms' | 'vms', action: string, answer: (asked: Asked) => object): Fake {
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
      if (isTooMuch(nowMs)) return no('LimitExceeded.PhoneNumberDailyLimit', 'too many a day')
      const { TemplateParamSet: variables } = jsonOf(asked)
      const why = refusalOf(variables, 35)
      if (why !== undefined) return no('InvalidParameterValue.TemplateParameterFormatError', why)
      return { body: { Response: { ...answer(asked), RequestId: 'R' } } }
    },
    read: asked => ({ calls: [], links: jsonOf(asked).TemplateParamSet.flatMap(addressesIn), markup: [] }),
  }
}

export const smsTencent = (): Fake =>
  tencent('sms', 'SendSms', asked => {
    const { PhoneNumberSet: numbers, SessionContext } = jsonOf(asked)
    return {
      SendStatusSet: numbers.map((PhoneNumber: string) =>
        PhoneNumber === '+8613800138000'
          ? { SerialNo: '5000:1045710669157053657849499619', PhoneNumber, Fee: 1, SessionContext, Code: 'Ok' }
          : { SerialNo: '', PhoneNumber, Code: 'InvalidParameterValue.IncorrectPhoneNumber', Message: 'no' },
      ),
    }
  })

export const voiceTencent = (): Fake =>
  tencent('vms', 'SendTtsVoice', asked => ({
    SendStatus: {
      CallId: '12582bce-403c-11eb-96b8-525400476c37',
      SessionContext: jsonOf(asked).SessionContext,
    },
  }))
