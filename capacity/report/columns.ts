// The columns of the tables that leave as files, once for CSV and XLSX: what each is called by programs and by people, and
// what stands in it. Called by csv.ts and xlsx.ts.
import type { Language } from '#core/http/language.ts'
import type { Labels } from '#core/model.ts'
import type { PastForecast } from '../plan.ts'
import { type Request, signed } from '../request.ts'
import { whyText } from '../requests/words.ts'
import {
  causeText,
  findingWords,
  kindText,
  methodText,
  sourceText,
  stateText,
  type Words,
  wordsOf,
} from '../words.ts'
import { cents } from './figures.ts'
import type { LineReport, PoolReport } from './pool-report.ts'

// A number that is not known is null: an empty cell.
export type Cell = string | number | null | Readonly<{ day: number }> | Readonly<{ money: number }>

export type Column<Row> = Readonly<{
  // For programs; it never changes.
  name: string
  // For people.
  head: string
  // How a spreadsheet shows its numbers; left out: as they are.
  format?: 'share' | 'whole'
  of(row: Row): Cell
}>

export type LineRow = Readonly<{ pool: PoolReport; line: LineReport }>

const known = (value: number | null | undefined): number | null =>
  value == null || !Number.isFinite(value) ? null : value
const day = (value: number | null | undefined): Cell => (value == null ? null : { day: value })
export const moneyCell = (cost: Readonly<{ amount: number }> | null): Cell =>
  cost === null ? null : { money: cents(cost.amount) }
export const labelsText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

export function poolColumns(language: Language): Column<PoolReport>[] {
  const words = wordsOf(language)
  const { head } = words
  return [
    { name: 'pool', head: head.pool, of: ({ name }) => name },
    { name: 'labels', head: head.labels, of: ({ pool }) => labelsText(pool.labels) },
    { name: 'units', head: head.units, format: 'whole', of: ({ units }) => units },
    { name: 'unit', head: head.unit, of: ({ unit }) => unit },
    { name: 'order_by', head: head.orderBy, of: each => day(each.orderByDay) },
    { name: 'needed_by', head: head.neededBy, of: each => day(each.neededDay) },
    { name: 'cost', head: head.cost, of: ({ cost }) => moneyCell(cost) },
    { name: 'currency', head: head.currency, of: ({ cost }) => cost?.currency ?? null },
    { name: 'binding', head: head.binding, of: ({ binding }) => binding },
    { name: 'early', head: head.early, of: each => day(each.earlyDay) },
    { name: 'likely', head: head.likely, of: each => day(each.likelyDay) },
    { name: 'late', head: head.late, of: each => day(each.lateDay) },
    { name: 'days_left_early', head: head.daysLeft, of: ({ daysLeft }) => daysLeft },
    { name: 'target', head: head.target, of: each => day(each.targetDay) },
    {
      name: 'risk',
      head: head.risk,
      of: ({ risk }) => (risk === null ? null : words.riskNames[risk]),
    },
  ]
}

const findingsText = ({ line: { plan } }: LineRow, language: Language): string =>
  [...new Set(plan.forecast?.findings.map(({ kind }) => kind) ?? [])]
    .map(kind => findingWords(kind, language).name)
    .join('; ')

// Of a resource as a whole and of its parts.
export function lineColumns(language: Language): Column<LineRow>[] {
  const { head } = wordsOf(language)
  type Plan = LineReport['plan']
  const of =
    (read: (plan: Plan) => number | null | undefined) =>
    ({ line }: LineRow): Cell =>
      known(read(line.plan))
  const meets =
    (which: 'earlyDay' | 'likelyDay' | 'lateDay') =>
    ({ line }: LineRow): Cell =>
      day(line.plan.forecast?.meets[which])
  return [
    { name: 'pool', head: head.pool, of: ({ pool }) => pool.name },
    { name: 'resource', head: head.resource, of: ({ line }) => line.plan.line.resource },
    { name: 'part', head: head.part, of: ({ line }) => labelsText(line.plan.line.part) },
    { name: 'used', head: head.used, of: of(plan => plan.usedNow) },
    { name: 'supply', head: head.supply, of: of(plan => plan.supplyNow) },
    { name: 'measured_in', head: head.unit, of: ({ line }) => line.unit },
    { name: 'level', head: head.level, format: 'share', of: of(plan => plan.level) },
    { name: 'waterline', head: head.waterline, format: 'share', of: of(plan => plan.waterline) },
    { name: 'early', head: head.early, of: meets('earlyDay') },
    { name: 'likely', head: head.likely, of: meets('likelyDay') },
    { name: 'late', head: head.late, of: meets('lateDay') },
    { name: 'target', head: head.target, of: ({ line }) => day(line.plan.target?.day) },
    { name: 'forecast', head: head.forecast, of: of(plan => plan.target?.likely) },
    { name: 'low', head: head.low, of: of(plan => plan.target?.low) },
    { name: 'high', head: head.high, of: of(plan => plan.target?.high) },
    { name: 'unit_capacity', head: head.unitCapacity, of: of(plan => plan.unitCapacity) },
    { name: 'on_order', head: head.onOrder, of: of(plan => plan.onOrderUnits) },
    { name: 'spare', head: head.spare, of: of(plan => plan.spareUnits) },
    { name: 'units', head: head.units, of: of(plan => plan.units) },
    { name: 'method', head: head.method, of: row => methodOf(row, language) },
    { name: 'findings', head: head.findings, of: row => findingsText(row, language) },
    { name: 'why', head: head.why, of: ({ line }) => whyOf(line, language) },
  ]
}

