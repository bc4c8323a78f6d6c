// The lines that belong to alerts: an expression over the last hour, and of its series those that have the labels of an
// alert. Called by last-hour.ts.
import { metricName } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import type { SeriesSamples } from '#core/store.ts'
import type { Expr } from '#promql/ast.ts'
import { evaluate } from '#promql/evaluate.ts'
import type { Source } from '#promql/source.ts'
import { lineColours } from '../picture/look.ts'
import type { Line } from '../picture.ts'
import { lineNames } from './names.ts'
import { narrowed, wantedOf } from './narrow.ts'

// A phone shows no more points; many lines would only be a tangle with more.
export const stepMsFor = (lines: number): number => (lines === 1 ? 15_000 : 30_000)

// What is beyond would be late anyway.
const limits = { samples: 2_000_000, series: 2_000, timeMs: 1_000 }
const linesMax = 20
// db-2 before db-14.
const collator = new Intl.Collator('en', { numeric: true })

export type Asked = Readonly<{
  alerts: readonly Labels[]
  source: Source
  question: Readonly<{ startMs: number; endMs: number; stepMs: number }>
  // Compared with a number, a series gives all its labels to its alert; compared with another one, perhaps some of them.
  hasAll: boolean
  signal: AbortSignal
}>

// The first alerts come first, by name where they have colours.
export async function linesOf(expr: Expr, asked: Asked): Promise<readonly Line[]> {
  const { alerts, source, question, signal } = asked
  const { value } = await evaluate(narrowed(expr, wantedOf(alerts)), source, question, { limits, signal })
  if (value.kind !== 'matrix') return []
  const found = new Set<SeriesSamples>()
  for (const labels of alerts)
    for (const each of value.series) if (isOf(each.series.labels, labels, asked)) found.add(each)
  const drawn = [...found].slice(0, linesMax)
  const names = lineNames(drawn.map(({ series }) => series.labels))
  const lines = drawn.map(({ tMs, values }, nth) => ({ name: names[nth]!, tMs, values }))
  const byName = (one: Line, other: Line): number => collator.compare(one.name, other.name)
  return [...lines.slice(0, lineColours.length).sort(byName), ...lines.slice(lineColours.length)]
}

// An alert has the labels of its series, and those that its rule adds. One of another monitoring may be about a metric that
// is called as ours is: a line of another machine would be worse than none.
function isOf(series: Labels, alert: Labels, { hasAll }: Pick<Asked, 'hasAll'>): boolean {
  const own = Object.entries(series).filter(([name]) => name !== metricName)
  const shared = own.filter(([name]) => alert[name] !== undefined)
  if (hasAll ? shared.length < own.length : own.length > 0 && shared.length === 0) return false
  return shared.every(([name, value]) => alert[name] === value)
}
