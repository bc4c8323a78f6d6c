// Microsoft Teams: the webhook of a workflow, with an Adaptive Card. It only says that it accepted: a card with a mistake
// is dropped in silence. Our words stand in text runs, which know no Markdown; what the settings state is Markdown.

import { z } from 'zod'
import { text } from '#core/config/values.ts'
import type { HttpChannel } from '../../channel.ts'
import { byStatus, digestOf, httpChannel } from '../../http-channel.ts'
import { at, hook, http, jsonHeaders } from '../../http-settings.ts'
import type { Message } from '../../message.ts'
import { pictures } from '../../picture-setting.ts'
import { calledBy, callsWithin, type Said, sayWithin, type Tone, toneOf } from '../../said.ts'
import { filled, templatesOf } from '../../templated.ts'
import { type Line, tongueOf } from '../../words.ts'

const settings = z.strictObject({
  webhook_url: hook.describe('The address of the workflow.'),
  title: text.optional().describe('A template that outranks our own title.'),
  text: text.optional().describe('A template that outranks our own words.'),
  at: at.describe('Users by the name that they sign in with.'),
  pictures,
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
  about: {
    is: 'A workflow of Microsoft Teams with a webhook.',
    success: '202: accepted; nobody tells whether it was shown',
    size: '25 000 bytes',
    proof: 'the address',
    pictures: true,
    example: { webhook_url: 'https://prod-1.westeurope.logic.azure.com/workflows/ID?sig=KEY' },
  },
  settings,
  // More than four a second are held back.
  budgets: ({ webhook_url: url }) => [{ key: `teams:${digestOf(url)}`, times: 2, perMs: 1_000, reserve: 0 }],
  texts: found => templatesOf(found, templated),
  takesPicture: found => found.pictures,
  transport: found => found.http_config.transport,
  requests(message, found, around) {
    const texts = filled(found, templated, around)
    const mentions = callsWithin(calledBy(message, found.at).users.map(mentionOf), besideMax, sizeOf)
    const room = besideMax - mentions.reduce((sum, each) => sum + sizeOf(each), 0)
    const card = {
      style: styles[toneOf(message)],
      mentions,
      images: imagesOf(message, room),
      isStated: { title: (texts.title ?? '').trim() !== '', text: texts.text !== undefined },
    }
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
              content: cardOf(said, card),
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

const markdown = (text: string, more: object = {}) => ({ type: 'TextBlock', wrap: true, text, ...more })
const run = (said: string, more: object = {}) => ({ type: 'TextRun', text: said, ...more })
const rich = (...inlines: readonly object[]) => ({ type: 'RichTextBlock', inlines })
const bold = { weight: 'Bolder' }

// Of 25 000 bytes, for the people and the picture; the others are for the words. People come before a picture.
const besideMax = 20_000

// Each stands in the card twice.
const mentionOf = (id: string) => ({ type: 'mention', text: `<at>${id}</at>`, mentioned: { id, name: id } })
type Mention = ReturnType<typeof mentionOf>
const sizeOf = (mention: Mention): number => JSON.stringify(mention).length + mention.text.length + 2

function imagesOf(message: Message, room: number): readonly object[] {
  const { picture } = message
  if (picture === null) return []
  const url = `data:image/png;base64,${Buffer.from(picture).toString('base64')}`
  if (url.length > room) return []
  return [{ type: 'Image', url, altText: tongueOf(message).lastHour, size: 'Stretch' }]
}

type AroundCard = Readonly<{
  style: string
  mentions: readonly Mention[]
  images: readonly object[]
  isStated: Readonly<{ title: boolean; text: boolean }>
}>

function cardOf(
  { title, lines, link, linkLabel, colon }: Said,
  { style, mentions, images, isStated }: AroundCard,
) {
  const large = { ...bold, size: 'Medium' }
  const ownLine = ({ label, text: said }: Line) =>
    label === '' ? rich(run(said)) : rich(run(label + colon, bold), run(said))
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      {
        type: 'Container',
        style,
        bleed: true,
        items: [isStated.title ? markdown(title, large) : rich(run(title, large))],
      },
      ...lines.map(line => (isStated.text ? markdown(line.text) : ownLine(line))),
      ...images,
      ...(mentions.length === 0 ? [] : [markdown(mentions.map(({ text }) => text).join(' '))]),
    ],
    actions: link === undefined ? [] : [{ type: 'Action.OpenUrl', title: linkLabel, url: link }],
    msteams: { width: 'Full', entities: mentions },
  }
}
