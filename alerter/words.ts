// What a message says, before a channel has given it a form: a title for the lock screen, and lines. Called by channels.
import type { Message } from './message.ts'
import { whoText } from './words/acknowledged.ts'
import { en } from './words/en.ts'
import { fieldsOf } from './words/fields.ts'
import { fitted } from './words/fitted.ts'
import { titleOf } from './words/title.ts'
import type { Tongue } from './words/tongue.ts'
import { zh } from './words/zh.ts'

export { shorten } from './words/shorten.ts'
export { isolates } from './words/tidy.ts'

// A label may be empty; then the text stands alone.
export type Line = Readonly<{ label: string; text: string }>
// `plain` is all of it as text, within the limits.
export type Words = Readonly<{ title: string; lines: readonly Line[]; plain: string }>

// How many alerts or values are named, how long the whole may be, and whether addresses may be in it.
export type Limits = Readonly<{ alertsMax: number; charsMax?: number; bytesMax?: number; links: boolean }>

const tongues: Readonly<Record<Message['language'], Tongue>> = { en, zh }

export const tongueOf = ({ language }: Pick<Message, 'language'>): Tongue => tongues[language]

export function wordsOf(message: Message, limits: Limits): Words {
  const tongue = tongueOf(message)
  const { title, lines } = fitted(
    titleOf(message, tongue),
    fieldsOf(message, tongue, limits),
    {
      ...(limits.charsMax !== undefined && { chars: limits.charsMax }),
      ...(limits.bytesMax !== undefined && { bytes: limits.bytesMax }),
    },
    tongue.colon,
  )
  return { title, lines, plain: plainOf(title, lines, tongue.colon) }
}

// In the words of messages; nothing where nobody has.
export const acknowledgedBy = (message: Message): string =>
  message.acknowledged === undefined ? '' : whoText(message.acknowledged.by, tongueOf(message))

export const plainOf = (title: string, lines: readonly Line[], colon: string): string =>
  [title, ...lines.map(({ label, text }) => (label === '' ? text : `${label}${colon}${text}`))].join('\n')
