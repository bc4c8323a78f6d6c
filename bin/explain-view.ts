// How one pool looks to a person on a terminal: every number that its units were made of. Called by the command `capacity
// explain`; by requests-view.ts for the formula.
import { shown } from '#core/shown.ts'
import type { LineJson, PoolJson } from '../capacity/api/plan-json.ts'
import type { FindingKind } from '../capacity/forecast.ts'
import { isWhole } from '../capacity/pool.ts'
import {
  amount,
  count,
  digits,
  money,
  partOf,
  percent,
  percentOff,
  plain,
  scaleOf,
  span,
  units as unitsOf,
} from '../capacity/report/figures.ts'
import { type FormulaInputs, formulaOf, formulaText } from '../capacity/report/formula.ts'
import { findingWords, wordsOf } from '../capacity/words.ts'
import { known, unitsText, whys } from './capacity-view.ts'
import { linePlot } from './line-plot.ts'
import type { Paint } from './paint.ts'
import { labelText } from './samples-view.ts'
import { tableText, wrapped } from './table.ts'

type View = Readonly<{ paint: Paint; columns: number }>

const wantedText = (units: number, unit: string): string =>
  `${units > 0 ? '+' : ''}${unitsOf(units, unit, 'en')}`

// Everything that one pool's numbers were made of.
export function explainText(pool: PoolJson, { paint, columns: width }: View): string {
  const labels = shown(labelText(pool.labels, Object.keys(pool.labels)))
  const wanted = pool.units === 0 ? 'no units' : wantedText(pool.units, pool.unit)
  const cost = pool.cost === null || pool.units === 0 ? '' : `, ${money(pool.cost, pool.currency ?? '')}`
  const heading = `${shown(pool.name)}: ${wanted} for ${pool.month}${cost}`
  const about = `as of ${pool.asOf}; target ${pool.targetDay}, the end of next month and ${pool.leadDays} days of lead time; decided by ${pool.binding ?? 'nothing that is known'}`
  const whole = pool.lines.filter(({ part }) => isWhole(part))
  const parts = pool.lines.filter(({ part }) => !isWhole(part))
  const lines = [
    paint('bold', heading),
    ...(labels === '' ? [] : [labels]),
    ...wrapped(shown(about), width),
    ...pool.events.map(
      ({ name, from, to, factor }) => `event: ${shown(name)}, ${from} to ${to}, × ${factor}`,
    ),
    '',
    ...whole.flatMap(line => [...lineText(line, pool, { paint, columns: width }), '']),
    ...(parts.length === 0 ? [] : [partsText(parts)]),
  ]
  return plain(lines.join('\n'))
}

function lineText(line: LineJson, pool: PoolJson, view: View): string[] {
  const { forecast, unit, why } = line
  const title = view.paint('bold', shown(`${line.resource} (${unit})`))
  const now = `used ${partOf(known(line.used), known(line.supplyNow), unit)} of ${amount(known(line.supplyNow), unit)}`
  const level = line.level === null ? 'level unknown' : percent(line.level)
  const asked = shown(`usage: ${line.asked.usage}`)
  if (forecast === null) return [title, asked, why === null ? '' : whys[why]]
  const { method, chosen, fit, errors, meets } = forecast
  const days = line.demand.values.filter(each => each !== null).length
  const slope = partOf(Math.abs(fit.slopePerDay), fit.level, unit)
  // One alone is that of which the past is told below.
  const tried = chosen.among.length > 1 ? chosen.among : []
  return [
    title,
    asked,
    `${now}, ${level}; waterline ${percent(line.waterline)}`,
    ...plotted(line, forecast.likely, view),
    `fit: ${method} (${chosen.by}) over ${days} of ${pool.windowDays} days; ${amount(fit.level, unit)} ${fit.slopePerDay < 0 ? '−' : '+'} ${slope} a day`,
    ...tried.map(each => `  tried ${each.method}: ${errorsText(each.errors)}`),
    `past forecasts over ${errors.horizonDays} days: ${errorsText(errors)}`,
    ...pastText(line),
    `meets the waterline: early ${meets.early ?? 'not in 400 days'}, likely ${meets.likely ?? 'not in 400 days'}, late ${meets.late ?? 'not in 400 days'}`,
    ...targetText(line),
    ...formulaLines(line, { unit, unitName: pool.unit }),
    ...forecast.findings.map(({ kind, from, to }) =>
      view.paint(
        'yellow',
        `finding: ${findingWords(kind as FindingKind, 'en').name}${daysBetween(from, to)}`,
      ),
    ),
    ...(why === null ? [] : [whys[why]]),
  ]
}

