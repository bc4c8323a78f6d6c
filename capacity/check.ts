// What each pool reads, and what of it is sound and still probably not meant: series that are added up, counters taken for
// gauges, parts that never come. Without a service; called by `plimsoll check`.
import { metricName } from '#core/labels.ts'
import { metrics } from '#core/metrics.ts'
import type { Expr } from '#promql/ast.ts'
import { childrenOf } from '#promql/children.ts'
import { parse } from '#promql/parse.ts'
import { canHave, resultLabels } from '#promql/result-labels.ts'
import { typeOf } from '#promql/type-of.ts'
import type { Pool, Resource } from './pool.ts'

export type PoolReads = Readonly<{
  pool: string
  by: readonly string[]
  windowDays: number
  leadDays: number
  method: string
  resources: readonly Readonly<{
    name: string
    unit: string
    waterline: number
    // The metrics that the questions name.
    usage: readonly string[]
    supply: readonly string[]
    kind: Resource['supply']['kind']
  }>[]
}>

// Where in the configuration, below `capacity.pools`.
export type Doubt = Readonly<{ path: readonly string[]; wanted: string; found: string; hint?: string }>

export const readsOf = ({ name, by, windowDays, leadDays, method, resources }: Pool): PoolReads => ({
  ...{ pool: name, by, windowDays, leadDays, method },
  resources: resources.map(({ name: resource, unit, waterline, usage, supply }) => ({
    ...{ name: resource, unit, waterline, kind: supply.kind },
    usage: namesIn(parse(usage)),
    supply: [...new Set(questionsIn(supply).flatMap(([, text]) => namesIn(parse(text))))],
  })),
})

export function doubtsOf(pool: Pool): Doubt[] {
  const isStated = pool.resources.some(({ supply }) => supply.kind === 'stated')
  const idle: Doubt[] =
    pool.units === undefined || isStated
      ? []
      : [
          {
            path: [pool.name, 'units'],
            wanted: 'it where nothing measures how much there is',
            found: `${pool.units}, which no resource uses`,
          },
        ]
  return [...idle, ...pool.resources.flatMap(resource => doubtsOfResource(pool, resource))]
}

function doubtsOfResource(pool: Pool, { name, unit, usage, supply }: Resource): Doubt[] {
  const path = [pool.name, 'resources', name]
  const questions = [['usage', usage] as const, ...questionsIn(supply)]
  const ofQuestions = questions.flatMap(([key, text]) =>
    doubtsOfQuestion(parse(text), pool.by).map(each => ({ path: [...path, key], ...each })),
  )
  if (supply.kind !== 'capacity' || supply.unitCapacity !== undefined) return ofQuestions
  const wanted = '`unit_capacity`, so that a need can be told in units'
  return [...ofQuestions, { path, wanted, found: `none: each unit counts as one of ${unit}` }]
}

const questionsIn = (supply: Resource['supply']): (readonly ['capacity' | 'units', string])[] => [
  ...(supply.kind === 'capacity' ? [['capacity', supply.capacity] as const] : []),
  ...(supply.kind !== 'stated' && supply.units !== undefined ? [['units', supply.units] as const] : []),
]

function doubtsOfQuestion(expr: Expr, by: readonly string[]): Omit<Doubt, 'path'>[] {
  const doubts: Omit<Doubt, 'path'>[] = countersIn(expr).map(counter => ({
    wanted: `what happens in a second: rate(${counter}[5m])`,
    found: `${counter}, which counts for ever`,
  }))
  if (typeOf(expr) !== 'vector') return doubts
  const bound = resultLabels(expr)
  const sum = `sum${by.length === 0 ? '' : ` by (${by.join(', ')})`} (…)`
  const isBounded = bound.kind === 'by' && [...bound.labels].every(each => by.includes(each))
  if (!isBounded)
    doubts.push({
      wanted: `one series ${by.length === 0 ? '' : 'for each part '}in the answer, like ${sum}`,
      found: 'perhaps many',
      hint: 'they are added up: right for cores and bytes, wrong for shares and percent',
    })
  const never = by.filter(each => !canHave(bound, each))
  if (never.length > 0)
    doubts.push({
      wanted: `the labels of \`by\` in the answer, like ${sum}`,
      found: `none called ${never.join(', ')}`,
      hint: 'it counts for the whole and for no part',
    })
  return doubts
}

// What looks at how a counter changes, or only at whether it is there.
const fits = new Set(['rate', 'irate', 'increase', 'resets', 'changes', 'absent', 'absent_over_time'])
const counting = new Set(['count', 'group', 'count_values'])

// Of names that are not ours their endings tell, as Prometheus writes them.
function isCounter(name: string): boolean {
  const known = Object.hasOwn(metrics, name) ? metrics[name as keyof typeof metrics] : undefined
  return known === undefined ? name.endsWith('_total') : known.kind === 'counter'
}

function countersIn(expr: Expr): string[] {
  if (expr.kind === 'call' && fits.has(expr.name)) return []
  if (expr.kind === 'aggregate' && counting.has(expr.op)) return []
  if (expr.kind === 'selector') return namesIn(expr).filter(isCounter)
  return [...new Set(childrenOf(expr).flatMap(countersIn))]
}

function namesIn(expr: Expr): string[] {
  const own =
    expr.kind === 'selector'
      ? expr.matchers.filter(({ name, op }) => name === metricName && op === '=').map(({ value }) => value)
      : []
  return [...new Set([...own, ...childrenOf(expr).flatMap(namesIn)])]
}
