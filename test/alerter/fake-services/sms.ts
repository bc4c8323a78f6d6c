// Services of SMS that have little to themselves: SNS, Vonage, and one of nobody for sms-http.
import { Secret } from '#core/secret.ts'
import { signAws } from '../../../alerter/channels/signers/aws.ts'
import { answerOf } from '../samples.ts'
import { type Fake, key, nothing } from './fake.ts'
import { number } from './phones.ts'
import type { Asked } from './serve.ts'

const formOf = ({ text }: Asked): URLSearchParams => new URLSearchParams(text)

export function smsSns(): Fake {
  const says = (why: string) => answerOf('sms-sns', why)
  return {
    settings: (origin, secret) => ({
      to: [number],
      sigv4: { region: 'eu-west-1', access_key: 'AKIDfake', secret_key: secret },
      api_url: origin,
    }),
    takes: 'accepted',
    shown: asked => formOf(asked).get('Message') ?? '',
    answer(asked) {
      const date = String(asked.headers['x-amz-date'])
      const wanted = signAws(
        {
          method: 'POST',
          host: String(asked.headers.host),
          path: '/',
          query: {},
          headers: { 'content-type': String(asked.headers['content-type']) },
          body: asked.text,
        },
        { keyId: 'AKIDfake', secretKey: new Secret(key), region: 'eu-west-1', service: 'sns' },
        Date.parse(date.replace(/(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)/, '$1-$2-$3:$4:$5')),
      )
      if (asked.headers.authorization !== wanted['authorization']) {
        return says('the signature of the request is wrong')
      }
      const form = formOf(asked)
      if (form.get('PhoneNumber') !== '+8613800138000') return says('no such number')
      return says(Buffer.byteLength(form.get('Message') ?? '') > 1_600 ? 'too long' : 'taken')
    },
    read: () => nothing,
  }
}

// A 200 for everything.
export function smsVonage(): Fake {
  const says = (why: string) => answerOf('sms-vonage', why)
  const repeats = (asked: Asked) => ({
    body: { messages: [{ status: '4', 'error-text': `Bad Credentials ${asked.text}` }] },
  })
  return {
    settings: (origin, secret) => ({
      api_key: 'abcd1234',
      api_secret: secret,
      to: [number],
      endpoint: origin,
    }),
    takes: 'accepted',
    shown: asked => formOf(asked).get('text') ?? '',
    answer(asked) {
      const form = formOf(asked)
      if (form.get('api_secret') !== key) return repeats(asked)
      if (form.get('to') !== '8613800138000') return says('a value that may not be')
      const text = form.get('text') ?? ''
      const isPlain = /^[\n\x20-\x7e€£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà]*$/.test(text)
      if (form.get('type') === 'text' && !isPlain) return says('it can make nothing of it')
      return says(text.length > 3_200 ? 'too long' : 'taken')
    },
    read: () => nothing,
  }
}

// One as there are hundreds: JSON, a code in it, a token in the address.
export const smsHttp = (): Fake => ({
  settings: (origin, secret) => ({
    url: `${origin}/send/{number}?token=${secret}&ref={id}`,
    body: '{"to": "{number}", "content": "{text}", "ref": "{id}", "extra": {"a": 1}}',
    number: 'digits',
    to: [number],
    success: { status: [200], json: 'result.code', equals: 0 },
    refused: { json: 'result.code', equals: 3 },
    receipt: 'result.id',
  }),
  takes: 'accepted',
  shown: asked => JSON.parse(asked.text).content,
  answer(asked) {
    if (asked.url.searchParams.get('token') !== key)
      return { status: 403, body: { error: `bad ${asked.url}` } }
    const { to, content, extra } = JSON.parse(asked.text)
    const isGood = to === '8613800138000' && asked.url.pathname === '/send/8613800138000' && extra.a === 1
    return answerOf('sms-http', isGood && content !== '' ? 'taken' : 'never, by its code')
  },
  read: () => nothing,
})
