// What is the series that comes of a pair? One to one: what both have in common. Else the series of the side of many,
// with the labels that group_left or group_right takes from the other. Called by match.ts.
import { labelsOf, labelValue, metricName } from '#core/labels.ts'
import type { Labels, Series } from '#core/model.ts'
import type { Binary, Matching } from '../ast.ts'
import { computing } from './arithmetic.ts'
import type { Columns } from './columns.ts'
import { byLabels, type Group, sortIntoGroups } from './grouping.ts'
import type { Budget, Run } from './limits.ts'

// Each pair is a row of the side of many and one of the side of one. `groups` are what they have in common.
export type Pairs = Readonly<{
  count: number
  many: Int32Array
  one: Int32Array
  groups: readonly Group[]
  // No group has two rows on a side where only one may be, so that nothing can come out twice.
  isPlain: boolean
}>

type Matched = Readonly<{ many: Columns; one: Columns; pairs: Pairs; matching: Matching }>

export function* seriesOfPairs(expr: Binary, matched: Matched, budget: Budget): Run<Series[]> {
  const { many, one, pairs, matching } = matched
  const dropsName = computing[expr.op] !== undefined
  const { card, on, labels, include } = matching
  const out = new Array<Series>(pairs.count)
  const including = include.length === 0 ? undefined : includingOf(include)
  const isBare = dropsName && card !== 'one-to-one'
  const bare = isBare ? yield* sortIntoGroups(byLabels, many.series, budget) : undefined
  for (let pair = 0; pair < pairs.count; pair++) {
    if (pair % 2_048 === 0 && budget.isTired()) yield
    const row = pairs.many[pair]!
    const series = many.series[row]!
    const common = pairs.groups[pair]!
    if (card !== 'one-to-one') {
      const own = bare === undefined ? series : bare.groups[bare.of[row]!]!.bare
      out[pair] = including === undefined ? own : including.of(own, one.series[pairs.one[pair]!]!)
    } else if (dropsName) out[pair] = common.bare
    else if (on) out[pair] = common.series
    else out[pair] = labels.length === 0 ? series : { name: series.name, labels: common.series.labels }
  }
  return out
}

// Label sets with labels of others in them. What was made is kept as long as its origin, so that the next
// evaluation finds the same objects.
class Including {
  readonly #names: readonly string[]
  readonly #made = new WeakMap<Labels, { from: Labels; labels: Labels }>()

  constructor(names: readonly string[]) {
    this.#names = names
  }

  of(series: Series, one: Series): Series {
    const name = this.#names.includes(metricName) ? one.name : series.name
    const known = this.#made.get(series.labels)
    if (known?.from === one.labels) return { name, labels: known.labels }
    const own = Object.entries(series.labels).filter(([label]) => !this.#names.includes(label))
    const taken = this.#names
      .filter(each => each !== metricName)
      .map(each => [each, labelValue(one, each)] as const)
    const labels = labelsOf([...own, ...taken])
    this.#made.set(series.labels, { from: one.labels, labels })
    return { name, labels }
  }
}

const known = new Map<string, Including>()

function includingOf(names: readonly string[]): Including {
  const key = names.join('\ud800')
  const found = known.get(key)
  if (found !== undefined) return found
  if (known.size >= 500) known.clear()
  const made = new Including(names)
  known.set(key, made)
  return made
}
