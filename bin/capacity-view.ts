// How pools and their forecasts look to a person on a terminal: the ones that are full first on top, and of one pool every
// number that its units were made of. Called by the commands `capacity pools`, `forecast` and `explain`.
import type { DaysJson, LineJson, MeetsJson, PoolJson, PoolLine } from '../capacity/api/plan-json.ts'
import type { FindingKind } from '../capacity/forecast.ts'
import { isWhole } from '../capacity/pool.ts'
import { units as counted } from '../capacity/report/figures.ts'
import { findingWords } from '../capacity/words.ts'
import { linePlot } from './line-plot.ts'
import type { Color, Paint } from './paint.ts'
import { labelText } from './samples-view.ts'
import { type Column, tableText, wrapped } from './table.ts'

export const poolsPath = '/api/plimsoll/v1/capacity/pools'

type View = Readonly<{ paint: Paint }>

const columns: readonly Column[] = [
  { title: 'pool' },
  { title: 'resource' },
  { title: 'used', right: true },
  { title: 'of', right: true },
  { title: 'level', right: true },
  { title: 'waterline', right: true },
  { title: 'days left', right: true },
  { title: 'early' },
  { title: 'likely' },
  { title: 'late' },
  { title: 'units', right: true },
  { title: 'findings' },
]

export function poolsText(pools: readonly PoolLine[], { paint }: View): string {
  const inOrder = pools.toSorted(byUrgency)
  const rows = inOrder.map(each => [
    each.name,
    each.binding ?? '',
    short(each.used),
    each.supply === null ? '' : withUnit(each.supply, each.resourceUnit),
    percent(each.level),
    percent(each.waterline),
    daysText(each),
    ...datesOf(each.meets),
    unitsText(each.units),
    findingsText(each),
  ])
  const lines = tableText(columns, rows).trimEnd().split('\n')
  return `${lines.map((line, at) => coloured(line, inOrder[at - 1], paint)).join('\n')}\n`
}

const coloured = (line: string, pool: PoolLine | undefined, paint: Paint): string => {
  const colour = pool === undefined ? undefined : colourOf(pool)
  return colour === undefined ? line : paint(colour, line)
}

function colourOf({ level, waterline, units }: PoolLine): Color | undefined {
  if (level !== null && waterline !== null && level >= waterline) return 'red'
  return units > 0 ? 'yellow' : undefined
}

// Those that may be full soonest; then those that need most; at the end those of which that is not known.
const byUrgency = (a: PoolLine, b: PoolLine): number =>
  Number(a.why !== null) - Number(b.why !== null) ||
  left(a) - left(b) ||
  b.units - a.units ||
  (a.name < b.name ? -1 : 1)

const left = ({ daysLeftEarly, daysLeft }: PoolLine): number =>
  daysLeftEarly ?? daysLeft ?? Number.MAX_SAFE_INTEGER

const daysText = ({ daysLeft, why }: PoolLine): string => {
  if (why !== null) return ''
  return daysLeft === null ? '> 400' : String(daysLeft)
}

const datesOf = (meets: MeetsJson | null): readonly string[] => [
  meets?.early ?? '',
  meets?.likely ?? '',
  meets?.late ?? '',
]

const unitsText = (units: number): string => (units > 0 ? `+${units}` : String(units))

const whys = { no_history: 'no history', no_supply: 'supply not known' } as const

const findingsText = ({ why, findings }: PoolLine): string =>
  [
    ...(why === null ? [] : [whys[why]]),
    ...findings.map(each => findingWords(each as FindingKind, 'en').name),
  ].join(', ')

const percent = (share: number | null): string => (share === null ? '' : `${(share * 100).toFixed(0)} %`)

// Three digits that mean something, with the steps of thousands: 1.25 T, 38.4 k, 512.
export function short(value: number | null): string {
  if (value === null) return '–'
  const size = Math.abs(value)
  const [step, sign] = (
    [
      [1e15, ' P'],
      [1e12, ' T'],
      [1e9, ' G'],
      [1e6, ' M'],
      [1e4, ' k'],
    ] as const
  ).find(([least]) => size >= least) ?? [1, '']
  const shown = value / (step === 1e4 ? 1e3 : step)
  return `${Number(shown.toPrecision(3))}${sign}`
}

// 16 TB, not 16 T bytes.
const withUnit = (value: number | null, unit: string): string =>
  value === null ? short(value) : `${short(value)} ${unit}`.replace(/([kMGTP]) (?:bytes|B)$/, '$1B')

// Everything that one pool's numbers were made of.
export function explainText(
  pool: PoolJson,
  { paint, columns: width }: View & Readonly<{ columns: number }>,
): string {
  const labels = labelText(pool.labels, Object.keys(pool.labels))
  const wanted =
    pool.units === 0 ? 'no units' : `${pool.units > 0 ? '+' : ''}${counted(pool.units, pool.unit, 'en')}`
  const cost = pool.cost === null || pool.units === 0 ? '' : `, ${short(pool.cost)} ${pool.currency ?? ''}`
  const heading = `${pool.name}: ${wanted} for ${pool.month}${cost}`
  const about = `as of ${pool.asOf}; target ${pool.targetDay}, the end of next month and ${pool.leadDays} days of lead time; decided by ${pool.binding ?? 'nothing that is known'}`
  const whole = pool.lines.filter(({ part }) => isWhole(part))
  const parts = pool.lines.filter(({ part }) => !isWhole(part))
  return [
    paint('bold', heading),
    ...(labels === '' ? [] : [labels]),
    ...wrapped(about, width),
    ...pool.events.map(({ name, from, to, factor }) => `event: ${name}, ${from} to ${to}, × ${factor}`),
    '',
    ...whole.flatMap(line => [...lineText(line, pool, { paint, columns: width }), '']),
    ...(parts.length === 0 ? [] : [partsText(parts)]),
  ].join('\n')
}

