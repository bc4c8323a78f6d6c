// How samples look to a person: what all series share is said once, what differs becomes columns, the newest stands
// on top. Called by commands/query.ts.
import { shown } from '#core/shown.ts'
import { type Column, csvTable, tableText, widthOf } from './table.ts'
import { timeText } from './when.ts'

// One series as Prometheus' API answers it: times in seconds, numbers as text.
export type Found = Readonly<{
  metric: Readonly<Record<string, string>>
  value?: readonly [number, string]
  values?: readonly (readonly [number, string])[]
}>

export type View = Readonly<{ timeZone: string; columns: number; isTerminal: boolean }>

type Metric = Found['metric']

type Line = Readonly<{ metric: Metric; tMs: number; value: string }>

const nameLabel = '__name__'
export const title = (label: string): string => (label === nameLabel ? 'name' : label)

function linesOf(found: readonly Found[]): Line[] {
  return found
    .toSorted(byMetric)
    .flatMap(({ metric, value, values = value === undefined ? [] : [value] }) =>
      values
        .map(([tS, text]) => ({ metric, tMs: Math.round(tS * 1_000), value: text }))
        .toSorted((a, b) => b.tMs - a.tMs),
    )
}

const collator = new Intl.Collator('en', { numeric: true })

// By name, then by labels; cpu2 before cpu10.
export function byMetric({ metric: a }: Found, { metric: b }: Found): number {
  for (const label of labelsIn([a, b])) {
    const order = collator.compare(a[label] ?? '', b[label] ?? '')
    if (order !== 0) return order
  }
  return 0
}

// The name first, the others by theirs.
function labelsIn(metrics: readonly Metric[]): string[] {
  const labels = new Set(metrics.flatMap(metric => Object.keys(metric)))
  return [...labels].sort((a, b) => (a === nameLabel ? -1 : b === nameLabel ? 1 : a < b ? -1 : 1))
}

export const labelText = (metric: Metric, labels: readonly string[]): string =>
  labels.flatMap(label => (metric[label] === undefined ? [] : [`${title(label)}=${metric[label]}`])).join(' ')

export function samplesText(found: readonly Found[], view: View): string {
  const lines = linesOf(found)
  const { heading, differing } = parted(found)
  const asOfMs = momentOf(found)
  const isOne = asOfMs !== undefined
  const time: readonly Column[] = isOne ? [] : [{ title: `time (${view.timeZone})` }]
  const value: Column = { title: 'value', right: true }
  const tail = ({ value: text, tMs }: Line): string[] => [
    readable(text),
    ...(isOne ? [] : [timeText(tMs, view.timeZone)]),
  ]

  const table = tableText(
    [...differing.map(label => ({ title: title(label) })), value, ...time],
    lines.map(line => [...differing.map(label => line.metric[label] ?? ''), ...tail(line)]),
  )
  const fits = !view.isTerminal || widthOf(table.slice(0, table.indexOf('\n'))) <= view.columns
  const narrow = (): string =>
    tableText(
      [{ title: 'series' }, value, ...time],
      lines.map(line => [labelText(line.metric, differing), ...tail(line)]),
    )
  const asOf = isOne ? `, as of ${timeText(asOfMs, view.timeZone)} (${view.timeZone})` : ''
  return `${heading}${asOf}\n${fits || differing.length < 2 ? table : narrow()}`
}

// What all share, as a heading, and the labels that tell them apart.
export function parted(found: readonly Found[]): Readonly<{ heading: string; differing: readonly string[] }> {
  const metrics = found.map(({ metric }) => metric)
  const labels = labelsIn(metrics)
  const differing = labels.filter(label => metrics.some(metric => metric[label] !== metrics[0]?.[label]))
  const shared = labels.filter(label => !differing.includes(label))
  return { heading: heading(metrics, shared), differing }
}

// An answer for one moment carries that moment, not the times of its samples: said once, above them, it does not
// look like theirs.
function momentOf(found: readonly Found[]): number | undefined {
  const times = new Set(found.map(({ value }) => value?.[0]))
  const [tS] = times
  return times.size === 1 && tS !== undefined ? Math.round(tS * 1_000) : undefined
}

// Digits that no instrument has measured only hide the others; CSV and JSON have them all.
export function readable(value: string): string {
  const number = Number(value)
  const isShort = value.length <= 10 || !Number.isFinite(number) || Number.isInteger(number)
  if (isShort) return value
  const before = Math.abs(number) < 1 ? 0 : String(Math.trunc(Math.abs(number))).length
  return String(Number(before === 0 ? number.toPrecision(7) : number.toFixed(Math.max(0, 7 - before))))
}

// What is the same for all: cpu_usage_idle{host="a"}, 4 series
function heading(metrics: readonly Metric[], shared: readonly string[]): string {
  const first = metrics[0] ?? {}
  const pairs = shared
    .filter(label => label !== nameLabel)
    .map(label => `${label}=${JSON.stringify(first[label])}`)
  const name = shared.includes(nameLabel) ? shown(first[nameLabel] ?? '') : ''
  const braces = pairs.length === 0 ? '' : `{${pairs.join(', ')}}`
  const count = `${metrics.length} series`
  return name + braces === '' ? count : `${name}${braces}, ${count}`
}

// One row for each sample and one column for each label; times in UTC, as programs like them.
export function samplesCsv(found: readonly Found[]): string {
  const labels = labelsIn(found.map(({ metric }) => metric))
  return csvTable(
    [{ title: 'time' }, ...labels.map(label => ({ title: title(label) })), { title: 'value', right: true }],
    linesOf(found).map(({ metric, tMs, value }) => [
      new Date(tMs).toISOString(),
      ...labels.map(label => metric[label] ?? ''),
      value,
    ]),
  )
}
