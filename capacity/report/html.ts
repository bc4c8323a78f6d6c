// A report as a page: one file without scripts or anything from outside, to look at, print and pass on. First what a
// manager reads, then the most urgent pools in full, then a line for each of the others. Called by routes and files.
import { coded, frame, type Html, html } from '#core/http/frame.ts'
import type { Language } from '#core/http/language.ts'
import { dayText } from '../days.ts'
import type { Making } from '../planner.ts'
import { type Words, wordsOf } from '../words.ts'
import { count, monthName } from './figures.ts'
import type { Around } from './html/around.ts'
import { poolSection } from './html/pool.ts'
import { rest } from './html/rest.ts'
import { summary } from './html/summary.ts'
import { inFullUsual } from './in-full.ts'
import type { PoolReport } from './pool-report.ts'
import { isRequestsCut, type Report } from './report-model.ts'
import { style } from './style.ts'

export type Shown = Readonly<{
  language: Language
  // To be passed on: no links to the service.
  isFile: boolean
  // How many pools are shown in full; left out: 40.
  inFull?: number
  // Earlier ones whose reports are kept, the newest first; left out: none are named.
  months?: readonly string[]
  // One of these, and no longer what is planned now.
  isPast?: boolean
}>

export function reportHtml(report: Report, shown: Shown): string {
  const { language, isFile, inFull = inFullUsual, months = [], isPast = false } = shown
  const words = wordsOf(language)
  const full = report.pools.slice(0, inFull)
  const places = new Map(full.map(({ name }, at) => [name, `#p${at + 1}`]))
  const others = new Set(report.pools.slice(inFull).map(({ name }) => name))
  const around: Around = {
    ...{ words, language, today: report.asOfDay + 1, isCut: isRequestsCut(report) },
    // One that has vanished has no page, and what was has none of its own.
    hrefOf: pool => places.get(pool) ?? (isFile || isPast || !others.has(pool) ? undefined : pathOf(pool)),
  }
  const title = words.title(monthName(report.month, language))
  const isAll = full.length === report.pools.length
  const body =
    report.pools.length === 0
      ? html`<h1>${title}</h1><p>${coded(words.empty)}</p>${!isFile && html`<p><a href="/">${words.home}</a></p>`}`
      : html`<div class="first"><h1>${title}</h1>
<p class="soft asof">${words.asOf(dayText(report.asOfDay), count(report.pools.length))}</p>
${!isFile && tools(report.month, { months, isPast, words })}
${summary(report, around)}</div>
<h2 class="begin">${words.urgent}</h2>
${!isAll && html`<p class="soft">${words.shown(count(full.length), count(report.pools.length))}</p>`}
${full.map((each, at) => poolSection(each, `p${at + 1}`, around))}
${rest(report.pools.slice(inFull), around)}`
  return pageOf({ title, body, language, isFile })
}

export function poolHtml(report: Report, pool: PoolReport, language: Language): string {
  const words = wordsOf(language)
  const around: Around = {
    ...{ words, language, today: report.asOfDay + 1, isCut: isRequestsCut(report) },
    hrefOf: () => undefined,
  }
  const title = words.titlePool(pool.name)
  const body = html`<p class="tools"><a href="/capacity">${words.links.report}</a></p>
${poolSection(pool, 'pool', around, 'h1')}`
  return pageOf({ title, body, language, isFile: false })
}

// In the place of a report that takes minutes to make.
export function makingHtml({ done, of }: Making, language: Language): string {
  const { title, text } = wordsOf(language).making
  const body = html`<h1>${title}</h1>
<p>${text(count(done), count(of))}</p>
<p><progress value="${String(done)}" max="${String(of)}"></progress></p>`
  return pageOf({ title, body, language, isFile: false })
}

type Paged = Readonly<{ title: string; body: Html; language: Language; isFile: boolean }>

export const pageOf = ({ title, body, language, isFile }: Paged): string =>
  frame({
    title,
    body,
    language,
    isFile,
    head: html`<style>${{ html: style(title, wordsOf(language)) }}</style>`,
  })

const pathOf = (pool: string): string => `/capacity/${encodeURIComponent(pool)}`

const formats = ['pdf', 'xlsx', 'csv', 'json', 'html'] as const

type Tools = Required<Pick<Shown, 'months' | 'isPast'>> & Readonly<{ words: Words }>

function tools(month: string, { months, isPast, words }: Tools): Html {
  const { links, whatIf } = words
  const to = (format: string): Html =>
    html`<a href="/api/plimsoll/v1/capacity/report?format=${format}&amp;month=${month}">${format.toUpperCase()}</a> `
  const first = isPast
    ? html`<a href="/capacity">${links.present}</a>`
    : html`<a href="/capacity/what-if">${whatIf.open}</a>`
  const others = months.filter(each => each !== month)
  const past = others.map(each => html`<a href="/capacity?month=${each}">${each}</a> `)
  return html`${isPast && html`<p class="soft">${links.isPast}</p>`}
<p class="tools">${first} · ${links.file}: ${formats.map(to)}</p>
${others.length > 0 && html`<p class="tools">${links.past}: ${past}</p>`}`
}
