// Two vectors and an operator: which series of both sides belong together, and what comes of each pair? A plain loop
// over typed arrays where it goes through series and steps (bench/promql.ts). Called by compute.ts.
import { Failure } from '#core/errors.ts'
import type { Series } from '#core/model.ts'
import type { Binary, Matching } from '../ast.ts'
import { comparing, computing } from './arithmetic.ts'
import { type Columns, emptyColumns, onlyKept } from './columns.ts'
import { type Group, sortIntoGroups, specOf } from './grouping.ts'
import { type Budget, inSlices, type Run } from './limits.ts'
import { type Pairs, seriesOfPairs } from './match-labels.ts'
import { mergeSame } from './merge.ts'
import type { Scope } from './scope.ts'
import { seriesText } from './series-text.ts'
import type { Sides } from './sets.ts'

const byDefault: Matching = { card: 'one-to-one', on: false, labels: [], include: [] }

export function* between(expr: Binary, sides: Sides, { budget, isPart }: Scope): Run<Columns> {
  const { left, right } = sides
  const { steps } = left
  const matching = expr.matching ?? byDefault
  const isSwapped = matching.card === 'one-to-many'
  const [many, one] = isSwapped ? [right, left] : [left, right]
  if (one.series.length === 0 || (many.series.length === 0 && !isPart)) return emptyColumns(steps)
  const pairs = yield* paired(many, one, { matching, isPart }, budget)
  if (many.series.length === 0) return emptyColumns(steps)
  const cells = pairs.count * steps
  budget.hold(cells)
  const into = { values: new Float64Array(cells), met: new Uint8Array(cells), kept: new Uint8Array(cells) }
  const [leftRows, rightRows] = isSwapped ? [pairs.one, pairs.many] : [pairs.many, pairs.one]
  yield* inSlices(pairs.count, steps, budget, (from, to) =>
    fill(expr, { ...sides, leftRows, rightRows, from, to }, into),
  )
  if (matching.card === 'one-to-one' && !pairs.isPlain) refuseSecond(pairs, into.met, steps)
  const series = yield* seriesOfPairs(expr, { many, one, pairs, matching }, budget)
  const keepsName = !expr.bool && comparing[expr.op] !== undefined
  const unnamed = new Uint8Array(pairs.count)
  for (let pair = 0; pair < pairs.count; pair++) {
    unnamed[pair] = keepsName ? many.unnamed[pairs.many[pair]!]! : Number(expr.bool)
  }
  const all = { kind: 'vector', steps, series, unnamed, values: into.values, present: undefined } as const
  const result = onlyKept(all, into.kept)
  if (isUnique(series, many, matching, pairs)) return result
  const message = 'multiple matches for labels: grouping labels must ensure unique matches'
  // What a comparison leaves out has to be unique too.
  yield* mergeSame(onlyKept(all, into.met), budget, message)
  return yield* mergeSame(result, budget, message)
}

// Whether what came of different pairs is of different series for sure.
function isUnique(
  series: readonly Series[],
  many: Columns,
  { card, include }: Matching,
  pairs: Pairs,
): boolean {
  if (!pairs.isPlain) return false
  // Groups that differ by their names alone are one when those go.
  if (card === 'one-to-one') {
    return pairs.groups.every(({ bare, series: { name, labels } }) => name === '' && bare.labels === labels)
  }
  if (include.length > 0) return false
  const { name } = many.series[0]!
  return series.every((each, pair) => {
    const from = many.series[pairs.many[pair]!]!
    return from.name === name && from.labels === each.labels
  })
}

type How = Readonly<{ matching: Matching; isPart: boolean }>

