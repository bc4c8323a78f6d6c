// A call by Twilio that reads the alert aloud, twice; where answers reach us, pressing 1 acknowledges.
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'
import type { HttpChannel } from '../../channel.ts'
import { httpChannel } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import type { Message } from '../../message.ts'
import { international, numberBudgets, perDay, phone, phones } from '../../sms/numbers.ts'
import { spokenText } from '../../sms/spoken.ts'
import { askTwilio, pairOf, twilioKey, twilioVerdict } from '../../sms/twilio.ts'
import { tongueOf } from '../../words.ts'

const settings = z
  .strictObject({
    ...twilioKey,
    to: phones,
    from: phone,
    // How long it rings, in seconds.
    ring: count(5, 600).prefault(45),
    // Where keys that were pressed go; `?incident=` is added.
    answer_url: z.url().optional(),
    status_callback: z.url().optional(),
    voice: text.optional(),
    per_hour: count(0, 1_000).prefault(0),
    per_day: perDay(0),
    endpoint: z.url().prefault('https://api.twilio.com'),
    http_config: http,
  })
  .transform(found => ({ ...found, pair: pairOf(found) }))
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'voice-twilio',
  settings,
  transport: ({ http_config: { transport } }) => transport,
  budgets: ({ to, account_sid: account, per_hour: hour, per_day: day }) =>
    numberBudgets({ name: `voice-twilio ${account}`, to, perDay: day, perHour: hour }),
  requests: (message, given) =>
    given.to.map(number => {
      const form = {
        To: international(number),
        From: given.from,
        Timeout: String(given.ring),
        Twiml: twiml(message, given),
        ...(given.status_callback !== undefined && { StatusCallback: given.status_callback }),
      }
      return askTwilio({ endpoint: given.endpoint, resource: 'Calls', key: given, form })
    }),
  verdict: (answer, _, { nowMs }) => twilioVerdict(answer, nowMs),
})

const xml = (written: string): string => written.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)

function twiml(message: Message, { answer_url: answerUrl, voice }: Settings): string {
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
