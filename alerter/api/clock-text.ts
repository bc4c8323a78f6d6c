// When something happened, to the second, for lists in which people compare times. Called by the pages of the alerter and
// by the words of why.
import { type Html, html } from '#core/http/frame.ts'
import type { Language } from '#core/http/language.ts'
import { offsetMs } from '#core/zone.ts'

export type Here = Readonly<{ timeZone: string; nowMs: number }>

// `12:03:05`, with the day before it where it is another one.
export function clockText(atMs: number, { timeZone, nowMs }: Here): string {
  const [day, time] = shown(atMs, timeZone)
  return day === shown(nowMs, timeZone)[0] ? time : `${day} ${time}`
}

// On a page, which says the zone once.
export const clockTime = (atMs: number, here: Here): Html =>
  html`<time datetime="${new Date(atMs).toISOString()}">${clockText(atMs, here)}</time>`

const zoneWords = { en: 'Times: ', zh: '时区：' } as const

export const zoneText = ({ timeZone, language }: Here & Readonly<{ language: Language }>): string =>
  zoneWords[language] + timeZone

function shown(atMs: number, timeZone: string): readonly [day: string, time: string] {
  // Of the year 10000, which somebody means by `for ever`, the day is longer.
  const [day = '', time = ''] = new Date(atMs + offsetMs(timeZone, atMs)).toISOString().split('T')
  return [day.replace(/^\+0*/, ''), time.slice(0, 8)]
}