function* paired(many: Columns, one: Columns, { matching, isPart }: How, budget: Budget): Run<Pairs> {
  const spec = specOf(!matching.on, matching.labels)
  const { groups, of, others } = yield* sortIntoGroups(spec, one.series, budget, many.series)
  // The rows of the side of one by group, as chains.
  const first = new Int32Array(groups.length).fill(-1)
  const next = new Int32Array(of.length)
  for (let row = 0; row < of.length; row++) {
    next[row] = first[of[row]!]!
    first[of[row]!] = row
  }
  const isDouble = groups.length < of.length
  if (isDouble) refuseDoubles(many, one, { first, next, groups, matching, isPart })
  const isOne = matching.card === 'one-to-one'
  const [rows, ones, together, isMet] = [
    [] as number[],
    [] as number[],
    [] as Group[],
    new Uint8Array(groups.length),
  ]
  let isPlain = !isDouble
  for (let row = 0; row < others.length; row++) {
    const group = others[row]!
    if (group < 0) continue
    if (isOne && isMet[group] === 1) isPlain = false
    isMet[group] = 1
    for (let other = first[group]!; other >= 0; other = next[other]!) {
      rows.push(row)
      ones.push(other)
      together.push(groups[group]!)
    }
  }
  return {
    count: rows.length,
    many: Int32Array.from(rows),
    one: Int32Array.from(ones),
    groups: together,
    isPlain,
  }
}

// Where both sides have something, and where that stays.
type Cells = Readonly<{ values: Float64Array; met: Uint8Array; kept: Uint8Array }>
type Part = Sides & Readonly<{ leftRows: Int32Array; rightRows: Int32Array; from: number; to: number }>

function fill(expr: Binary, part: Part, { values, met, kept }: Cells): void {
  const { left, right, leftRows, rightRows } = part
  const { steps } = left
  const [compute, compare] = [computing[expr.op], comparing[expr.op]]
  for (let pair = part.from, at = pair * steps; pair < part.to; pair++) {
    const [leftBase, rightBase] = [leftRows[pair]! * steps, rightRows[pair]! * steps]
    for (let step = 0; step < steps; step++, at++) {
      if (left.present?.[leftBase + step] === 0 || right.present?.[rightBase + step] === 0) continue
      met[at] = 1
      const [a, b] = [left.values[leftBase + step]!, right.values[rightBase + step]!]
      if (compute !== undefined) values[at] = compute(a, b)
      else {
        const holds = compare!(a, b)
        if (!holds && !expr.bool) continue
        values[at] = expr.bool ? Number(holds) : a
      }
      kept[at] = 1
    }
  }
}

type OneSide = Readonly<{
  first: Int32Array
  next: Int32Array
  groups: readonly Group[]
  matching: Matching
  isPart: boolean
}>

// Two series of one group on the side of one, at a time when the other side has something, here or elsewhere.
function refuseDoubles(many: Columns, one: Columns, side: OneSide): void {
  const { first, next, groups, matching, isPart } = side
  const { steps } = one
  const isThere = (columns: Columns, row: number, step: number): boolean =>
    columns.present === undefined || columns.present[row * steps + step] === 1
  for (let step = 0; step < steps; step++) {
    if (!isPart && !many.series.some((_, row) => isThere(many, row, step))) continue
    for (let index = 0; index < groups.length; index++) {
      let known = -1
      for (let row = first[index]!; row >= 0; row = next[row]!) {
        if (!isThere(one, row, step)) continue
        if (known >= 0) throw tooMany(groups[index]!, matching, [one.series[known]!, one.series[row]!])
        known = row
      }
    }
  }
}

function tooMany({ series }: Group, { card }: Matching, [a, b]: readonly [Series, Series]): Failure {
  const side = card === 'one-to-many' ? 'left' : 'right'
  const found = `found duplicate series for the match group ${seriesText(series)} on the ${side} hand-side of the operation`
  const why = 'many-to-many matching not allowed: matching labels must be unique on one side'
  return new Failure('query_failed', `${found}: [${seriesText(a)}, ${seriesText(b)}];${why}`)
}

function refuseSecond({ count, groups }: Pairs, met: Uint8Array, steps: number): void {
  const taken = new Map<Group, Uint8Array>()
  for (let pair = 0; pair < count; pair++) {
    const group = groups[pair]!
    const at = taken.get(group) ?? new Uint8Array(steps)
    taken.set(group, at)
    for (let step = 0; step < steps; step++) {
      if (met[pair * steps + step] === 0) continue
      if (at[step] === 1) {
        const what = 'many-to-one matching must be explicit (group_left/group_right)'
        throw new Failure('query_failed', `multiple matches for labels: ${what}`)
      }
      at[step] = 1
    }
  }
}