const methodOf = ({ line }: LineRow, language: Language): Cell =>
  line.plan.forecast === null ? null : methodText(line.plan.forecast.method, language)

const whyOf = ({ plan }: LineReport, language: Language): Cell =>
  plan.why === null ? null : causeText(plan.why, language)

// Units to give back are less than 0, as what they cost is: sums are right.
export function requestColumns(language: Language): Column<Request>[] {
  const { head } = wordsOf(language)
  return [
    { name: 'number', head: head.number, of: ({ number }) => number },
    { name: 'month', head: head.month, of: ({ month }) => month },
    { name: 'pool', head: head.pool, of: ({ pool }) => pool },
    { name: 'part', head: head.part, of: ({ part }) => labelsText(part) },
    { name: 'kind', head: head.kind, of: ({ kind }) => kindText(kind, language) },
    { name: 'units', head: head.units, of: each => signed(each) },
    { name: 'unit', head: head.unit, of: ({ unit }) => unit },
    { name: 'state', head: head.state, of: ({ state }) => stateText(state, language) },
    { name: 'needed_by', head: head.neededBy, of: each => day(each.neededDay) },
    { name: 'due', head: head.due, of: each => day(each.dueDay) },
    { name: 'delivered', head: head.delivered, of: each => signed(each, each.deliveredUnits) },
    { name: 'cost', head: head.cost, of: ({ cost }) => moneyCell(cost) },
    { name: 'currency', head: head.currency, of: ({ cost }) => cost?.currency ?? null },
    { name: 'source', head: head.source, of: ({ source }) => sourceText(source, language) },
    { name: 'by', head: head.by, of: ({ by }) => by },
    {
      name: 'why',
      head: head.why,
      of: each => [each.application, whyText(each, language)].filter(Boolean).join(': '),
    },
  ]
}

// What was said a month ago, and how the method does on the pool's own past.
export function errorColumns(language: Language): Column<LineRow>[] {
  const words = wordsOf(language)
  const { head } = words
  const past =
    (read: (past: PastForecast) => Cell) =>
    ({ line }: LineRow): Cell =>
      line.plan.past === null ? null : read(line.plan.past)
  const error = (which: 'count' | 'bias' | 'smape' | 'mase' | 'coverage') => (row: LineRow) =>
    known(row.line.plan.forecast?.errors[which])
  return [
    { name: 'pool', head: head.pool, of: ({ pool }) => pool.name },
    { name: 'resource', head: head.resource, of: ({ line }) => line.plan.line.resource },
    { name: 'made', head: head.made, of: past(each => day(each.madeDay)) },
    { name: 'of', head: head.ofDay, of: past(each => day(each.ofDay)) },
    { name: 'said', head: head.forecast, of: past(each => known(each.likely)) },
    { name: 'low', head: head.low, of: past(each => known(each.low)) },
    { name: 'high', head: head.high, of: past(each => known(each.high)) },
    { name: 'came', head: head.came, of: past(each => known(each.actual)) },
    { name: 'error', head: head.error, format: 'share', of: past(errorOf) },
    { name: 'within', head: head.within, of: past(each => withinText(each, words)) },
    { name: 'method', head: head.method, of: row => methodOf(row, language) },
    { name: 'compared', head: head.compared, of: error('count') },
    { name: 'bias', head: head.bias, format: 'share', of: error('bias') },
    { name: 'smape', head: head.smape, format: 'share', of: error('smape') },
    { name: 'mase', head: head.mase, of: error('mase') },
    { name: 'coverage', head: head.coverage, format: 'share', of: error('coverage') },
  ]
}

const errorOf = ({ likely, actual }: PastForecast): Cell => known((likely - actual) / Math.abs(actual))

const withinText = ({ low, high, actual }: PastForecast, { yes, no }: Words): Cell =>
  low <= actual && actual <= high ? yes : no
