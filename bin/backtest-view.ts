// How a backtest looks on a terminal: a row for each alert that fired, the noisiest first, and below a line for each that
// deserves one. Called by the command `backtest`.

import { shown } from '#core/shown.ts'
import { type AlertReport, grouped, type Report } from '../rules/backtest.ts'
import {
  changeText,
  counted,
  faultText,
  labelsText,
  roundly,
  spanText,
  speedText,
  totals,
} from './backtest-words.ts'
import type { Paint } from './paint.ts'
import { type Column, tableText, wrapped } from './table.ts'

export type BacktestView = Readonly<{ paint: Paint; columns: number }>

export function backtestText(report: Report, view: BacktestView): string {
  const { paint } = view
  const { firings, night } = totals(report)
  const fired = report.alerts.filter(each => each.firings > 0)
  const nights = night === 0 ? '' : `, ${grouped(night)} of them begun by night`
  const parts = [
    `${spanText(report)}: ${counted(report.alerts.length, 'alert')}, ${counted(firings, 'firing')}${nights}.`,
    ...(fired.length === 0 ? [] : [tableOf(fired, report, paint).trimEnd()]),
    linesOf(report, view).join('\n'),
    [...report.notes.map(each => `Note: ${each}`), speedText(report)]
      .flatMap(each => wrapped(shown(each), view.columns))
      .map(each => paint('dim', each))
      .join('\n'),
  ]
  return `${parts.filter(each => each !== '').join('\n\n')}\n`
}

const right = (title: string): Column => ({ title, right: true })

function tableOf(fired: readonly AlertReport[], report: Report, paint: Paint): string {
  const compared = report.alerts.some(each => each.change !== null)
  const columns = [
    right('noise'),
    { title: 'alert' },
    ...['fired', ...(compared ? ['gone', 'new'] : []), 'under 2m', 'night', 'at once', 'total', 'median'].map(
      right,
    ),
  ]
  const rows = fired.map(each => [
    String(each.noise),
    each.name,
    grouped(each.firings),
    ...(compared ? [each.change?.gone, each.change?.new].map(count => (count ? grouped(count) : '')) : []),
    ...[each.short, each.night, each.atOnce].map(grouped),
    roundly(each.totalMs),
    each.medianMs === null ? '' : roundly(each.medianMs),
  ])
  const [head = '', ...lines] = tableText(columns, rows).trimEnd().split('\n')
  const painted = lines.map((line, at) => {
    const { noise, weight } = fired[at]!
    if (weight < 4 || noise < 25) return line
    return paint(noise >= 60 ? 'red' : 'yellow', line)
  })
  return [paint('bold', head), ...painted].join('\n')
}

function linesOf(report: Report, { paint, columns }: BacktestView): string[] {
  const lines: string[] = []
  const say = (name: string, text: string, color?: 'red' | 'yellow'): void => {
    const [first = '', ...more] = wrapped(shown(`${name}: ${text}`), columns - 2)
    const all = [first, ...more.map(each => `  ${each}`)].join('\n')
    lines.push(color === undefined ? all : paint(color, all))
  }
  for (const each of report.alerts) {
    const { name, faults, advice } = each
    const change = changeText(each)
    if (faults !== null) say(name, faultText(faults, report.timeZone), 'red')
    if (advice !== null) say(name, `${advice}${mostly(each)}`)
    if (change !== undefined && change !== 'as before') say(name, change)
  }
  for (const { name, faults } of report.records) say(name, faultText(faults, report.timeZone), 'red')
  for (const { name, firings } of report.removed)
    say(name, `rule is gone, fired ${grouped(firings)} times before`)
  const quiet = report.alerts
    .filter(each => each.firings === 0 && each.faults === null)
    .map(each => each.name)
  if (quiet.length > 0) say('Never fired', quiet.join(', '))
  return lines
}

// Where one of many makes most of the noise, that one is named.
function mostly({ top, firings, labelSets }: AlertReport): string {
  const [first] = top
  if (first === undefined || labelSets < 2 || first.firings < 3) return ''
  return `; most often ${labelsText(first.labels)} (${grouped(first.firings)} of ${grouped(firings)})`
}
