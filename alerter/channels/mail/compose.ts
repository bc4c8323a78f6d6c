// A message as a mail: subject, both parts, the headers that make one thread of an incident and keep robots from
// answering. Pure. Called by index.ts.
import { createHash } from 'node:crypto'
import type { Mail } from 'nodemailer'
import type { Around } from '../../channel.ts'
import type { Message } from '../../message.ts'
import { isTemplate } from '../../templated.ts'
import { isolates, shorten, type Words, wordsOf } from '../../words.ts'
import { addressText, copiesText } from './addresses.ts'
import { htmlOf } from './html.ts'
import type { Settings } from './settings.ts'

const limits = { alertsMax: 50, charsMax: 40_000, links: true }
const subjectMax = 160

const pictureId = 'last-hour@plimsoll'

// Templates of headers are told by this name.
export const headerText = (name: string): string => `header ${name}`

export function compose(message: Message, given: Settings, around: Around): Mail {
  const { texts = {}, before } = around
  const words = wordsOf(message, limits)
  const envelope = {
    from: addressText('from', { written: given.from, isOne: true }, around),
    to: addressText('to', { written: given.to, isOne: false }, around),
  }
  const domain = domainOf(envelope.from)
  const named = (kind: string, key: string): string => `<${kind}-${hash(key)}@${domain}>`
  const thread = named('thread', message.incident === null ? message.groupKey : String(message.incident))
  const headers = ownHeaders(given, texts)
  const subject = headers.get('subject') ?? words.title.replace(isolates, '')
  return {
    from: headers.get('from') || envelope.from,
    to: headers.get('to') || envelope.to,
    ...(given.recipients === 'to' && { envelope }),
    subject: oneLine(shorten(subject, { chars: subjectMax })),
    text: texts['text'] ?? plainOf(words),
    ...(given.html !== '' && { html: texts['html'] ?? pageOf(message, words) }),
    // The same when it is sent again, so that the second copy shows as the first one.
    messageId: headers.get('message-id') || named('message', message.id),
    ...(before === undefined ? {} : { inReplyTo: before }),
    references: [thread, ...(before === undefined ? [] : [before])],
    headers: {
      ...standing(message),
      ...Object.fromEntries([...headers].filter(([name]) => !isApart(name, given))),
    },
    attachments: message.picture === null ? [] : [attachment(message.picture)],
  }
}

// Alertmanager sends a header Bcc as it is written, and so tells everybody whom nobody should see. Where it says who gets
// the mail, nodemailer takes it out by itself.
const isApart = (name: string, { recipients }: Settings): boolean =>
  ['subject', 'from', 'to', 'message-id'].includes(name) || (name === 'bcc' && recipients === 'to')

// Unless `recipients` says otherwise, these are whom the server is told.
export const deciding = ['from', 'to', 'cc', 'bcc']

// Nobody answers robots, and phones put what wakes people on top.
function standing({ id, urgency, status }: Message): Record<string, string> {
  const isUrgent = urgency === 'page' && status === 'firing'
  return {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'X-Plimsoll-Message': oneLine(id),
    ...(isUrgent && { 'X-Priority': '1', Importance: 'high' }),
  }
}

// In small letters. What a template made of them is on one line, whatever the labels hold; one that nobody could fill is
// left out. Those that say who gets the mail hold addresses and nothing else.
function ownHeaders(
  { headers, recipients }: Settings,
  texts: Readonly<Record<string, string>>,
): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, written] of Object.entries(headers)) {
    const said = texts[headerText(name)] ?? (isTemplate(written) ? undefined : written)
    if (said === undefined) continue
    const key = name.toLowerCase()
    const decides = recipients === 'headers' && isTemplate(written) && deciding.includes(key)
    const given = { written, isOne: key === 'from' }
    found.set(key, decides ? copiesText(headerText(name), given, said) : oneLine(said))
  }
  return found
}

const oneLine = (text: string): string => text.replace(/[\r\n\0]+/g, ' ').trim()

const hash = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 24)

// `Plimsoll <alerts@example.org>` is from example.org.
const domainOf = (from: string): string => /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? 'plimsoll.invalid'

const plainOf = ({ plain }: Words): string => `${plain.replace(isolates, '')}\n`

const pageOf = (message: Message, words: Words): string =>
  htmlOf(message, words, message.picture === null ? undefined : pictureId)

const attachment = (content: Uint8Array): Mail['attachments'][number] => ({
  filename: 'last-hour.png',
  content,
  contentType: 'image/png',
  cid: pictureId,
  contentDisposition: 'inline',
})
