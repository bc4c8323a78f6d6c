// Microsoft Teams: the webhook of a workflow, with an Adaptive Card. It only says that it accepted: a card with a mistake
// is dropped in silence. Text stands in text runs, which know no Markdown.

import { z } from 'zod'
import { text } from '#core/config/values.ts'
import type { HttpChannel } from '../../channel.ts'
import { byStatus, digestOf, httpChannel } from '../../http-channel.ts'
import { at, hook, http, jsonHeaders } from '../../http-settings.ts'
import { calledBy, type Said, sayWithin, type Tone, toneOf } from '../../said.ts'
import { filled, templatesOf } from '../../templated.ts'

const settings = z.strictObject({
  webhook_url: hook.describe('The address of the workflow.'),
  title: text.optional().describe('A template that outranks our own title.'),
  text: text.optional().describe('A template that outranks our own words.'),
  at: at.describe('Users by the name that they sign in with.'),
  http_config: http,
})

type Settings = z.output<typeof settings>

const templated = ['title', 'text'] as const

const styles: Readonly<Record<Tone, string>> = {
  page: 'attention',
  normal: 'warning',
  low: 'accent',
  good: 'good',
  neutral: 'emphasis',
}

export const channel: HttpChannel<Settings> = httpChannel({
  name: 'teams',
  settings,
  // More than four a second are held back.
  budgets: ({ webhook_url: url }) => [{ key: `teams:${digestOf(url)}`, times: 2, perMs: 1_000, reserve: 0 }],
  texts: found => templatesOf(found, templated),
  transport: found => found.http_config.transport,
  requests(message, found, around) {
    const texts = filled(found, templated, around)
    const { users } = calledBy(message, found.at)
    const body = sayWithin(message, {
      texts,
      escape: each => each,
      titleMax: 250,
      max: 25_000,
      make: said =>
        JSON.stringify({
          type: 'message',
          summary: said.title,
          attachments: [
            {
              contentType: 'application/vnd.microsoft.card.adaptive',
              contentUrl: null,
              content: cardOf(said, styles[toneOf(message)], users),
            },
          ],
        }),
      size: made => Buffer.byteLength(made),
    })
    const headers = jsonHeaders(found.http_config)
    return [{ method: 'POST', url: found.webhook_url.reveal(), headers, body }]
  },
  verdict(answer, _, { nowMs }) {
    // The workflow has begun; whether the card was shown, nobody tells.
    const verdict = byStatus(answer, nowMs)
    return verdict.kind === 'delivered' ? { kind: 'accepted' } : verdict
  },
})

const run = (said: string, more: object = {}) => ({ type: 'TextRun', text: said, ...more })
const rich = (...inlines: readonly object[]) => ({ type: 'RichTextBlock', inlines })
const bold = { weight: 'Bolder' }

function cardOf({ title, lines, link, linkLabel, colon }: Said, style: string, users: readonly string[]) {
  const calls = users.map(id => `<at>${id}</at>`)
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { type: 'Container', style, bleed: true, items: [rich(run(title, { ...bold, size: 'Medium' }))] },
      ...lines.map(({ label, text: said }) =>
        label === '' ? rich(run(said)) : rich(run(label + colon, bold), run(said)),
      ),
      ...(calls.length === 0 ? [] : [{ type: 'TextBlock', wrap: true, text: calls.join(' ') }]),
    ],
    actions: link === undefined ? [] : [{ type: 'Action.OpenUrl', title: linkLabel, url: link }],
    msteams: {
      width: 'Full',
      entities: users.map((id, nth) => ({ type: 'mention', text: calls[nth], mentioned: { id, name: id } })),
    },
  }
}
