// The report: as a page at /capacity, of one pool below it, side by side with what somebody supposes, and as a file in five
// forms. Called by bin/, which says what a report is made of.
import { z } from 'zod'
import type { Clock } from '#core/clock.ts'
import { errors, Failure } from '#core/errors.ts'
import { type Language, languageOf, languages } from '#core/http/language.ts'
import { page } from '#core/http/page.ts'
import { text, texts } from '#core/http/parameters.ts'
import { type Answer, type Call, type Route, route } from '#core/http/route.ts'
import { guessed } from '#core/nearest.ts'
import { dayOf, plannedMonth } from '../days.ts'
import type { Planner } from '../planner.ts'
import { reportCsv } from '../report/csv.ts'
import { whatIfHtml } from '../report/html/what-if.ts'
import { makingHtml, poolHtml, reportHtml } from '../report/html.ts'
import { reportJson } from '../report/json.ts'
import { reportPdf } from '../report/pdf.ts'
import type { Report } from '../report/report-model.ts'
import { assumptionsOf, compare, type Variant } from '../report/what-if.ts'
import { reportXlsx } from '../report/xlsx.ts'
import type { Supposed } from '../what-if.ts'
import { wordsOf } from '../words.ts'
import { openTurns, type Turns } from './turns.ts'

export type ReportRouteOptions = Readonly<{
  // Of the month that is planned for now, or of an earlier one; a Failure says that there is none.
  report(month: string | undefined, signal: AbortSignal): Promise<Report>
  // Whose reports are kept, the newest first.
  months(): Promise<readonly string[]>
  planner: Planner
  clock: Clock
  zone: string
  // Of readers who do not say.
  language: Language
  // That prints PDF; left out: one of the usual names.
  browser?: string | undefined
}>

const formats = ['html', 'pdf', 'xlsx', 'csv', 'json'] as const

const month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month like 2026-12')
  .optional()
  .describe(
    'The month that it orders for; left out: that of the present plan. Earlier ones are as their last run has kept them, two years of them.',
  )
const pageAsked = z.object({ month })
const fileAsked = z.object({
  format: z.enum(formats).default('html').describe('The form of the file; left out: html.'),
  month,
  language: z.enum(languages).optional().describe("Of its words; left out: the reader's."),
})
type FileAsked = z.output<typeof fileAsked>

const supposed = z.object({
  growth: text('What demand is multiplied by, like 1.2, or a share like 20%.').optional(),
  event: texts('Days and a factor: 2026-11-10..2026-11-12=2.5, with a name before them.').optional(),
  waterline: text('Another one for every resource, like 70%.').optional(),
  lead_time: text('Between order and use, like 30d.').optional(),
  unit_capacity: texts('What a new unit has of a resource: cpu=64.').optional(),
  pool: texts('Only these.').optional(),
})
type Asked = z.output<typeof supposed>

const patienceMs = 2_000
const againS = 3

