// What every piece of a page of this room is handed besides what it shows. Called by the files of this folder.
import { type Html, html } from '#core/http/frame.ts'
import type { Language } from '#core/http/language.ts'
import { dayText } from '../../days.ts'
import type { Words } from '../../words.ts'
import { digits } from '../figures.ts'
import type { PoolReport } from '../pool-report.ts'

export type Around = Readonly<{
  words: Words
  language: Language
  // The first day that is not measured whole.
  today: number
  // Not all requests are in the report.
  isCut: boolean
  // Where a pool stands: an anchor of this page, a page of its own, or nowhere.
  hrefOf(pool: string): string | undefined
}>

export const nameOf = (pool: string, { hrefOf }: Around): Html => {
  const href = hrefOf(pool)
  return href === undefined ? html`${pool}` : html`<a href="${href}">${pool}</a>`
}

// `2026-12-14` and, softly, `in 20 days`.
export function dayWith(day: number | null, { words, today }: Around): Html {
  if (day === null) return html`<span class="soft">${words.notSoon}</span>`
  return html`<span class="day">${dayText(day)}</span> <span class="soft">${words.inDays(day - today)}</span>`
}

// How full: the used share as a bar with a mark where the waterline is.
export function levelBar(level: number, waterline: number): Html | undefined {
  if (!Number.isFinite(level)) return undefined
  const [used, line] = [level, waterline].map(
    share => Math.round(Math.min(1, Math.max(0, share)) * 1_000) / 10,
  )
  const kind = level >= waterline ? 'bar over' : 'bar'
  return html`<svg class="${kind}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="whole" width="100" height="10"/><rect class="used" width="${used!}" height="10"/><path d="M${line!} 0V10"/></svg>`
}

export const shareText = (share: number): string => `${digits(share * 100)} %`

// The resource that decides, else the first.
export const bindingOf = ({ resources }: PoolReport): PoolReport['resources'][number] | undefined =>
  resources.find(({ isBinding }) => isBinding) ?? resources[0]
