// Mattermost: an incoming webhook. Its attachments look like Slack's, but everything in them is Markdown, and a name with
// an @ calls its owner wherever it stands.

import { z } from 'zod'
import { text } from '#core/config/values.ts'
import type { Answer, HttpChannel, Verdict } from '../../channel.ts'
import { byStatus, digestOf, fieldsOf, httpChannel, later, refused } from '../../http-channel.ts'
import { type At, at, hook, http, jsonHeaders } from '../../http-settings.ts'
import { escapeMarkdown, withoutBackslashes } from '../../markdown.ts'
import type { Message } from '../../message.ts'
import { barColours, calledBy, markdownLink, type Said, sayWithin, toneOf } from '../../said.ts'
import { filled, templatesOf } from '../../templated.ts'
import { shorten } from '../../words.ts'

const settings = z.strictObject({
  webhook_url: hook.describe('The incoming webhook.'),
  channel: text.optional().describe('Another room than that of the webhook.'),
  username: text.optional().describe('Who is said to write.'),
  icon_url: text.optional().describe('The picture of who writes.'),
  icon_emoji: text.optional().describe('The same as an emoji.'),
  text: text.optional().describe('A template that takes the place of our attachment.'),
  attachments: z
    .array(z.record(z.string(), z.unknown()))
    .max(20)
    .optional()
    .describe('Attachments in the place of ours; templates.'),
  type: text.optional().describe('The type of the post, custom_….'),
  props: z.record(z.string(), z.unknown()).optional().describe('Further properties of the post.'),
  priority: z.record(z.string(), z.unknown()).optional().describe('Left out: urgent for what pages.'),
  at: at.describe('Users by their names.'),
  http_config: http,
})

type Settings = z.output<typeof settings>

const templated = [
  'channel',
  'username',
  'icon_url',
  'icon_emoji',
  'text',
  'attachments',
  'type',
  'props',
  'priority',
] as const

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'mattermost',
  about: {
    is: 'An incoming webhook of Mattermost.',
    success: 'body `ok`',
    size: '7 000 bytes',
    proof: 'the address',
    pictures: false,
    example: { webhook_url: 'https://chat.example.org/hooks/KEY' },
  },
  settings,
  // Its limit as it comes is 10 a second of one address.
  budgets: ({ webhook_url: url }) => [
    { key: `mattermost:${digestOf(url)}`, times: 5, perMs: 1_000, reserve: 1 },
  ],
  texts: found => templatesOf(found, templated),
  transport: found => found.http_config.transport,
  requests(message, found, around) {
    const told = filled(found, templated, around)
    const attachment = sayWithin(message, {
      escape: escapeMarkdown,
      titleMax: 400,
      // The whole post may have 16 383 runes, and its properties 8 000 bytes in old versions.
      max: 7_000,
      make: said => attachmentOf(said, barColours[toneOf(message)]),
      size: made => Buffer.byteLength(JSON.stringify(made)),
    })
    const body = {
      channel: told.channel,
      username: told.username,
      icon_url: told.icon_url,
      icon_emoji: told.icon_emoji,
      text: callText(calledBy(message, found.at), told.text),
      attachments: told.attachments ?? (told.text === undefined ? [attachment] : undefined),
      type: told.type,
      props: told.props,
      priority: told.priority ?? urgent(message),
    }
    const headers = jsonHeaders(found.http_config)
    return [{ method: 'POST', url: found.webhook_url.reveal(), headers, body: JSON.stringify(body) }]
  },
  verdict: (answer, _, { nowMs }) => judge(answer, nowMs),
})

const urgent = ({ urgency, status }: Message) =>
  urgency === 'page' && status === 'firing' ? { priority: 'urgent' } : undefined

const attachmentOf = ({ title, lines, link, linkLabel, colon }: Said, color: string) => ({
  color,
  // As it is shown in a notification.
  fallback: withoutBackslashes(title),
  // Without title_link, since a title that is a link is no Markdown.
  title,
  text: [
    ...lines.map(({ label, text: said }) => (label === '' ? said : `**${label}**${colon}${said}`)),
    ...(link === undefined ? [] : [markdownLink(linkLabel, link)]),
  ].join('\n'),
})

const callText = ({ users, all }: At, own = ''): string | undefined => {
  const calls = [...(all ? ['@channel'] : []), ...users.map(name => `@${name}`)].join(' ')
  const said = [calls, shorten(own, { chars: 16_000 - calls.length })].filter(each => each !== '').join('\n')
  return said === '' ? undefined : said
}

function judge(answer: Answer, nowMs: number): Verdict {
  const { status, body } = answer
  if (status === 200) {
    return body.trim() === 'ok' ? { kind: 'delivered' } : later(`answered 200, but not ok: ${body}`)
  }
  const fields = fieldsOf(body)
  const id = String(fields?.['id'] ?? '')
  // Wrong addresses are called 400 too, and hooks that are switched off 501.
  const isPlace = /incoming_webhook\.(?:invalid|disabled|channel|user|permissions|channel_locked)/.test(id)
  if (isPlace) return refused('settings', `answered ${id}: ${String(fields?.['message'])}`)
  return byStatus(answer, nowMs)
}
