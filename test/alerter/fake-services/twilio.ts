import { answerOf } from '../samples.ts'
import { type Fake, found, key, nothing } from './fake.ts'
import { number } from './phones.ts'
import type { Asked, Reply } from './serve.ts'

const account = 'ACfake0000abcdef'
const formOf = ({ text }: Asked): URLSearchParams => new URLSearchParams(text)

function twilio(name: string, resource: 'Messages' | 'Calls', settings: object): Fake {
  const no = (status: number, code: number, message: string): Reply => ({
    status,
    body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
  })
  const wanted = `Basic ${Buffer.from(`${account}:${key}`).toString('base64')}`
  return {
    settings: (origin, secret) => ({
      account_sid: account,
      auth_token: secret,
      to: [number],
      from: '+1 415 555 2671',
      endpoint: origin,
      ...settings,
    }),
    takes: 'accepted',
    shown: asked => (resource === 'Calls' ? undefined : (formOf(asked).get('Body') ?? '')),
    answer(asked) {
      if (asked.headers.authorization !== wanted)
        return no(401, 20_003, `Authenticate ${asked.headers.authorization}`)
      if (asked.url.pathname !== `/2010-04-01/Accounts/${account}/${resource}.json`)
        return answerOf(name, 'no such account')
      const form = formOf(asked)
      if (form.get('To') !== '+8613800138000') return answerOf(name, 'no such number')
      const body = form.get('Body') ?? ''
      if (resource === 'Messages' && body === '') return answerOf(name, 'nothing in it')
      if (body.length > 1_600) return answerOf(name, 'too long')
      const twiml = form.get('Twiml') ?? ''
      if (resource === 'Calls' && !isXml(twiml)) return answerOf(name, 'what is to be said is no TwiML')
      if (twiml.length > 4_000) return no(400, 21_617, 'Twiml too long')
      return answerOf(name, 'taken')
    },
    read: asked => ({
      ...nothing,
      markup: found(formOf(asked).get('Twiml') ?? '', /<(?!\/?(?:Response|Say|Pause|Gather)\b)[^>]*>/g),
    }),
  }
}

// Tags closed in order, and entities by number only.
function isXml(text: string): boolean {
  const open: string[] = []
  for (const [tag, close, name, end] of text.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)) {
    if (tag === '') return false
    if (close === '/') {
      if (open.pop() !== name) return false
    } else if (end !== '/') open.push(name!)
  }
  const plain = text.replace(/<[^<>]*>/g, '').replace(/&#\d+;/g, '')
  return open.length === 0 && text !== '' && !/[<>&]/.test(plain)
}

export const smsTwilio = (): Fake => twilio('sms-twilio', 'Messages', {})
export const voiceTwilio = (): Fake =>
  twilio('voice-twilio', 'Calls', { answer_url: 'https://plimsoll.example.org/keys?a=b&c=d' })
