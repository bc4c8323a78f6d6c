// How numbers over a time look on a terminal: a few series as lines, each in a picture of its own, more of them as one
// row each. What each lies between stands beside it. Called by commands/query.ts.
import { durationText } from '#core/duration.ts'
import { shown } from '#core/shown.ts'
import { linePlot } from './line-plot.ts'
import type { Paint } from './paint.ts'
import { byMetric, type Found, labelText, parted, readable, title, type View } from './samples-view.ts'
import { type Column, tableText, widthOf } from './table.ts'
import { timeText } from './when.ts'

// Without a step: the samples as they are.
export type Span = Readonly<{ fromMs: number; toMs: number; stepMs?: number }>
export type RangeView = View & Readonly<{ paint: Paint }>

// More would fill more than a screen.
const plotsMax = 3
const sparkMin = 8
const sparkMax = 60

export function rangeText(found: readonly Found[], span: Span, view: RangeView): string {
  const sorted = found.toSorted(byMetric)
  const { heading, differing } = parted(found)
  const top = `${heading}, ${whenText(span, view.timeZone)}\n`
  if (sorted.length > plotsMax) return top + sparks(sorted, differing, { span, view })
  const plots = sorted.map(each => {
    const name = sorted.length > 1 ? `${shown(labelText(each.metric, differing))}\n` : ''
    return name + plotOf(each, span, view)
  })
  return top + plots.join('\n')
}

// The day of the end is said again only where it is another.
function whenText({ fromMs, toMs, stepMs }: Span, timeZone: string): string {
  const [from, to] = [timeText(fromMs, timeZone), timeText(toMs, timeZone)]
  const end = from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to
  const step = stepMs === undefined ? '' : `, every ${durationText(stepMs)}`
  return `${from} to ${end} (${timeZone})${step}`
}

// One number for each cell, in order of time: the mean of those within. A number stands for its step, so that there are
// no holes where cells are narrower.
export function cellsOf({ values = [] }: Found, { fromMs, toMs, stepMs }: Span, count: number): number[] {
  const sums = new Array<number>(count).fill(0)
  const counts = new Array<number>(count).fill(0)
  const held = new Array<number>(count).fill(Number.NaN)
  const lengthMs = Math.max(1, toMs - fromMs)
  const cellOf = (tMs: number): number =>
    Math.min(count - 1, Math.max(0, Math.floor(((tMs - fromMs) / lengthMs) * count)))
  const holdMs = stepMs ?? (1.5 * lengthMs) / Math.max(1, values.length - 1)
  for (const [tS, text] of values) {
    const value = Number(text)
    if (!Number.isFinite(value)) continue
    const cell = cellOf(tS * 1_000)
    sums[cell]! += value
    counts[cell]! += 1
    held.fill(value, cell, Math.max(cell + 1, cellOf(tS * 1_000 + holdMs)))
  }
  return sums.map((sum, cell) => (counts[cell] === 0 ? held[cell]! : sum / counts[cell]!))
}

type Ends = Readonly<{ min: string; max: string; last: string }>

function endsOf({ values = [] }: Found): Ends {
  const numbers = values.map(([, text]) => Number(text)).filter(value => !Number.isNaN(value))
  const extreme = (pick: (a: number, b: number) => number): string =>
    numbers.length === 0 ? '' : readable(String(numbers.reduce((a, b) => pick(a, b))))
  return { min: extreme(Math.min), max: extreme(Math.max), last: readable(values.at(-1)?.[1] ?? '') }
}

type Around = Readonly<{ span: Span; view: RangeView }>

function sparks(found: readonly Found[], differing: readonly string[], { span, view }: Around): string {
  const numbers = found.map(endsOf)
  const rows = (width: number, isWide: boolean): string[][] =>
    found.map((each, at) => {
      const { min, max, last } = numbers[at]!
      const names = isWide
        ? differing.map(label => each.metric[label] ?? '')
        : [labelText(each.metric, differing)]
      return [...names, spark(cellsOf(each, span, width)), min, max, last]
    })
  const columns = (isWide: boolean): Column[] => [
    ...(isWide ? differing.map(label => ({ title: title(label) })) : [{ title: 'series' }]),
    { title: '' },
    ...['min', 'max', 'last'].map(each => ({ title: each, right: true })),
  ]
  const table = (width: number, isWide: boolean): string => tableText(columns(isWide), rows(width, isWide))
  const widest = (text: string): number => Math.max(...text.split('\n').map(widthOf))
  const isWide = widest(table(sparkMin, true)) <= view.columns || differing.length < 2
  const left = view.columns - widest(table(sparkMin, isWide)) + sparkMin
  return table(Math.min(sparkMax, Math.max(sparkMin, left)), isWide)
}

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

// Each series between its own ends; nothing where it had no number.
export function spark(cells: readonly number[]): string {
  const numbers = cells.filter(cell => !Number.isNaN(cell))
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)]
  const bar = (cell: number): string => {
    if (Number.isNaN(cell)) return ' '
    if (max === min) return bars[3]!
    return bars[Math.min(bars.length - 1, Math.floor(((cell - min) / (max - min)) * bars.length))]!
  }
  return cells.map(bar).join('')
}

function plotOf(found: Found, span: Span, { columns, paint, timeZone }: RangeView): string {
  const { min, max, last } = endsOf(found)
  const width = Math.max(20, Math.min(120, columns) - 14)
  const plot = linePlot(cellsOf(found, span, width * 2), paint)
  const [from, to] = [span.fromMs, span.toMs].map(tMs => timeText(tMs, timeZone).slice(11))
  const ends = `${from}${' '.repeat(Math.max(1, width - from!.length - to!.length))}${to}`
  const foot = `${' '.repeat(plot.left)}${paint('dim', ends)}`
  return `${plot.text}${foot}\nmin ${min}  max ${max}  last ${last}\n`
}
