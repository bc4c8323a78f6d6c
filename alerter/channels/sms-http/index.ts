// SMS by any service that takes a request over HTTP: address, method and body are written by the operator, and so is
// what counts as success.
import { z } from 'zod'
import { count, text } from '#core/config/values.ts'
import { patternSearch } from '#core/pattern.ts'
import type { HttpChannel } from '../../channel.ts'
import { digestOf, httpChannel } from '../../http-channel.ts'
import { hook, http } from '../../http-settings.ts'
import { numberBudgets, perDay, phones } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'
import { fill, formOf } from './fill.ts'
import { judge } from './judge.ts'

const pattern = text.refine(
  written => {
    try {
      patternSearch(written)
      return true
    } catch {
      return false
    }
  },
  { error: 'a regular expression of RE2' },
)

// All that are stated must hold.
const test = z.strictObject({
  status: z.array(count(100, 599)).min(1).optional(),
  // A field of the JSON in the answer: `data.code`, `messages[0].status`.
  json: text.optional(),
  equals: z.union([z.string(), z.number(), z.boolean()]).optional(),
  match: pattern.optional(),
})
export type Test = z.output<typeof test>

const settings = z
  .strictObject({
    // With {number}, {text}, {incident}, {id} in it where they belong, and in the body.
    url: hook,
    method: z.enum(['POST', 'PUT', 'GET']).prefault('POST'),
    content_type: text.prefault('application/json'),
    body: text.optional(),
    to: phones,
    // Some want the number without the plus, or as it is written at home.
    number: z.enum(['+', 'digits', 'as_written']).prefault('+'),
    text: text.optional(),
    segments_max: count(1, 10).prefault(2),
    links: z.boolean().prefault(true),
    replies: z.boolean().prefault(false),
    success: test.prefault({}),
    // What is never tried again; the rest is, unless its status forbids it.
    refused: test.optional(),
    // Where the name of the message stands in the answer.
    receipt: text.optional(),
    per_day: perDay(0),
    http_config: http,
  })
  .refine(({ method, body }) => method === 'GET' || body !== undefined, { error: 'body, or method: GET' })
export type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'sms-http',
  settings,
  transport: ({ http_config: { transport } }) => transport,
  texts: ({ text: own }): Record<string, string> => (own === undefined ? {} : { text: own }),
  budgets: ({ to, url, per_day: day }) =>
    numberBudgets({ name: `sms-http ${new URL(url.reveal()).host} ${digestOf(url)}`, to, perDay: day }),
  requests(message, given, { texts }) {
    const { links, replies: answers, segments_max: segmentsMax } = given
    const said = smsText(message, { links, answers, segmentsMax }, texts?.['text'])
    const headers = Object.fromEntries(
      Object.entries(given.http_config.headers).map(([name, value]) => [name, value.reveal()]),
    )
    return given.to.map(to => {
      const values = {
        number: formOf(to, given.number),
        text: said,
        incident: message.incident === null ? '' : String(message.incident),
        id: message.id,
      }
      const hasBody = given.method !== 'GET'
      return {
        method: given.method,
        url: fill(given.url.reveal(), 'url', values),
        headers: { ...(hasBody && { 'content-type': given.content_type }), ...headers },
        body: hasBody ? fill(given.body ?? '', given.content_type, values) : '',
      }
    })
  },
  verdict: (answer, given, { nowMs }) => judge(answer, given, nowMs),
})
