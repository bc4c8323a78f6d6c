// SMS by any service that takes a request over HTTP: address, method and body are written by the operator, and so is
// what counts as success.
import { z } from 'zod'
import { text } from '#core/config/values.ts'
import type { HttpChannel } from '../../channel.ts'
import { digestOf, httpChannel } from '../../http-channel.ts'
import { hook, http } from '../../http-settings.ts'
import { numberBudgets, numbers, perDay, phonesOf } from '../../sms/numbers.ts'
import { smsText } from '../../sms/sms-text.ts'
import { ownText, smsTextKeys } from '../../sms/text-keys.ts'
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
    to: numbers,
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
    ...perDay(0),
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
  texts: ownText,
  phones: phonesOf,
  budgets: given =>
    numberBudgets(`sms-http ${new URL(given.url.reveal()).host} ${digestOf(given.url)}`, given),
  requests(message, given, { texts }) {
    const said = smsText(message, given, texts?.['text'])
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