const daysBetween = (from: string | null, to: string | null): string => {
  if (from === null) return ''
  return to === null || to === from ? `, ${from}` : `, ${from} to ${to}`
}

function pastText({ past, unit }: LineJson): readonly string[] {
  if (past === null) return []
  const { made, of, likely, low, high, actual } = past
  const band = span(known(low), known(high), unit, ' to ')
  return [
    `on ${made} it was said of ${of}: ${amount(known(likely), unit)} (${band}); it was ${amount(known(actual), unit)}`,
  ]
}

function targetText({ target, unit }: LineJson): readonly string[] {
  if (target === null || target.likely === null) return []
  const band = span(known(target.low), known(target.high), unit, ' to ')
  return [`forecast for ${target.day}: ${amount(target.likely, unit)} (90 %: ${band})`]
}

type Measured = Readonly<{ unit: string; unitName: string }>

// What was ordered or is advised, so that it can be computed again.
export function formulaLines(inputs: FormulaInputs, { unit, unitName }: Measured): readonly string[] {
  const formula = formulaOf(inputs, unit)
  if (formula === null) return []
  const { formulaKey, roundedUp, formulaDiffers } = wordsOf('en').resource
  const scale = formula.scale.unit === unit ? '' : `, numbers in ${formula.scale.unit}`
  const wanted = wantedText(formula.units, unitName)
  return [
    `units${scale}: ${formulaText(formula)} → ${wanted}`,
    `  ${formulaKey}, ${roundedUp}`,
    ...(formula.agrees ? [] : [`  ${formulaDiffers(wanted)}`]),
  ]
}

type Errors = NonNullable<LineJson['forecast']>['errors']

function errorsText({ count: compared, bias, smape, mase, coverage }: Errors): string {
  if (compared === 0) return 'none to compare yet'
  const off = `error ${percent(known(smape))}, bias ${percentOff(known(bias))}`
  // Only what was chosen has a band.
  const within = coverage === null ? '' : `, ${percent(coverage)} within the band`
  return `${count(compared)} compared, ${off}, ${digits(known(mase), 2)} of the naive one's${within}`
}

// The days that were, and those that are forecast behind them.
function plotted(
  { demand, unit }: LineJson,
  likely: readonly (number | null)[],
  { paint, columns: width }: View,
): string[] {
  const values = [...demand.values, ...likely].map(known)
  const numbers = values.filter(each => !Number.isNaN(each))
  if (numbers.length === 0) return []
  const largest = numbers.reduce((most, each) => Math.max(most, Math.abs(each)), 0)
  const scale = scaleOf(largest, unit)
  const all = values.map(each => each / scale.divisor)
  const room = Math.max(40, Math.min(width, 120) - 16) * 2
  const cells =
    all.length <= room
      ? all
      : Array.from({ length: room }, (_, at) => all[Math.floor((at * all.length) / room)]!)
  const { text, left } = linePlot(cells, paint, scale.unit === unit ? '' : scale.unit)
  const at = Math.round((demand.values.length / all.length) * Math.ceil(cells.length / 2))
  return [text.trimEnd(), paint('dim', `${' '.repeat(left + Math.max(0, at - 1))}↑ today`)]
}

function partsText(parts: readonly LineJson[]): string {
  const names = [...new Set(parts.flatMap(({ part }) => Object.keys(part)))]
  const rows = parts.map(({ resource, part, unit, used, supplyNow, level, forecast, units }) => [
    ...[resource, ...names.map(name => part[name] ?? '')],
    ...[partOf(known(used), known(supplyNow), unit), amount(known(supplyNow), unit), percent(known(level))],
    ...[forecast?.meets.likely ?? '', unitsText(units)],
  ])
  const titles = ['resource', ...names].map(title => ({ title }))
  const numbers = ['used', 'of', 'level'].map(title => ({ title, right: true }))
  return tableText([...titles, ...numbers, { title: 'likely' }, { title: 'units', right: true }], rows)
}
