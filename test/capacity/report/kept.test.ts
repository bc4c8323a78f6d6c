// A report that is kept reads as it was: in every form, in both languages, with all that JSON cannot say.
import { expect, onTestFinished, test } from 'vitest'
import { openForecaster } from '../../../capacity/forecast/forecaster.ts'
import { reportCsv } from '../../../capacity/report/csv.ts'
import { reportHtml } from '../../../capacity/report/html.ts'
import { reportJson } from '../../../capacity/report/json.ts'
import { headText, poolsText, readHead, readPools, reportFrom } from '../../../capacity/report/kept.ts'
import { type Report, reportOf } from '../../../capacity/report/report-model.ts'
import { lineOf, planOf, pooled, poolOf, requestOf, today } from '../requests/made.ts'
import { believableReport } from './reported.ts'

const again = (report: Report, inPiece = 7): Report => {
  const pools: ReturnType<typeof readPools>[number][] = []
  for (let at = 0; at < report.pools.length; at += inPiece)
    pools.push(...readPools(poolsText(report.pools.slice(at, at + inPiece), at)))
  return reportFrom(readHead(headText(report)), pools)
}

test('what was kept is the same report, on every page and in every file', async () => {
  const report = await believableReport()
  const read = again(report)
  for (const language of ['en', 'zh'] as const) {
    expect(
      reportHtml(read, { language, isFile: true }) === reportHtml(report, { language, isFile: true }),
    ).toBe(true)
    expect(reportJson(read, language) === reportJson(report, language)).toBe(true)
  }
  expect(reportCsv(read)).toBe(reportCsv(report))
  // Spreadsheets are made of the pools themselves. Of what was compared only those are kept that somebody may be shown.
  const { accuracy } = report.summary
  const lines = accuracy.lines.slice(0, 20)
  expect(read).toEqual({ ...report, summary: { ...report.summary, accuracy: { ...accuracy, lines } } })
})

test('numbers that are none, and texts that look like them, come back as they went', () => {
  const line = lineOf('#NaN', 1, { level: Number.NaN, usedNow: Number.POSITIVE_INFINITY })
  const plan = planOf([
    pooled('#NaN', 1, { pool: poolOf('#NaN', { labels: { owner: '##1' } }), lines: [line] }),
  ])
  const requests = [requestOf({ pool: '#NaN', why: '#Infinity' })]
  const read = again(reportOf({ plan, requests, before: null }))
  expect(read.pools[0]).toMatchObject({
    ...{ name: '#NaN', pool: { labels: { owner: '##1' } }, requests: [{ why: '#Infinity' }] },
    resources: [{ plan: { level: Number.NaN, usedNow: Number.POSITIVE_INFINITY } }],
  })
})

test('pools that no page shows in full are kept without their days', () => {
  const plan = planOf(Array.from({ length: 42 }, (_, at) => pooled(`p${String(at).padStart(2, '0')}`, 1)))
  const report = reportOf({ plan, requests: [], before: null })
  const { pools } = again(report)
  const days = pools.map(({ resources }) => resources[0]!.plan.demand.values.length)
  expect(days).toEqual([...Array<number>(40).fill(60), 0, 0])
  const shown = { language: 'en', isFile: true } as const
  expect(reportHtml(again(report), shown) === reportHtml(report, shown)).toBe(true)
})

test('what a newer version has kept is refused, not guessed at', () => {
  const text = headText(reportOf({ plan: planOf([]), requests: [], before: null }))
  expect(() => readHead(text.replace('"v":1', '"v":2'))).toThrow('found v 2')
})

test('what a forecaster finds is kept with its forecasts, though it looks for it when it is asked', async () => {
  const forecaster = openForecaster()
  onTestFinished(() => forecaster.close())
  const values = Float64Array.from({ length: 60 }, (_, at) => (at < 40 ? 10 : 100) + (at % 3))
  const days = { firstDay: today - 60, values }
  const asked = { demand: days, supply: days, limit: 70, horizonDays: 70, factors: new Map() }
  const [forecast] = await forecaster.forecast([{ ...asked, method: 'linear' }])
  // Some of them are kept without their days.
  const pools = Array.from({ length: 42 }, (_, at) => {
    const name = `p${String(at).padStart(2, '0')}`
    return pooled(name, 1, { lines: [lineOf(name, 1, { forecast: forecast! })] })
  })
  const report = reportOf({ plan: planOf(pools), requests: [], before: null })
  const kindsOf = (of: Report) =>
    of.pools.map(({ resources }) => resources[0]!.plan.forecast!.findings.map(({ kind }) => kind))
  expect(kindsOf(report)[0]).toContain('level_shift')
  expect(kindsOf(again(report))).toEqual(kindsOf(report))
  expect(reportCsv(again(report))).toBe(reportCsv(report))
})
