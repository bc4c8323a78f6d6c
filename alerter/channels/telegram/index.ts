// Telegram: sendMessage of a bot, in its HTML, or sendPhoto where there is a picture; what follows answers the first
// message of its incident.

import { z } from 'zod'
import { secret, text } from '#core/config/values.ts'
import type { HttpChannel } from '../../channel.ts'
import { digestOf, httpChannel } from '../../http-channel.ts'
import { at, hook, http, jsonHeaders } from '../../http-settings.ts'
import type { Message } from '../../message.ts'
import { multipart } from '../../multipart.ts'
import { pictures } from '../../picture-setting.ts'
import { calledBy, sayWithin, toneOf } from '../../said.ts'
import { filled, templatesOf } from '../../templated.ts'
import { callsText, escapeHtml, htmlOf, shownLength } from './text.ts'
import { judge } from './verdict.ts'

const settings = z.strictObject({
  bot_token: secret.describe('The token of the bot.'),
  chat_id: z.union([z.int().transform(String), text]).describe('The chat: a number, or @channel.'),
  message_thread_id: z.int().optional().describe('The topic of a group that has some.'),
  api_url: hook.optional().describe('Where the API is; left out: https://api.telegram.org.'),
  disable_notifications: z.boolean().prefault(false).describe('Makes no sound.'),
  parse_mode: z
    .enum(['HTML', 'MarkdownV2', 'Markdown', ''])
    .prefault('HTML')
    .describe('The markup of the template; our own words are HTML.'),
  message: text.optional().describe('A template that outranks our own words.'),
  at: at.describe('Users by number or by name.'),
  pictures,
  http_config: http,
})

type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'telegram',
  about: {
    is: 'A bot of Telegram that writes to a chat, a group or a channel.',
    success: '`ok: true` in the body',
    size: '4 096 characters; 1 024 below a picture',
    proof: 'the token',
    pictures: true,
    follows: 'answers the first message',
    example: { bot_token: '123:TOKEN', chat_id: -1001234567890 },
  },
  settings,
  // 30 a second of a bot, 1 a second to a chat, 20 a minute to a group.
  budgets({ bot_token: token, chat_id: chat }) {
    const perChat = /^[-@]/.test(chat) ? { times: 5, perMs: 20_000 } : { times: 1, perMs: 1_500 }
    return [
      { key: `telegram:${digestOf(token)}`, times: 15, perMs: 1_000, reserve: 5 },
      { key: `telegram:${digestOf(token)}:${chat}`, ...perChat, reserve: perChat.times > 1 ? 1 : 0 },
    ]
  },
  texts: found => templatesOf(found, ['message']),
  takesPicture: found => found.pictures,
  transport: found => found.http_config.transport,
  requests(message, found, around) {
    const { message: own } = filled(found, ['message'], around)
    const calls = own === undefined ? callsText(calledBy(message, found.at), textMax / 2) : ''
    // People before a picture, below which only few can be called.
    const picture = shownLength(calls) > captionMax / 2 ? null : message.picture
    const { html, buttons } = bodyOf(message, { calls, own, max: picture === null ? textMax : captionMax })
    const common = {
      chat_id: found.chat_id,
      message_thread_id: found.message_thread_id,
      disable_notification: found.disable_notifications || message.urgency === 'low',
      parse_mode: (own === undefined ? 'HTML' : found.parse_mode) || undefined,
      reply_markup: buttons.length === 0 ? undefined : { inline_keyboard: buttons },
      reply_parameters: replyTo(Number(around.before)),
    }
    const origin = found.api_url?.reveal().replace(/\/+$/, '') ?? 'https://api.telegram.org'
    const bot = `${origin}/bot${found.bot_token.reveal()}`
    const headers = jsonHeaders(found.http_config)
    if (picture !== null) {
      const form = formOf({ ...common, caption: html }, picture)
      return [
        {
          method: 'POST',
          url: `${bot}/sendPhoto`,
          headers: { ...headers, 'content-type': form.type },
          body: form.body,
        },
      ]
    }
    const body = JSON.stringify({ ...common, text: html, link_preview_options: { is_disabled: true } })
    return [{ method: 'POST', url: `${bot}/sendMessage`, headers, body }]
  },
  verdict: (answer, _, { nowMs }) => judge(answer, nowMs),
})

const textMax = 4_096
// Below a picture.
const captionMax = 1_024

type Wanted = Readonly<{ calls: string; own: string | undefined; max: number }>

const bodyOf = (message: Message, { calls, own, max }: Wanted) =>
  sayWithin(message, {
    texts: { text: own },
    escape: escapeHtml,
    max,
    make: said => ({
      html:
        own === undefined
          ? htmlOf(said, toneOf(message), calls)
          : said.lines.map(({ text: line }) => line).join('\n'),
      buttons: said.link === undefined ? [] : [[{ text: said.linkLabel, url: said.link }]],
    }),
    size: ({ html }) => (own === undefined ? shownLength(html) : html.length),
  })

const replyTo = (id: number) =>
  Number.isInteger(id) && id > 0 ? { message_id: id, allow_sending_without_reply: true } : undefined

const formOf = (fields: Readonly<Record<string, unknown>>, picture: Uint8Array) =>
  multipart([
    ...Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [{ name, body: typeof value === 'string' ? value : JSON.stringify(value) }],
    ),
    { name: 'photo', file: 'last-hour.png', type: 'image/png', body: picture },
  ])
