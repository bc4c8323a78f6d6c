// SMS by Twilio. What waits in its queue for too long is not sent any more: an old alert helps nobody.
import { z } from 'zod'
import { count, duration, text } from '#core/config/values.ts'
import type { HttpChannel } from '../../channel.ts'
import { httpChannel } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { international, numberBudgets, perDay, phone, phones } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'
import { askTwilio, pairOf, twilioKey, twilioVerdict } from '../../sms/twilio.ts'
import { shorten } from '../../words.ts'

// Of one message.
const utf16Max = 1_600

const settings = z
  .strictObject({
    ...twilioKey,
    to: phones,
    // A number, or a name where the country has them.
    from: z.union([phone, text.regex(/^[A-Za-z0-9 ]{1,11}$/)]).optional(),
    messaging_service_sid: text.optional(),
    // A template that outranks our own text.
    text: text.optional(),
    segments_max: count(1, 10).prefault(2),
    links: z.boolean().prefault(true),
    // Whether replies reach us (the address for them is set at Twilio).
    replies: z.boolean().prefault(false),
    status_callback: z.url().optional(),
    validity: duration({ atLeast: '1s', atMost: '10h' }).prefault('15m'),
    per_day: perDay(0),
    endpoint: z.url().prefault('https://api.twilio.com'),
    http_config: http,
  })
  .refine(({ from, messaging_service_sid: sid }) => (from === undefined) !== (sid === undefined), {
    error: 'one of from and messaging_service_sid',
  })
  .transform(found => ({ ...found, pair: pairOf(found) }))
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'sms-twilio',
  settings,
  transport: ({ http_config: { transport } }) => transport,
  texts: ({ text: own }): Record<string, string> => (own === undefined ? {} : { text: own }),
  budgets: ({ to, account_sid: account, per_day: day }) =>
    numberBudgets({ name: `sms-twilio ${account}`, to, perDay: day }),
  requests(message, given, { texts }) {
    const { links, replies: answers, segments_max: segmentsMax } = given
    const body = smsText(message, { links, answers, segmentsMax }, texts?.['text'])
    return given.to.map(number => {
      const form = {
        To: international(number),
        ...(given.from !== undefined && { From: given.from }),
        ...(given.messaging_service_sid !== undefined && {
          MessagingServiceSid: given.messaging_service_sid,
        }),
        Body: shorten(body, { utf16: utf16Max }),
        ValidityPeriod: String(Math.ceil(given.validity / 1_000)),
        ...(given.status_callback !== undefined && { StatusCallback: given.status_callback }),
      }
      return askTwilio({ endpoint: given.endpoint, resource: 'Messages', key: given, form })
    })
  },
  verdict: (answer, _, { nowMs }) => twilioVerdict(answer, nowMs),
})
