// A call by Twilio that reads the alert aloud, twice; where answers reach us, pressing 1 acknowledges.
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'
import type { HttpChannel } from '../../channel.ts'
import { httpChannel } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { twilioHears } from '../../inbound/twilio.ts'
import type { Message } from '../../message.ts'
import { international, numberBudgets, numbers, perHour, phone, phonesOf } from '../../sms/numbers.ts'
import { spokenText } from '../../sms/spoken.ts'
import {
  askTwilio,
  isBelieved,
  pairOf,
  statusCallback,
  twilioCallback,
  twilioKey,
  twilioVerdict,
} from '../../sms/twilio.ts'
import { tongueOf } from '../../words.ts'

const settings = z
  .strictObject({
    ...twilioKey,
    to: numbers,
    from: phone.describe('The number that is shown.'),
    ring: count(5, 600).prefault(45).describe('How long it rings, in seconds.'),
    answer_url: z
      .url()
      .optional()
      .describe(
        'Where keys that were pressed go; `?incident=` is added. Left out: here, where `external_url` is one that the service may reach.',
      ),
    status_callback: twilioCallback,
    voice: text.optional().describe('Who speaks, like `Polly.Joanna`.'),
    ...perHour(0, 0),
    endpoint: z.url().prefault('https://api.twilio.com').describe('Where the service is.'),
    http_config: http,
  })
  .transform(found => ({ ...found, pair: pairOf(found) }))
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'voice-twilio',
  about: {
    is: 'A call by Twilio that reads the alert aloud, twice.',
    success: '`sid` and `status` in the body: accepted',
    size: '120 characters of title',
    proof: 'the token',
    pictures: false,
    receipts: 'picked up, failed; 1 pressed',
    example: { account_sid: 'AC00000000', auth_token: 'TOKEN', from: '+15550100', to: ['+14155552671'] },
  },
  settings,
  transport: ({ http_config: { transport } }) => transport,
  hears: twilioHears,
  phones: phonesOf,
  budgets: given => numberBudgets(`voice-twilio ${given.account_sid}`, given),
  requests: (message, given, { callback }) =>
    given.to.map(number => {
      const form = {
        To: international(number),
        From: given.from,
        Timeout: String(given.ring),
        Twiml: twiml(message, given, callback),
        ...statusCallback(given, callback),
      }
      return askTwilio({ endpoint: given.endpoint, resource: 'Calls', key: given, form })
    }),
  verdict: (answer, _, { nowMs }) => twilioVerdict(answer, nowMs),
})

const xml = (written: string): string => written.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)

function twiml(message: Message, given: Settings, callback: string | undefined): string {
  const { answer_url: own, voice } = given
  const answerUrl = own ?? (isBelieved(given) ? callback : undefined)
  const { spoken } = tongueOf(message)
  const attributes = `language="${spoken.voice}"${voice === undefined ? '' : ` voice="${xml(voice)}"`}`
  const say = (texts: readonly string[]): string => `<Say ${attributes}>${xml(texts.join(' '))}</Say>`
  const texts = spokenText(message)
  const twice = `${say(texts)}<Pause length="1"/>${say([spoken.again, ...texts.slice(1)])}`
  if (answerUrl === undefined || message.incident === null) return `<Response>${twice}</Response>`
  const action = new URL(answerUrl)
  action.searchParams.set('incident', String(message.incident))
  const gather = `<Gather numDigits="1" timeout="10" action="${xml(action.href)}">`
  return `<Response>${gather}${twice}${say([spoken.press])}</Gather></Response>`
}
