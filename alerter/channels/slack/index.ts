// Slack: an incoming webhook, or chat.postMessage with a token, which answers in the thread of its incident and shows the
// last hour there. Attachments rather than blocks: they have colours and plain text, and whatever imitates Slack's webhooks
// knows them.
import { z } from 'zod'
import { secret, text } from '#core/config/values.ts'
import type { HttpChannel } from '../../channel.ts'
import { digestOf, httpChannel } from '../../http-channel.ts'
import { at, hook, http, jsonHeaders } from '../../http-settings.ts'
import { pictures } from '../../picture-setting.ts'
import { calledBy, sayWithin, toneOf } from '../../said.ts'
import { filled, templatesOf } from '../../templated.ts'
import { tongueOf } from '../../words.ts'
import { attachmentOf, callText, escapeEntities, templated, words } from './attachment.ts'
import { pictureTrail } from './picture.ts'
import { judge } from './verdict.ts'

const settings = z
  .strictObject({
    api_url: hook.optional().describe('An incoming webhook.'),
    app_token: secret
      .optional()
      .describe(
        'The token of an app (xoxb-…), which outranks a webhook; scopes: chat:write, and files:write for pictures.',
      ),
    app_url: hook
      .prefault('https://slack.com/api/chat.postMessage')
      .describe('Where it is sent with a token.'),
    channel: text.optional().describe('The room; needed beside a token.'),
    username: text.optional().describe('Who is said to write.'),
    icon_emoji: text.optional().describe('The picture of who writes, like `:fire:`.'),
    icon_url: text.optional().describe('The same as an address.'),
    ...words,
    at,
    pictures,
    http_config: http,
  })
  .refine(found => found.api_url !== undefined || found.app_token !== undefined, {
    error: 'api_url or app_token',
  })
  .refine(found => found.app_token === undefined || found.channel !== undefined, {
    error: 'beside app_token, the channel that is posted to',
  })

type Settings = z.output<typeof settings>

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'slack',
  about: {
    is: 'An incoming webhook of Slack, or an app with a token.',
    success: 'body `ok`; with a token `ok: true`',
    size: '3 000 characters',
    proof: 'the address, or the token',
    pictures: true,
    follows: 'answers in the thread, with a token',
    example: { api_url: 'https://hooks.slack.com/services/T0/B0/KEY' },
  },
  settings,
  // About one a second for each room.
  budgets: ({ app_token: token, api_url: url, channel: room = '' }) => [
    { key: `slack:${digestOf((token ?? url)!)}:${room}`, times: 5, perMs: 5_000, reserve: 1 },
  ],
  texts: found => templatesOf(found, templated),
  // An incoming webhook takes no files.
  takesPicture: found => found.pictures && found.app_token !== undefined,
  transport: found => found.http_config.transport,
  requests(message, found, around) {
    const told = filled(found, templated, around)
    const attachment = sayWithin(message, {
      texts: told,
      escape: escapeEntities,
      titleMax: 256,
      max: 3_000,
      make: said => attachmentOf(said, toneOf(message), told),
      size: made => JSON.stringify(made).length,
    })
    const { app_token: token, api_url: url } = found
    const body = {
      channel: told.channel,
      username: told.username,
      icon_emoji: told.icon_emoji,
      icon_url: told.icon_url,
      text: callText(calledBy(message, found.at), told.message_text),
      attachments: [attachment],
      thread_ts: token === undefined ? undefined : around.before?.split(':')[1],
    }
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }
    const headers = jsonHeaders(found.http_config, authorization)
    const target = token === undefined ? url! : found.app_url
    return [{ method: 'POST', url: target.reveal(), headers, body: JSON.stringify(body) }]
  },
  verdict: (answer, _, { nowMs }) => judge(answer, nowMs),
  *trail(message, { app_token: token, app_url: url, http_config }, { receipt, before }) {
    if (message.picture === null || token === undefined || receipt === undefined) return undefined
    const [room = '', ts = ''] = receipt.split(':')
    const shown = {
      picture: message.picture,
      words: tongueOf(message).lastHour,
      ...{ room, thread: before?.split(':')[1] ?? ts },
    }
    const api = { url: url.reveal(), authorization: `Bearer ${token.reveal()}`, http: http_config }
    return yield* pictureTrail(shown, api)
  },
})
