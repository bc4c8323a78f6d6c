// SMS by AWS SNS, or a topic of it as Alertmanager's `sns_configs` have it. A message of SMS has at most 1600 bytes.
import { z } from 'zod'
import { secret, text } from '#core/config/values.ts'
import type { Answer, Around, HttpChannel, Verdict } from '../../channel.ts'
import { byStatus, httpChannel, later, limited, refused, retryAfterMs } from '../../http-channel.ts'
import { http } from '../../http-settings.ts'
import type { Message } from '../../message.ts'
import { international, numberBudgets, perDay, phone, phones, phonesOf } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'
import { smsTextKeys } from '../../sms/text-keys.ts'
import { isTemplate, NoPlace, placeText, templatesOf } from '../../templated.ts'
import { shorten, wordsOf } from '../../words.ts'
import { signAws } from '../signers/aws.ts'
import { encoded, sha256 } from '../signers/digest.ts'

const smsBytesMax = 1_600
const topicBytesMax = 256_000
// ASCII, and SNS wants it shorter than a hundred.
const subjectMax = 99

const phoneOrTemplate = text
  .refine(written => isTemplate(written) || phone.safeParse(written).success, {
    error: 'a number like +8613800000000',
  })
  .transform(written => (isTemplate(written) ? written : phone.parse(written)))

const settings = z
  .strictObject({
    to: phones.optional().describe('Numbers. One of this and the next three.'),
    phone_number: phoneOrTemplate
      .optional()
      .describe('A single number, as Alertmanager writes it, or a template of it.'),
    topic_arn: text.optional().describe('A topic, which gets all words, or a template of it.'),
    target_arn: text.optional().describe('An endpoint of a mobile platform, or a template of it.'),
    sigv4: z.strictObject({
      region: text.describe('The region, eu-west-1.'),
      access_key: text.describe('The name of the key.'),
      secret_key: secret.describe('The key.'),
      session_token: secret.optional().describe('Of keys that end.'),
    }),
    api_url: z.url().optional().describe('Where SNS is; left out: by the region.'),
    sender_id: text
      .regex(/^[A-Za-z0-9-]{1,11}$/)
      .optional()
      .describe('The name that is shown, where the country has them.'),
    subject: text.optional().describe('A template of the subject, of a topic.'),
    message: text.optional().describe('A template that outranks our own words.'),
    attributes: z.record(text, text).prefault({}).describe('Attributes of the message; templates.'),
    segments_max: smsTextKeys.segments_max,
    links: smsTextKeys.links,
    ...perDay(0),
    http_config: http,
  })
  .refine(
    found =>
      [found.to, found.phone_number, found.topic_arn, found.target_arn].filter(each => each !== undefined)
        .length === 1,
    { error: 'one of to, phone_number, topic_arn, target_arn' },
  )
type Settings = z.output<typeof settings>

const numbersOf = ({ to, phone_number: one }: Settings): readonly string[] =>
  to ?? (one === undefined ? [] : [one])

// Templates that say where it goes.
const places = ['phone_number', 'topic_arn', 'target_arn'] as const

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'sms-sns',
  about: {
    is: 'SMS by AWS SNS, or a topic of it.',
    success: '`MessageId` in the body: accepted',
    size: '`segments_max` (2) of 160 letters or 70 characters, 1 600 bytes; of a topic 256 000 bytes',
    proof: 'AWS Signature 4',
    pictures: false,
    example: {
      sigv4: { region: 'eu-west-1', access_key: 'KEY', secret_key: 'SECRET' },
      to: ['+14155552671'],
    },
  },
  settings,
  transport: ({ http_config: { transport } }) => transport,
  places: [...places, 'attributes'],
  texts: ({ subject, message, ...given }): Record<string, string> => ({
    ...templatesOf(given, [...places, 'attributes']),
    ...(subject !== undefined && { title: subject }),
    ...(message !== undefined && { text: message }),
  }),
  phones: phonesOf,
  budgets: given => numberBudgets('sms-sns', { ...given, to: numbersOf(given) }),
  requests(message, written, around) {
    const { nowMs, texts = {} } = around
    const given = placed(written, around)
    const numbers = numbersOf(given)
    const forms =
      numbers.length === 0
        ? [topicForm(message, given, texts)]
        : numbers.map(number => smsForm(message, given, number, texts['text']))
    return forms.map(form => outgoing(form, given, nowMs))
  },
  verdict: (answer, _, { nowMs }) => verdictOf(answer, nowMs),
})

