// Discord: a webhook with an embed, and the picture in it. Names are called from the settings only, and not by what a
// template puts there: everything else is switched off by allowed_mentions.

import { z } from 'zod'
import { text } from '#core/config/values.ts'
import type { Answer, HttpChannel, Verdict } from '../../channel.ts'
import {
  byStatus,
  digestOf,
  fieldsOf,
  httpChannel,
  later,
  limited,
  retryAfterMs,
  waitOf,
} from '../../http-channel.ts'
import { type At, at, hook, http, jsonHeaders } from '../../http-settings.ts'
import { escapeMarkdown } from '../../markdown.ts'
import { multipart } from '../../multipart.ts'
import { pictures } from '../../picture-setting.ts'
import { barColours, calledBy, callsWithin, markdownLink, type Said, sayWithin, toneOf } from '../../said.ts'
import { filled, templatesOf } from '../../templated.ts'
import { shorten, tongueOf } from '../../words.ts'

const settings = z.strictObject({
  webhook_url: hook.describe('The webhook.'),
  username: text.optional().describe('Who is said to write.'),
  avatar_url: text.optional().describe('The picture of who writes.'),
  content: text.optional().describe('A template of what stands outside of the embed.'),
  title: text.optional().describe('A template that outranks our own title.'),
  message: text.optional().describe('A template that outranks our own words.'),
  at: at
    .refine(({ users }) => users.every(id => /^(?:role:)?\d{5,20}$/.test(id)), {
      error: 'users as numbers, roles as role:NUMBER',
    })
    .describe('Users by number, roles as role:NUMBER.'),
  pictures,
  http_config: http,
})

type Settings = z.output<typeof settings>

const templated = ['username', 'avatar_url', 'content', 'title', 'message'] as const

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'discord',
  about: {
    is: 'A webhook of Discord.',
    success: 'the message itself in the body',
    size: '4 000 characters',
    proof: 'the address',
    pictures: true,
    example: { webhook_url: 'https://discord.com/api/webhooks/1/KEY' },
  },
  settings,
  // 5 in 2 seconds and 30 a minute of one webhook.
  budgets: ({ webhook_url: url }) => [
    { key: `discord:${digestOf(url)}:second`, times: 2, perMs: 2_000, reserve: 0 },
    { key: `discord:${digestOf(url)}:minute`, times: 15, perMs: 60_000, reserve: 3 },
  ],
  texts: found => templatesOf(found, templated),
  takesPicture: found => found.pictures,
  transport: found => found.http_config.transport,
  requests(message, found, around) {
    const { picture } = message
    const told = filled(found, templated, around)
    const embed = sayWithin(message, {
      texts: { title: told.title, text: told.message },
      escape: escapeMarkdown,
      titleMax: 200,
      max: 4_000,
      make: said => embedOf(said, Number.parseInt(barColours[toneOf(message)].slice(1), 16)),
      size: made => made.title.length + made.description.length,
    })
    const content = callsOf(calledBy(message, found.at), told.content, namedIn(found.content))
    const body = JSON.stringify({
      ...content,
      username: told.username,
      avatar_url: told.avatar_url,
      ...(picture === null ? { embeds: [embed] } : shown(embed, tongueOf(message).lastHour)),
    })
    // It answers with the message only when asked to wait for it.
    const url = new URL(found.webhook_url.reveal())
    url.searchParams.set('wait', 'true')
    const headers = jsonHeaders(found.http_config)
    if (picture === null) return [{ method: 'POST', url: url.href, headers, body }]
    const form = multipart([
      { name: 'payload_json', type: 'application/json', body },
      { name: 'files[0]', file, type: 'image/png', body: picture },
    ])
    const multi = { ...headers, 'content-type': form.type }
    return [{ method: 'POST', url: url.href, headers: multi, body: form.body }]
  },
  verdict: (answer, _, { nowMs }) => judge(answer, nowMs),
})

const file = 'last-hour.png'

const shown = (embed: object, description: string) => ({
  embeds: [{ ...embed, image: { url: `attachment://${file}` } }],
  attachments: [{ id: 0, filename: file, description }],
})

const embedOf = ({ title, lines, link, linkLabel, colon }: Said, color: number) => ({
  // Escapes have made it longer.
  title: shorten(title, { utf16: 256 }),
  url: link,
  color,
  description: [
    ...lines.map(({ label, text: said }) => (label === '' ? said : `**${label}**${colon}${said}`)),
    ...(link === undefined ? [] : [markdownLink(linkLabel, link)]),
  ].join('\n'),
})

const contentMax = 2_000
const namesMax = 100

type Call = Readonly<{ id: string; list: 'parse' | 'roles' | 'users'; said: string }>

type Named = Readonly<Record<Call['list'], readonly string[]>>

// Whom `content` calls as it is written, outside of its templates.
function namedIn(content = ''): Named {
  const own = content.replace(/\{\{.*?\}\}/gs, ' ')
  const idsOf = (form: RegExp): string[] => [...own.matchAll(form)].map(([, id]) => id!)
  return {
    parse: /@(?:everyone|here)\b/.test(own) ? ['everyone'] : [],
    roles: idsOf(/<@&(\d{5,20})>/g),
    users: idsOf(/<@!?(\d{5,20})>/g),
  }
}

// Those first who are many; the operator's own text has the room that is left.
function callsOf({ users, all }: At, own: string | undefined, named: Named) {
  const roles = users.flatMap(id => (id.startsWith('role:') ? [id.slice(5)] : []))
  const people = users.filter(id => !id.startsWith('role:'))
  const calls: readonly Call[] = [
    ...(all ? [{ id: 'everyone', list: 'parse', said: '@everyone' } as const] : []),
    ...roles.map(id => ({ id, list: 'roles', said: `<@&${id}>` }) as const),
    ...people.map(id => ({ id, list: 'users', said: `<@${id}>` }) as const),
  ]
  const called = callsWithin(calls, contentMax, ({ said }) => said.length + 1)
  const mentions = called.map(({ said }) => `${said} `).join('')
  const content = (mentions + shorten(own ?? '', { utf16: contentMax - mentions.length })).trimEnd()
  // Discord refuses what stands there twice.
  const allowed = (wanted: Call['list']): string[] =>
    [
      ...new Set([...called.flatMap(({ id, list }) => (list === wanted ? [id] : [])), ...named[wanted]]),
    ].slice(0, namesMax)
  return {
    content: content === '' ? undefined : content,
    allowed_mentions: { parse: allowed('parse'), users: allowed('users'), roles: allowed('roles') },
  }
}

function judge(answer: Answer, nowMs: number): Verdict {
  const fields = fieldsOf(answer.body)
  // Whoever stands before Discord says 429 too, and says how long in the header only.
  if (answer.status === 429 && fields !== undefined) {
    const afterMs = waitOf(fields['retry_after']) ?? retryAfterMs(answer.headers, nowMs)
    return limited(`answered 429: ${fields['message'] ?? ''}`, afterMs)
  }
  const verdict = byStatus(answer, nowMs)
  if (verdict.kind !== 'delivered') return verdict
  if (answer.status === 204) return verdict
  const { id } = fields ?? {}
  return typeof id === 'string'
    ? { kind: 'delivered', receipt: id }
    : later(`answered ${answer.status} without the message: ${answer.body}`)
}