function lineText(line: LineJson, pool: PoolJson, view: View & Readonly<{ columns: number }>): string[] {
  const { forecast, unit, why } = line
  const title = view.paint('bold', `${line.resource} (${unit})`)
  const used = `used ${short(line.used)} of ${withUnit(line.supplyNow, unit)}, ${percent(line.level) || 'level unknown'}; waterline ${percent(line.waterline)}`
  const asked = `usage: ${line.asked.usage}`
  if (forecast === null) return [title, asked, why === null ? '' : whys[why]]
  const { method, chosen, fit, errors, meets } = forecast
  const past = line.past
  return [
    title,
    asked,
    used,
    ...plotted(line.demand, forecast.likely, view),
    `fit: ${method} (${chosen.by}) over ${line.demand.values.filter(each => each !== null).length} of ${pool.windowDays} days; ${withUnit(fit.level, unit)} ${fit.slopePerDay < 0 ? '−' : '+'} ${short(Math.abs(fit.slopePerDay))} a day`,
    ...chosen.among.map(tried => `  tried ${tried.method}: ${errorsText(tried.errors)}`),
    `past forecasts over ${errors.horizonDays} days: ${errorsText(errors)}`,
    ...(past === null
      ? []
      : [
          `on ${past.made} it was said of ${past.of}: ${short(past.likely)} (${short(past.low)} to ${short(past.high)}); it was ${short(past.actual)}`,
        ]),
    `meets the waterline: early ${meets.early ?? 'not in 400 days'}, likely ${meets.likely ?? 'not in 400 days'}, late ${meets.late ?? 'not in 400 days'}`,
    ...formulaText(line, pool),
    ...forecast.findings.map(({ kind, from, to }) =>
      view.paint('yellow', `finding: ${findingWords(kind as FindingKind, 'en').name}${spanText(from, to)}`),
    ),
    ...(why === null ? [] : [whys[why]]),
  ]
}

const spanText = (from: string | null, to: string | null): string => {
  if (from === null) return ''
  return to === null || to === from ? `, ${from}` : `, ${from} to ${to}`
}

// With numbers as they were used, so that it can be computed again.
function formulaText(
  { target, waterline, spareUnits, supplyNow, onOrderUnits, unitCapacity, unit, units }: LineJson,
  { unit: unitName }: PoolJson,
): string[] {
  if (target === null || target.likely === null) return []
  const spare = spareUnits === 0 ? '' : ` + ${spareUnits} spare × ${unitCapacity}`
  const order = onOrderUnits === 0 ? '' : ` − ${onOrderUnits} on order × ${unitCapacity}`
  return [
    `forecast for ${target.day}: ${withUnit(target.likely, unit)} (90 %: ${short(target.low)} to ${short(target.high)})`,
    `units = ⌈(${exact(target.likely)} / ${waterline}${spare} − ${exact(supplyNow)}${order}) / ${unitCapacity}⌉ = ${units > 0 ? '+' : ''}${counted(units, unitName, 'en')}`,
  ]
}

const exact = (value: number | null): string => (value === null ? '?' : String(Number(value.toPrecision(6))))

type Errors = NonNullable<LineJson['forecast']>['errors']

function errorsText({ count, bias, smape, mase, coverage }: Errors): string {
  if (count === 0) return 'none to compare yet'
  const share = (value: number | null): string => percent(value) || '?'
  return `${count} compared, error ${share(smape)}, bias ${share(bias)}, ${mase === null ? '?' : mase.toFixed(2)} of the naive one's, ${share(coverage)} within the band`
}

// The days that were, and those that are forecast behind them.
function plotted(
  demand: DaysJson,
  likely: readonly (number | null)[],
  { paint, columns: width }: View & Readonly<{ columns: number }>,
): string[] {
  const all = [...demand.values, ...likely].map(each => each ?? Number.NaN)
  if (all.every(each => Number.isNaN(each))) return []
  const room = Math.max(40, Math.min(width, 120) - 16) * 2
  const cells =
    all.length <= room
      ? all
      : Array.from({ length: room }, (_, at) => all[Math.floor((at * all.length) / room)]!)
  const { text, left } = linePlot(cells, paint)
  const at = Math.round((demand.values.length / all.length) * Math.ceil(cells.length / 2))
  return [text.trimEnd(), paint('dim', `${' '.repeat(left + Math.max(0, at - 1))}↑ today`)]
}

function partsText(parts: readonly LineJson[]): string {
  const names = [...new Set(parts.flatMap(({ part }) => Object.keys(part)))]
  const rows = parts.map(({ resource, part, used, supplyNow, level, forecast, units }) => [
    ...[resource, ...names.map(name => part[name] ?? '')],
    ...[short(used), short(supplyNow), percent(level), forecast?.meets.likely ?? '', unitsText(units)],
  ])
  const titles = ['resource', ...names].map(title => ({ title }))
  const numbers = ['used', 'of', 'level'].map(title => ({ title, right: true }))
  return tableText([...titles, ...numbers, { title: 'likely' }, { title: 'units', right: true }], rows)
}
