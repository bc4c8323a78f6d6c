// How pools and their forecasts look to a person on a terminal: the ones that are full first on top. Called by the commands
// `capacity pools` and `forecast`; of one pool tells explain-view.ts.
import type { MeetsJson, PoolLine } from '../capacity/api/pool-line.ts'
import type { FindingKind } from '../capacity/forecast.ts'
import { amount, count, partOf, percent, plain } from '../capacity/report/figures.ts'
import { findingWords } from '../capacity/words.ts'
import type { Color, Paint } from './paint.ts'
import { type Column, tableText } from './table.ts'

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
    resourceText(each),
    partOf(known(each.used), known(each.supply), each.resourceUnit),
    amount(known(each.supply), each.resourceUnit),
    percent(known(each.level)),
    percent(known(each.waterline)),
    daysText(each),
    ...datesOf(each.meets),
    unitsText(each.units),
    findingsText(each),
  ])
  const lines = plain(tableText(columns, rows)).trimEnd().split('\n')
  return `${lines.map((line, at) => coloured(line, inOrder[at - 1], paint)).join('\n')}\n`
}

// What is short first, and what the units are for where that is something else.
const resourceText = ({ resource, binding }: PoolLine): string =>
  binding === null || binding === resource ? (binding ?? '') : `${resource} (units for ${binding})`

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
  likely(a) - likely(b) ||
  b.units - a.units ||
  (a.name < b.name ? -1 : 1)

const never = Number.MAX_SAFE_INTEGER
const likely = ({ daysLeftLikely }: PoolLine): number => daysLeftLikely ?? never
const left = (pool: PoolLine): number => pool.daysLeftEarly ?? likely(pool)

const daysText = ({ daysLeftLikely, why }: PoolLine): string => {
  if (why !== null) return ''
  return daysLeftLikely === null ? '> 400' : String(daysLeftLikely)
}

const datesOf = (meets: MeetsJson | null): readonly string[] => [
  meets?.early ?? '',
  meets?.likely ?? '',
  meets?.late ?? '',
]

export const unitsText = (units: number): string => `${units > 0 ? '+' : ''}${count(units)}`

export const whys = { no_history: 'no history', no_supply: 'supply not known' } as const

const findingsText = ({ why, findings }: PoolLine): string =>
  [
    ...(why === null ? [] : [whys[why]]),
    ...findings.map(each => findingWords(each as FindingKind, 'en').name),
  ].join(', ')

// JSON has no NaN.
export const known = (value: number | null): number => value ?? Number.NaN
