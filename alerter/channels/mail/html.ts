// The part of a mail that is read on screens: all styles inside of it, nothing fetched from anywhere, no colour that a
// dark background swallows. Called by compose.ts.

import type { Message } from '../../message.ts'
import { type Tone, toneOf } from '../../said.ts'
import { tongueOf, type Words } from '../../words.ts'

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, sign => signs[sign] ?? '')

// Each is told from black and from white alike.
const colours: Readonly<Record<Tone, string>> = {
  page: '#d92d20',
  normal: '#dc6803',
  low: '#667085',
  good: '#12873d',
  neutral: '#2970ff',
}

const font =
  "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',sans-serif"
const address = /^https?:\/\/\S+$/

export function htmlOf(message: Message, words: Words, pictureId: string | undefined): string {
  const colour = colours[toneOf(message)]
  const tongue = tongueOf(message)
  const { labels } = tongue
  const rows = words.lines.filter(({ label }) => label !== labels.link).map(rowOf)
  const link = words.lines.find(({ label, text }) => label === labels.link && address.test(text))
  const lang = message.language === 'zh' ? 'zh-CN' : 'en'
  return [
    `<!doctype html><html lang="${lang}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(words.title)}</title></head>`,
    `<body style="margin:0;padding:16px;${font};font-size:15px;line-height:1.45">`,
    `<div style="max-width:640px;border-left:6px solid ${colour};padding:4px 0 4px 14px">`,
    `<h1 style="margin:0 0 12px;font-size:19px;line-height:1.3">${escapeHtml(words.title)}</h1>`,
    `<table role="presentation" cellpadding="0" cellspacing="0" style="border-collapse:collapse;${font};font-size:15px">`,
    ...rows,
    '</table>',
    ...(link === undefined ? [] : [button(link.text, colour, labels.link)]),
    ...(pictureId === undefined ? [] : [picture(pictureId, tongue.lastHour)]),
    '</div></body></html>',
  ].join('\n')
}

const cell = 'padding:2px 12px 2px 0;vertical-align:top'

function rowOf({ label, text }: Words['lines'][number]): string {
  const said = escapeHtml(text).replaceAll('\n', '<br>')
  const shown = address.test(text) ? `<a href="${escapeHtml(text)}">${said}</a>` : said
  if (label === '') return `<tr><td colspan="2" style="${cell}">${shown}</td></tr>`
  return `<tr><td style="${cell};opacity:.7;white-space:nowrap">${escapeHtml(label)}</td><td style="${cell};word-break:break-word">${shown}</td></tr>`
}

const button = (link: string, colour: string, label: string): string =>
  `<p style="margin:16px 0 0"><a href="${escapeHtml(link)}" style="display:inline-block;padding:8px 16px;border:2px solid ${colour};border-radius:6px;color:${colour};text-decoration:none;font-weight:600">${escapeHtml(label)}</a><br><span style="font-size:13px;opacity:.7">${escapeHtml(link)}</span></p>`

// Light on any background, so its corners are round.
const picture = (id: string, alt: string): string =>
  `<p style="margin:16px 0 0"><img src="cid:${id}" alt="${escapeHtml(alt)}" width="600" style="display:block;max-width:100%;height:auto;border-radius:8px"></p>`
