// What a message is on a lock screen: its words as JSON for push-worker.js, and what the push service is to know of it,
// which is how urgent it is, how long it is good for, and what it takes the place of. Called by the channel.
import { createHash } from 'node:crypto'
import type { Message } from '../message.ts'
import { type Said, sayWithin } from '../said.ts'
import { plainMax } from './sealed.ts'

export type Notification = Readonly<{
  body: string
  urgency: 'high' | 'normal' | 'low'
  // How long the service keeps it for a device that is switched off.
  ttlS: number
  // What of the same topic was not delivered yet is not delivered any more. A hash: services learn no numbers.
  topic: string
}>

// What alerter/api/push/push-worker.js reads.
type Shown = Readonly<{
  title: string
  body: string
  // What has the same takes its place on the screen.
  tag: string
  // Below the address of this service.
  path: string
  lang: string
  atMs: number
  // Stays until somebody has touched it.
  stays: boolean
  silent: boolean
}>

const dayS = 86_400
const minutesS = 300
const titleMax = 150

export type Texts = Readonly<{ title?: string | undefined; text?: string | undefined }>

export function notificationOf(message: Message, texts: Texts): Notification {
  const tag = tagOf(message)
  const isBegun = message.status === 'firing' && message.kind !== 'canary'
  const body = sayWithin(message, {
    texts,
    // Notifications have no markup.
    escape: text => text,
    titleMax,
    max: plainMax,
    make: said => JSON.stringify(shownOf(message, said, tag)),
    size: made => Buffer.byteLength(made),
  })
  return {
    body,
    urgency: message.urgency === 'page' ? (isBegun ? 'high' : 'normal') : message.urgency,
    ttlS: message.kind === 'canary' ? minutesS : dayS,
    topic: topicOf(tag),
  }
}

const shownOf = (message: Message, { title, lines, colon }: Said, tag: string): Shown => ({
  title,
  body: lines.map(({ label, text }) => (label === '' ? text : `${label}${colon}${text}`)).join('\n'),
  tag,
  path: pathOf(message),
  lang: message.language,
  atMs: message.atMs,
  stays: message.urgency === 'page' && message.status === 'firing' && message.kind !== 'canary',
  silent: message.urgency === 'low' || message.kind === 'canary',
})

// One for each incident; what is many or none stays apart, and takes the place of itself when it is sent again.
function tagOf({ kind, incident, groupKey, receiver, id }: Message): string {
  if (kind === 'canary') return `canary/${short(receiver)}`
  if (kind === 'alarm') return `alarm/${short(groupKey)}`
  if (kind !== 'alerts') return `${kind}/${short(id)}`
  return incident === null ? `group/${short(groupKey)}` : `incident/${incident}`
}

// The service may be reached by several names; the device stays at its own.
function pathOf({ link, externalUrl, incident }: Message): string {
  const origin = externalUrl.replace(/\/+$/, '')
  if (link !== null && origin !== '' && link.startsWith(`${origin}/`)) return link.slice(origin.length)
  return incident === null ? '/' : `/i/${incident}`
}

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url')
const short = (text: string): string => hash(text).slice(0, 16)
// The most that services take.
const topicOf = (tag: string): string => hash(tag).slice(0, 32)

// Whether the way to a device works, asked by its owner.
export function trialOf(
  words: Readonly<{ title: string; body: string; lang: string }>,
  atMs: number,
): Notification {
  const shown: Shown = { ...words, tag: 'trial', path: '/push', atMs, stays: false, silent: false }
  return { body: JSON.stringify(shown), urgency: 'high', ttlS: minutesS, topic: topicOf('trial') }
}
