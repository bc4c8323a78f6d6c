// What a message looks like in Telegram's HTML. Called by index.ts.
import type { At } from '../../http-settings.ts'
import type { Said, Tone } from '../../said.ts'

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

export const htmlOf = ({ title, lines, colon }: Said, tone: Tone, called: At): string =>
  [
    `${marks[tone]} <b>${title}</b>`,
    ...lines.map(({ label, text }) => (label === '' ? text : `<b>${label}</b>${colon}${text}`)),
    ...(called.users.length === 0 ? [] : [called.users.map(callOf).join(' ')]),
  ].join('\n')

const callOf = (user: string): string =>
  /^\d+$/.test(user) ? `<a href="tg://user?id=${user}">${user}</a>` : `@${user.replace(/^@/, '')}`
