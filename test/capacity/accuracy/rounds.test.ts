// Scores against numbers worked out by hand; and the whole protocol on a series whose best method is known.
import { readFileSync } from 'node:fs'
import { linearRegression } from 'simple-statistics'
import { expect, test } from 'vitest'
import { dailyPeaks } from '../../../capacity/accuracy/daily-peaks.ts'
import { predictLinear } from '../../../capacity/accuracy/predict-linear.ts'
import { readSeries } from '../../../capacity/accuracy/read-series.ts'
import { judgeAll, judgedNames, type Table } from '../../../capacity/accuracy/rounds.ts'
import { withTable } from '../../../capacity/accuracy/run.ts'
import { scoresOf, seasonalScale } from '../../../capacity/accuracy/scores.ts'
import { pooled, reportText } from '../../../capacity/accuracy/table.ts'
import { findingKinds } from '../../../capacity/forecast.ts'
import { methodNames } from '../../../capacity/pool.ts'
import { gaussOf, randomOf, week } from '../forecast/made-lines.ts'

const of = (...values: number[]): Float64Array => Float64Array.from(values)

test('scores are those of the definitions', () => {
  const said = { likely: of(10, 20), low: of(8, 12), high: of(14, 22) }
  const found = scoresOf(said, of(15, 20), 2)!
  expect(found.mase).toBeCloseTo(1.25)
  expect(found.smape).toBeCloseTo(0.2)
  expect(found.coverage).toBe(0.5)
  // 0.05 of what is above the lower edge: 7 and 8; half of what is off the middle: 5 and 0; 0.95 of 1 above the upper, 0.05 of 2 below.
  expect(found.pinball).toEqual([expect.closeTo(0.1875), expect.closeTo(0.625), expect.closeTo(0.2625)])
  expect(scoresOf(said, of(Number.NaN, 20), 2)!.mase).toBe(0)
  expect(scoresOf(said, of(Number.NaN, Number.NaN), 2)).toBeNull()
  expect(scoresOf(said, of(1, 2), 0)).toBeNull()
  expect(seasonalScale(of(1, 2, 4, 8), 2)).toBe(4.5)
})

const dayMs = 86_400_000
const from = 20_000

test('predict_linear is the regression over all samples', () => {
  const tMs = Float64Array.from({ length: 240 }, (_, hour) => from * dayMs + hour * 3_600_000)
  const values = tMs.map((_, hour) => 5 + 0.1 * hour + (hour % 5))
  const { m, b } = linearRegression([...values.entries()])
  const found = predictLinear(
    { tMs, values },
    { zone: 'UTC', fromDay: from, firstDay: from + 10, horizonDays: 2 },
  )
  expect(found[0]).toBeCloseTo(b + m * 264)
  expect(found[1]).toBeCloseTo(b + m * 288)
})

test('judges all methods on the same windows; short series by what came; tables say so', async () => {
  const random = randomOf(4)
  const line = (days: number): string =>
    Array.from({ length: days }, (_, day) => `${from + day}`)
      .map((day, at) => `${Number(day) * 86_400},${200 + 2 * at + week[at % 7]! + 2 * gaussOf(random)}`)
      .join('\n')
  const files = [110, 75, 40].map(days => {
    const series = readSeries(line(days))
    return { name: `${days}.csv`, series, days: dailyPeaks(series, 'UTC') }
  })
  const protocol = { window: 60, horizon: 30, season: 7, stride: 10, zone: 'UTC' }
  const found = await judgeAll(files, protocol)
  expect(found.map(({ days, windows }) => [days, windows])).toEqual([
    [110, 3],
    [75, 1],
    [40, 0],
  ])
  const table = found[0]!.scores!
  expect(Object.keys(table)).toEqual([...judgedNames])
  // It is a line with a week, so that method is the best, and the naive ones are not.
  expect(table.seasonal_linear.mase).toBeLessThan(0.5 * table.seasonal_naive.mase)
  expect(table.auto.mase).toBeLessThan(0.7 * table.seasonal_naive.mase)
  expect(table.predict_linear.coverage).toBeNaN()
  expect(pooled(found)!.auto.mase).toBeCloseTo((table.auto.mase + found[1]!.scores!.auto.mase) / 2)
  const text = reportText(found, protocol)
  expect(text).toContain('40 days: too short')
  expect(text).toContain('% better in MASE than the best naive method')
  expect(text.match(/^\| `auto`/gm)).toHaveLength(3)
})

