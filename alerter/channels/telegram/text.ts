// What a message looks like in Telegram's HTML. Called by index.ts.
import type { At } from '../../http-settings.ts'
import { callsWithin, type Said, type Tone } from '../../said.ts'

const marks: Readonly<Record<Tone, string>> = {
  page: '🔴',
  normal: '🟠',
  low: '🟡',
  good: '🟢',
  neutral: '🔵',
}

// A name with an @ calls its owner, markup or not; with a sign between that nobody sees it is none.
export const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('@', '@\u200b')

export const htmlOf = ({ title, lines, colon }: Said, tone: Tone, calls: string): string =>
  [
    `${marks[tone]} <b>${title}</b>`,
    ...lines.map(({ label, text }) => (label === '' ? text : `<b>${label}</b>${colon}${text}`)),
    ...(calls === '' ? [] : [calls]),
  ].join('\n')

export const callsText = ({ users }: At, max: number): string =>
  callsWithin(users.map(callOf), max, call => shownLength(call) + 1).join(' ')

// Of our HTML only what people see is counted.
export const shownLength = (html: string): number => html.replace(/<[^>]*>/g, '').length

const callOf = (user: string): string =>
  /^\d+$/.test(user) ? `<a href="tg://user?id=${user}">${user}</a>` : `@${user.replace(/^@/, '')}`
