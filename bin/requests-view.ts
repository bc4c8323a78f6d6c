// What the service says of requests for capacity, and how it looks to a person: a table of many, and one with its facts.
// Called by the commands `capacity …` about requests.
import { shown } from '#core/shown.ts'
import { amount, count, money, percent, plain, span, units as unitsOf } from '../capacity/report/figures.ts'
import { requestStates } from '../capacity/request.ts'
import type { FactJson, RequestJson } from '../capacity/requests/json.ts'
import { findingWords } from '../capacity/words.ts'
import { formulaLines } from './explain-view.ts'
import { type Column, tableText, wrapped } from './table.ts'
import { timeText } from './when.ts'

export const requestsPath = '/api/plimsoll/v1/capacity/requests'
export const requestPath = (number: string): string => `${requestsPath}/${number}`
// Those that are not over.
export const openStates = requestStates.filter(each => each !== 'closed' && each !== 'withdrawn')
export const runsPath = '/api/plimsoll/v1/capacity/runs'

export type RequestLine = RequestJson
export type RequestStory = Readonly<{ request: RequestJson; facts: readonly FactJson[] }>

const columns: readonly Column[] = [
  { title: 'number', right: true },
  { title: 'month' },
  { title: 'state' },
  { title: 'pool' },
  { title: 'units', right: true },
  { title: 'of' },
  { title: 'needed' },
  { title: 'due' },
  { title: 'cost', right: true },
  { title: 'from' },
]

export const requestsText = (requests: readonly RequestLine[]): string =>
  tableText(
    columns,
    requests.map(each => [
      ...[String(each.number), each.month, stateText(each), placeText(each), unitsText(each), each.unit],
      ...[each.needed, each.due ?? '', costText(each), fromText(each)],
    ]),
  )

// Below zero: to be given back.
const signOf = ({ kind }: RequestLine): string => (kind === 'expand' ? '+' : '−')
const unitsText = (request: RequestLine): string => `${signOf(request)}${count(request.units)}`

function stateText({ state, mergedInto, deliveredUnits, units }: RequestLine): string {
  if (mergedInto !== null) return `merged into ${mergedInto}`
  return state === 'ordered' && deliveredUnits > 0 ? `ordered, ${deliveredUnits} of ${units} came` : state
}

const placeText = ({ pool, part }: RequestLine): string =>
  [pool, ...Object.entries(part).map(([name, value]) => `${name}=${value}`)].join(' ')

const costText = ({ cost }: RequestLine): string => (cost === null ? '' : money(cost.amount, cost.currency))

const fromText = ({ source, application, by }: RequestLine): string =>
  source === 'forecast' ? 'forecast' : `${by}${application === null ? '' : `, for ${application}`}`

const width = 100

export function storyText({ request, facts }: RequestStory, timeZone: string): string {
  const { number, unit, basis, splitFrom, version, may, needed, due } = request
  const isBack = request.kind === 'reclaim'
  const cost = isBack ? costText(request).replace('−', 'saves ') : costText(request)
  const lines = [
    `request ${number} for ${request.month}: ${signOf(request)}${unitsOf(request.units, unit, 'en')} for ${placeText(request)}, ${stateText(request)}`,
    `${isBack ? 'can be given back from' : 'needed by'} ${needed}${due === null ? '' : `, due on ${due}`}${cost === '' ? '' : `, ${cost}`}, from ${fromText(request)}`,
    ...(splitFrom === null ? [] : [`split from request ${splitFrom}`]),
    ...(request.why === '' ? [] : wrapped(request.why.replaceAll(/\s+/g, ' '), width)),
    ...(basis === null ? [] : basisLines(basis, unit)),
    `version ${version}; ${may.length === 0 ? 'nothing more can be done to it' : `next: ${may.join(', ')}`}`,
  ]
  const rows = facts.map(({ atMs, who, what, why, details }) => [
    ...[timeText(Math.floor(atMs / 1_000) * 1_000, timeZone), who, what === 'draft' ? 'reopened' : what],
    [why, detailsText(details)].filter(each => each !== '').join('; '),
  ])
  const titles = [`at (${timeZone})`, 'who', 'what', 'why'].map(title => ({ title }))
  return plain(`${lines.map(shown).join('\n')}\n\n${tableText(titles, rows)}`)
}

function basisLines(basis: NonNullable<RequestLine['basis']>, unitName: string): readonly string[] {
  const { resource, resourceUnit: unit, likely, low, high, target, asOf, method, smape, findings } = basis
  const error = smape === null ? 'never compared' : `off by ${percent(smape)} before`
  const band = span(low, high, unit, ' to ')
  return [
    `forecast of ${asOf} by ${method} (${error}): ${resource} ${amount(likely, unit)} (${band}) on ${target}`,
    ...formulaLines({ ...basis, target: { likely }, supplyNow: basis.supply }, { unit, unitName }),
    ...(findings.length === 0
      ? []
      : [`findings: ${findings.map(each => findingWords(each, 'en').name).join(', ')}`]),
  ]
}

// `units 12 → 10`.
function detailsText(details: FactJson['details']): string {
  const one = ([name, value]: readonly [string, unknown]): string => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return `${called(name)} ${shownOf(value)}`
    const { was, is } = value as Readonly<{ was?: unknown; is?: unknown }>
    return `${called(name)} ${shownOf(was)} → ${shownOf(is)}`
  }
  return (
    Object.entries(details)
      // The reason stands there as a sentence.
      .filter(([name, value]) => value !== null && name !== 'reason' && !(name === 'part' && value === '{}'))
      .map(one)
      .join(', ')
  )
}

// dueDay as `due`, deliveredUnits as `delivered`.
const called = (name: string): string => name.replace(/(?<=[a-z])(Day|Units)$/, '')

const shownOf = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return 'none'
  return Array.isArray(value) ? value.join(' and ') : String(value)
}