// With what the templates of the settings became. Attributes decide who of a topic is told, so none may be missing for
// want of a template that works; SNS takes no empty ones.
function placed(given: Settings, around: Around): Settings {
  const made = { ...given }
  for (const name of places) {
    const written = given[name]
    if (written !== undefined) made[name] = placeText(name, written, around)
  }
  if (made.phone_number !== undefined) {
    const found = phone.safeParse(made.phone_number)
    if (!found.success) throw new NoPlace('phone_number is a template, which gave no number for this message')
    made.phone_number = found.data
  }
  const attributes = Object.entries(given.attributes).map(([name, written]) => {
    const said = isTemplate(written) ? around.texts?.[`attributes.${name}`] : written
    if (said !== undefined) return [name, said] as const
    throw new NoPlace(`attributes.${name} is a template, which could not be filled for this message`)
  })
  return { ...made, attributes: Object.fromEntries(attributes.filter(([, said]) => said !== '')) }
}

type Form = Readonly<Record<string, string>>

function smsForm(message: Message, given: Settings, number: string, own: string | undefined): Form {
  const body = smsText(message, { ...given, replies: false }, own)
  return {
    PhoneNumber: international(number),
    Message: shorten(body, { bytes: smsBytesMax }),
    ...attributesOf({
      ...given.attributes,
      'AWS.SNS.SMS.SMSType': 'Transactional',
      ...(given.sender_id !== undefined && { 'AWS.SNS.SMS.SenderID': given.sender_id }),
    }),
  }
}

function topicForm(message: Message, given: Settings, texts: Readonly<Record<string, string>>): Form {
  const words = wordsOf(message, { alertsMax: 20, bytesMax: topicBytesMax, links: true })
  const subject = (texts['title'] ?? words.title).replace(/[^\x20-\x7e]+/g, ' ').trim()
  const target = given.topic_arn === undefined ? 'TargetArn' : 'TopicArn'
  const isOrdered = given.topic_arn?.endsWith('.fifo') === true
  return {
    [target]: given.topic_arn ?? given.target_arn ?? '',
    ...(subject !== '' && { Subject: shorten(subject, { chars: subjectMax }).replace('…', '~') }),
    Message: shorten(texts['text'] ?? words.plain, { bytes: topicBytesMax }),
    ...(isOrdered && {
      MessageGroupId: sha256(message.groupKey),
      MessageDeduplicationId: sha256(message.id),
    }),
    ...attributesOf(given.attributes),
  }
}

const attributesOf = (attributes: Form): Form =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value], at) => {
      const entry = `MessageAttributes.entry.${at + 1}`
      return [
        [`${entry}.Name`, name],
        [`${entry}.Value.DataType`, 'String'],
        [`${entry}.Value.StringValue`, value],
      ]
    }),
  )

function outgoing(form: Form, { sigv4, api_url: given }: Settings, nowMs: number) {
  const url = new URL(given ?? `https://sns.${sigv4.region}.amazonaws.com/`)
  const body = Object.entries({ Action: 'Publish', Version: '2010-03-31', ...form })
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&')
  const headers = signAws(
    {
      method: 'POST',
      host: url.host,
      path: url.pathname,
      query: {},
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body,
    },
    {
      keyId: sigv4.access_key,
      secretKey: sigv4.secret_key,
      token: sigv4.session_token,
      region: sigv4.region,
      service: 'sns',
    },
    nowMs,
  )
  return { method: 'POST', url: url.href, headers, body } as const
}

const wrongParameter = new Set(['InvalidParameter', 'InvalidParameterValue', 'ParameterValueInvalid'])
// Which one is in the words only; these are not of the message.
const whereTo = /\b(?:PhoneNumber|TopicArn|TargetArn|SenderID)\b/
const passing = /InternalError|InternalFailure|ServiceUnavailable|RequestExpired/

// XML: `<MessageId>` or `<Error><Code>`.
function verdictOf(answer: Answer, nowMs: number): Verdict {
  const inside = (tag: string): string | undefined =>
    new RegExp(`<${tag}>([^<]{1,500})</${tag}>`).exec(answer.body)?.[1]
  const receipt = inside('MessageId')
  if (answer.status < 300) {
    return receipt === undefined ? later('the answer is not one of SNS') : { kind: 'accepted', receipt }
  }
  const code = inside('Code')
  if (code === undefined) return byStatus(answer, nowMs)
  const told = `${code}: ${inside('Message') ?? ''}`
  if (/Throttl/.test(code)) return limited(told, retryAfterMs(answer.headers, nowMs))
  if (passing.test(code) || answer.status >= 500) return later(told, retryAfterMs(answer.headers, nowMs))
  return refused(wrongParameter.has(code) && !whereTo.test(told) ? 'message' : 'settings', told)
}