test('names the methods whose bands hold too little or too much, by the figures of the table', () => {
  const scores = { smape: 0, mase: 1, pinball: [0, 0, 0] as const }
  const tableOf = (coverages: Readonly<Record<string, number>>): Table =>
    Object.fromEntries(
      judgedNames.map(name => [name, { ...scores, coverage: coverages[name] ?? 0.9 }]),
    ) as Table
  const t = (coverages: Readonly<Record<string, number>>, wanted: string) => {
    const file = { name: 'a', days: 200, windows: 5, stride: 1, scores: tableOf(coverages) }
    const text = reportText([file], {
      ...{ window: 60, horizon: 30, season: 7, stride: undefined, zone: 'UTC' },
    })
    expect(text.split('\n### a\n')[0], wanted).toContain(`\n\n${wanted}\n`)
  }

  const no = { predict_linear: Number.NaN }
  t(no, 'All 90 % bands hold 87 to 93 % of the days.')
  t(
    { ...no, mstl: 0.8324, damped: 0.8696, naive: 0.9304, auto: 0.93, linear: 0.87 },
    'The 90 % bands of these hold fewer than 87 or more than 93 % of the days, all others are within: `mstl` (83.2 %).',
  )
  t(
    { ...no, mstl: 0.8324, damped: 0.8694, naive: 0.9306 },
    'The 90 % bands of these hold fewer than 87 or more than 93 % of the days, all others are within: `damped` (86.9 %), `mstl` (83.2 %), `naive` (93.1 %).',
  )
})

test('docs/forecasting.md says so of its own table', () => {
  const [, whole = ''] = readFileSync('docs/forecasting.md', 'utf8').split('\n### All series\n')
  const [, table = '', below = ''] = /\n(\| method.*?)\n\n(.*?)\n/s.exec(whole) ?? []
  const rows = [...table.matchAll(/^\| `(\w+)` *\|[^|]*\|[^|]*\| *([\d.]+|–) \|/gm)]
  expect(rows.map(([, name]) => name)).toEqual([...judgedNames])
  const outside = rows.filter(([, , share]) => Number(share) < 87 || Number(share) > 93)
  const named = [...below.matchAll(/`(\w+)` \(([\d.]+) %\)/g)]
  expect(named.map(([, name, share]) => [name, share])).toEqual(
    outside.map(([, name, share]) => [name, share]),
  )
  if (outside.length === 0) expect(below).toBe('All 90 % bands hold 87 to 93 % of the days.')
})

test('docs/forecasting.md explains every method and every finding, and no other', () => {
  const page = readFileSync('docs/forecasting.md', 'utf8')
  const under = (title: string): string[] => {
    const part = page.split(`\n## ${title}\n`)[1]!.split('\n## ')[0]!
    return [...part.matchAll(/^### `(\w+)`$/gm)].map(found => found[1]!).sort()
  }
  expect(under('Methods')).toEqual([...methodNames, 'auto'].sort())
  expect(under('Findings')).toEqual([...findingKinds].sort())
  for (const name of judgedNames) expect(page).toMatch(new RegExp(`^\\| \`${name}\``, 'm'))
  expect(withTable('a <!-- accuracy --> b <!-- end of accuracy --> c', 'T')).toBe(
    'a <!-- accuracy -->\n\nT\n\n<!-- end of accuracy --> c',
  )
  expect(() => withTable('nothing', 'T')).toThrow('wanted the marks')
})
