// SMS by Twilio. What waits in its queue for too long is not sent any more: an old alert helps nobody.
import { z } from 'zod'
import { duration, text } from '#core/config/values.ts'
import type { HttpChannel } from '../../channel.ts'
import { httpChannel } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import { twilioHears } from '../../inbound/twilio.ts'
import { international, numberBudgets, numbers, perDay, phone, phonesOf } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'
import { ownText, smsTextKeys } from '../../sms/text-keys.ts'
import {
  askTwilio,
  pairOf,
  statusCallback,
  twilioCallback,
  twilioKey,
  twilioVerdict,
} from '../../sms/twilio.ts'
import { shorten } from '../../words.ts'

// Of one message.
const utf16Max = 1_600

const settings = z
  .strictObject({
    ...twilioKey,
    to: numbers,
    from: z
      .union([phone, text.regex(/^[A-Za-z0-9 ]{1,11}$/)])
      .optional()
      .describe('A number, or a name where the country has them.'),
    messaging_service_sid: text.optional().describe('A messaging service, in the place of `from`.'),
    ...smsTextKeys,
    status_callback: twilioCallback,
    validity: duration({ atLeast: '1s', atMost: '10h' })
      .prefault('15m')
      .describe('After so long an old alert helps nobody, and is not delivered any more.'),
    ...perDay(0),
    endpoint: z.url().prefault('https://api.twilio.com').describe('Where the service is.'),
    http_config: http,
  })
  .refine(({ from, messaging_service_sid: sid }) => (from === undefined) !== (sid === undefined), {
    error: 'one of from and messaging_service_sid',
  })
  .transform(found => ({ ...found, pair: pairOf(found) }))
type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'sms-twilio',
  about: {
    is: 'SMS by Twilio.',
    success: '`sid` and `status` in the body: accepted',
    size: '`segments_max` (2) of 160 letters or 70 characters; 1 600 characters',
    proof: 'the token',
    pictures: false,
    receipts: 'delivered, seen, failed; replies',
    example: { account_sid: 'AC00000000', auth_token: 'TOKEN', from: '+15550100', to: ['+14155552671'] },
  },
  settings,
  transport: ({ http_config: { transport } }) => transport,
  texts: ownText,
  hears: twilioHears,
  phones: phonesOf,
  budgets: given => numberBudgets(`sms-twilio ${given.account_sid}`, given),
  requests(message, given, { texts, callback }) {
    const body = smsText(message, given, texts?.['text'])
    return given.to.map(number => {
      const form = {
        To: international(number),
        ...(given.from !== undefined && { From: given.from }),
        ...(given.messaging_service_sid !== undefined && {
          MessagingServiceSid: given.messaging_service_sid,
        }),
        Body: shorten(body, { utf16: utf16Max }),
        ValidityPeriod: String(Math.ceil(given.validity / 1_000)),
        ...statusCallback(given, callback),
      }
      return askTwilio({ endpoint: given.endpoint, resource: 'Messages', key: given, form })
    })
  },
  verdict: (answer, _, { nowMs }) => twilioVerdict(answer, nowMs),
})
