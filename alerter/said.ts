// What a channel makes its form from: the words of a message, escaped for the service and small enough for it, with the
// link apart, since most services have a button for it. Called by the folders in channels/.
import type { At } from './http-settings.ts'
import type { Message } from './message.ts'
import { type Line, shorten, tongueOf, type Words, wordsOf } from './words.ts'

export type Said = Readonly<{
  title: string
  lines: readonly Line[]
  // As it is, not escaped; nothing where there is none.
  link: string | undefined
  // What stands on the button, and between a label and its text.
  linkLabel: string
  colon: string
}>

export type Form<T> = Readonly<{
  // Makes foreign text harmless in the markup of the service.
  escape(text: string): string
  make(said: Said): T
  // In the unit of the service, of the whole that is limited.
  size(made: T): number
  max: number
  titleMax?: number
  // What the settings want instead, in the markup of the service already.
  texts?: Readonly<{ title?: string | undefined; text?: string | undefined }>
}>

const alertsMax = 20
const roomMin = 64

// Escapes make texts longer, so what is too long is said again in less room.
export function sayWithin<T>(message: Message, form: Form<T>): T {
  for (let room = form.max; ; ) {
    const made = form.make(say(message, form, room))
    const size = form.size(made)
    if (size <= form.max || room <= roomMin) return made
    room = Math.max(roomMin, Math.floor(Math.min(room * 0.9, (room * form.max) / size)))
  }
}

function say<T>(message: Message, form: Form<T>, room: number): Said {
  const tongue = tongueOf(message)
  const words = wordsOf(message, { alertsMax, charsMax: room, links: true })
  const link = words.lines.find(({ label }) => label === tongue.labels.link)?.text
  const lines = words.lines
    .filter(({ label }) => label !== tongue.labels.link)
    .map(({ label, text }) => ({ label: form.escape(label), text: form.escape(text) }))
  const titleMax = { utf16: form.titleMax ?? room }
  const { title, text } = form.texts ?? {}
  return {
    title:
      shorten(oneLine(title ?? ''), titleMax) ||
      form.escape(shorten(oneLine(titleOf(words, message)), titleMax)),
    lines: text === undefined ? lines : [{ label: '', text: shorten(text, { chars: room }) }],
    link: link !== undefined && /^https?:\/\//.test(link) && URL.canParse(link) ? link : undefined,
    linkLabel: tongue.open,
    colon: tongue.colon,
  }
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

// No service takes an empty one.
const titleOf = ({ title, lines }: Words, { receiver }: Message): string =>
  [title, ...lines.map(({ text }) => text), receiver].find(text => text.trim() !== '') ?? 'Plimsoll'

// How bad it is, for colours.
export type Tone = 'page' | 'normal' | 'low' | 'good' | 'neutral'

// Where a service takes any colour, for the bar beside what is said.
export const barColours: Readonly<Record<Tone, string>> = {
  page: '#d00000',
  normal: '#e8912d',
  low: '#daa038',
  good: '#2eb886',
  neutral: '#808080',
}

export function toneOf({ kind, status, urgency, alerts }: Message): Tone {
  if (kind === 'notice' || kind === 'canary') return 'neutral'
  if (status === 'firing') return urgency
  // Of what has no data any more nobody knows that it is well.
  return alerts.some(({ stale }) => stale) ? 'low' : 'good'
}

const nobody: At = { mobiles: [], users: [], all: false }

// Nobody is called because something ended, or to see whether the way works.
export const calledBy = ({ kind, status }: Message, at: At): At =>
  kind !== 'canary' && status === 'firing' ? at : nobody

// As many of them, from the first, as there is room for: a message that is too long calls nobody.
export function callsWithin<T>(calls: readonly T[], max: number, size: (call: T) => number): readonly T[] {
  let room = max
  let end = 0
  for (const call of calls) {
    room -= size(call)
    if (room < 0) break
    end += 1
  }
  return calls.slice(0, end)
}

export const isCalling = ({ mobiles, users, all }: At): boolean =>
  all || mobiles.length > 0 || users.length > 0

// Nothing in the address can end the link.
export const markdownLink = (label: string, link: string): string =>
  `[${label}](${link.replace(/[()<>[\]\\*`~|\s]/g, sign => `%${sign.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`)})`
