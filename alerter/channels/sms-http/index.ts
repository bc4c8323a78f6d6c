// SMS by any service that takes a request over HTTP: address, method and body are written by the operator, and so is
// what counts as success.
import { z } from 'zod'
import { text } from '#core/config/values.ts'
import type { HttpChannel } from '../../channel.ts'
import { digestOf, httpChannel } from '../../http-channel.ts'
import { hook, http } from '../../http-settings.ts'
import { numberBudgets, perDay, perMonth, phones, phonesOf } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'
import { smsTextKeys } from '../../sms/text-keys.ts'
import { answerTest } from './answer-test.ts'
import { fill, formOf } from './fill.ts'
import { judge } from './judge.ts'

const settings = z
  .strictObject({
    url: hook.describe(
      'Where it is sent; {number}, {text}, {incident} and {id} are filled in, in the body too.',
    ),
    method: z.enum(['POST', 'PUT', 'GET']).prefault('POST').describe('How it is asked.'),
    content_type: text
      .prefault('application/json')
      .describe('The form of the body; values are escaped for it.'),
    body: text.optional().describe('What is sent; needed unless it is GET.'),
    to: phones.describe('Numbers, each with the code of its country; bare Chinese mobile numbers too.'),
    number: z
      .enum(['+', 'digits', 'as_written'])
      .prefault('+')
      .describe('Numbers with their plus, as digits alone, or Chinese ones without their 86.'),
    ...smsTextKeys,
    success: answerTest
      .prefault({})
      .describe('When the service has it; all that is stated must hold. Left out: status 2xx.'),
    refused: answerTest
      .optional()
      .describe('When it is never tried again; the rest is, unless its status forbids it.'),
    receipt: text.optional().describe('Where the name of the message stands in the answer: `data.id`.'),
    per_day: perDay(0).describe('Messages to one number in a day; 0: no limit.'),
    per_month: perMonth,
    http_config: http,
  })
  .refine(({ method, body }) => method === 'GET' || body !== undefined, { error: 'body, or method: GET' })
export type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'sms-http',
  about: {
    is: 'SMS by any service that takes a request over HTTP.',
    success: 'what `success` says; else status 2xx',
    size: '`segments_max` (2) of 160 letters or 70 characters',
    proof: 'what `http_config` says',
    pictures: false,
    receipts: 'the name of the message, where `receipt` says where it is',
    example: {
      url: 'https://sms.example.org/send',
      body: '{"to":"{number}","text":"{text}"}',
      to: ['+14155552671'],
    },
  },
  settings,
  transport: ({ http_config: { transport } }) => transport,
  texts: ({ text: own }): Record<string, string> => (own === undefined ? {} : { text: own }),
  phones: phonesOf,
  budgets: ({ to, url, per_day: day, per_month: month }) =>
    numberBudgets({
      name: `sms-http ${new URL(url.reveal()).host} ${digestOf(url)}`,
      to,
      perDay: day,
      perMonth: month,
    }),
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