export function reportRoutes(options: ReportRouteOptions): readonly Route[] {
  const readerOf = ({ headers }: Pick<Call, 'headers'>): Language =>
    languageOf(headers['accept-language'], options.language)
  // A browser takes as much memory as this whole service, and a large spreadsheet too.
  const files = openTurns({ atOnce: 1, what: 'another report is' })
  const supposing = openTurns({ atOnce: 2, what: 'other plans of what would be are' })
  // Nobody looks at an empty window for minutes.
  const shown = async (
    call: Pick<Call, 'headers' | 'signal'>,
    htmlOf: (report: Report) => string,
  ): Promise<Answer> => {
    const { clock, planner } = options
    const waited = new AbortController()
    const report = options.report(undefined, call.signal).finally(() => waited.abort())
    await clock.sleep(patienceMs, waited.signal).catch(() => undefined)
    const making = waited.signal.aborted ? null : planner.making()
    if (making === null) return page(htmlOf(await report))
    report.catch(() => undefined)
    const headers = { 'retry-after': String(againS), refresh: String(againS) }
    return page(makingHtml(making, readerOf(call)), { status: 202, headers })
  }
  return [
    route<z.output<typeof pageAsked>, unknown>({
      method: 'GET',
      path: '/capacity',
      scope: 'read',
      summary: 'The capacity report as a page; of an earlier month, as it was then.',
      query: pageAsked,
      async handle(call) {
        const { month: asked } = call.query
        const present = plannedMonth(dayOf(options.zone, options.clock.nowMs()))
        const months = (await options.months()).filter(each => each !== present)
        const usual = { language: readerOf(call), isFile: false, months }
        if (asked === undefined || asked === present) return shown(call, report => reportHtml(report, usual))
        return page(reportHtml(await options.report(asked, call.signal), { ...usual, isPast: true }))
      },
    }),
    route({
      method: 'GET',
      path: '/capacity/what-if',
      scope: 'read',
      summary: 'The plan as it is beside what it would be, as a page.',
      query: supposed,
      handle: ({ query, signal, headers }) =>
        whatIf(query, readerOf({ headers }), { planner: options.planner, supposing, signal }),
    }),
    route({
      method: 'GET',
      path: '/capacity/:pool',
      scope: 'read',
      summary: 'One pool of the capacity report as a page.',
      handle: call =>
        shown(call, report => poolHtml(report, poolOf(report, call.params['pool'] ?? ''), readerOf(call))),
    }),
    route({
      method: 'GET',
      path: '/api/plimsoll/v1/capacity/report',
      scope: 'read',
      summary: 'The capacity report as a file: html, pdf, xlsx, csv or json.',
      query: fileAsked,
      handle: async call => {
        const { format, month: asked, language = readerOf(call) } = call.query
        const report = await options.report(asked, call.signal)
        return file(
          report,
          { format, language },
          { browser: options.browser, turns: files, signal: call.signal },
        )
      },
    }),
  ]
}

function poolOf({ pools }: Report, name: string): Report['pools'][number] {
  const found = pools.find(each => each.name === name)
  if (found !== undefined) return found
  const names = pools.map(each => each.name)
  throw new Failure('not_found', `no pool is called ${name}${guessed(name, names)}`)
}

type Supposing = Readonly<{ planner: Planner; supposing: Turns; signal: AbortSignal }>

async function whatIf(
  said: Supposed & Pick<Asked, 'pool'>,
  language: Language,
  { planner, supposing, signal }: Supposing,
): Promise<Answer> {
  const words = wordsOf(language)
  try {
    const pools = (said.pool ?? []).filter(each => each.trim() !== '')
    const only = pools.length === 0 ? {} : { pools }
    const assumptions = assumptionsOf(said, words)
    if (assumptions.length === 0) return page(whatIfHtml({ said, comparison: null, language }))
    const variants = await supposing.take(async () => {
      const made: Variant[] = [{ name: words.whatIf.asItIs, plan: await planner.suppose(only, { signal }) }]
      // One after the other: each may keep the workers busy.
      for (const { name, whatIf } of assumptions)
        made.push({ name, plan: await planner.suppose({ ...whatIf, ...only }, { signal }) })
      return made
    }, signal)
    return page(whatIfHtml({ said, comparison: compare(variants), language }))
  } catch (error) {
    if (!(error instanceof Failure) || !['bad_request', 'not_found'].includes(error.code)) throw error
    // What was typed stays there to be mended.
    const { status } = errors[error.code]
    return page(whatIfHtml({ said, comparison: null, fault: error.detail, language }), { status })
  }
}

type Form = Readonly<{ format: FileAsked['format']; language: Language }>
type Printing = Readonly<{
  browser: string | undefined
  turns: Turns
  signal: AbortSignal
}>

const types: Readonly<Record<FileAsked['format'], string>> = {
  html: 'text/html; charset=utf-8',
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
}

async function file(report: Report, { format, language }: Form, printing: Printing): Promise<Answer> {
  // CSV is the same in every language.
  const name = `capacity-${report.month}${format === 'csv' ? '' : `-${language}`}.${format}`
  const asFile = { 'content-type': types[format], 'content-disposition': `attachment; filename="${name}"` }
  const asPage = (): string => reportHtml(report, { language, isFile: true })
  if (format === 'html') return page(asPage())
  if (format === 'csv') return { headers: asFile, body: reportCsv(report) }
  if (format === 'json')
    return { headers: { 'content-type': types.json }, body: reportJson(report, language) }
  const { browser, turns, signal } = printing
  const work =
    format === 'xlsx'
      ? () => reportXlsx(report, language, signal)
      : () => reportPdf(asPage(), { browser, signal })
  return { headers: asFile, body: await turns.take(work, signal) }
}
