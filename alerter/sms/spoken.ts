// What is read aloud to somebody who was asleep a moment ago: short, twice, numbers digit by digit. Called by
// voice-twilio; Aliyun and Tencent read templates of their own.
import type { Message } from '../message.ts'
import { shorten } from '../words/shorten.ts'
import { titleOf } from '../words/title.ts'
import { tongueOf } from '../words.ts'
import { withoutAddresses } from './without-addresses.ts'

const titleMax = 120

export function spokenText(message: Message): readonly string[] {
  const { spoken } = tongueOf(message)
  const title = withoutAddresses(titleOf(message, tongueOf(message)))
  // Signs that a voice would spell out, or choke on.
  const said = shorten(aloud(title, spoken.signs), { chars: titleMax })
    .replace(/[…•·"'<>{}[\]|\\^~`*_]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
  const number = message.incident === null ? '' : spoken.number([...String(message.incident)].join(' '))
  const taken = message.acknowledged !== undefined && message.status === 'firing' ? spoken.taken : ''
  return [spoken.greeting, `${said}${spoken.stop}`, number, taken].filter(text => text !== '')
}

// Before a number, where it compares; elsewhere it is markup.
const aloud = (title: string, signs: Readonly<Record<string, string>>): string =>
  title.replace(/\s*([<>]=?|[=!]=)\s*(?=[-+]?\d)/g, (found, sign: string) => signs[sign] ?? found)
