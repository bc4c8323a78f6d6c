// Numbers of one expression changed one by one, and numbers of two expressions joined series by series: operators
// between vectors, and, or, unless. Inner loops over typed arrays. Called by link.ts.
import type { BinaryOp } from '#promql/ast.ts'
import { comparing, computing } from '#promql/evaluate/arithmetic.ts'
import { type Hits, makeRoom } from './hits.ts'
import { columnOf, type Fill, type Node } from './node.ts'

export const changed =
  (input: Node, change: (value: number) => number): Fill =>
  (sheet, into) => {
    const column = columnOf(input, sheet)
    const { at, values, count } = column
    makeRoom(into, count)
    for (let each = 0; each < count; each++) {
      into.at[each] = at[each]!
      into.values[each] = change(values[each]!)
    }
    into.count = count
    sheet.give(column)
  }

type Join = (left: Hits, right: Hits, into: Hits) => number

// Both sides are of the same selector, so a position is a label set.
export const joined =
  (left: Node, right: Node, join: Join): Fill =>
  (sheet, into) => {
    const lefts = columnOf(left, sheet)
    const rights = columnOf(right, sheet)
    makeRoom(into, sheet.slots.length)
    into.count = join(lefts, rights, into)
    sheet.give(lefts)
    sheet.give(rights)
  }

export function operator(op: BinaryOp, bool: boolean): Join {
  const compute = computing[op]
  if (compute !== undefined) return pairing(compute)
  const compare = comparing[op]!
  return bool ? pairing((left, right) => Number(compare(left, right))) : comparison(compare)
}

function pairing(compute: (left: number, right: number) => number): Join {
  return (left, right, into) => {
    let found = 0
    for (let each = 0, other = 0; each < left.count; each++) {
      const at = left.at[each]!
      while (other < right.count && right.at[other]! < at) other++
      if (other === right.count) break
      if (right.at[other] !== at) continue
      into.at[found] = at
      into.values[found++] = compute(left.values[each]!, right.values[other]!)
    }
    return found
  }
}

// Leaves the numbers on the left for which it holds.
function comparison(holds: (left: number, right: number) => boolean): Join {
  return (left, right, into) => {
    let found = 0
    for (let each = 0, other = 0; each < left.count; each++) {
      const at = left.at[each]!
      while (other < right.count && right.at[other]! < at) other++
      if (other === right.count) break
      if (right.at[other] !== at || !holds(left.values[each]!, right.values[other]!)) continue
      into.at[found] = at
      into.values[found++] = left.values[each]!
    }
    return found
  }
}

const without: Join = (left, right, into) => {
  let found = 0
  for (let each = 0, other = 0; each < left.count; each++) {
    const at = left.at[each]!
    while (other < right.count && right.at[other]! < at) other++
    if (other < right.count && right.at[other] === at) continue
    into.at[found] = at
    into.values[found++] = left.values[each]!
  }
  return found
}

const either: Join = (left, right, into) => {
  let found = 0
  for (let each = 0, other = 0; each < left.count || other < right.count; found++) {
    const at = each < left.count ? left.at[each]! : Number.POSITIVE_INFINITY
    const otherAt = other < right.count ? right.at[other]! : Number.POSITIVE_INFINITY
    into.at[found] = Math.min(at, otherAt)
    into.values[found] = at <= otherAt ? left.values[each]! : right.values[other]!
    if (at <= otherAt) each++
    if (otherAt <= at) other++
  }
  return found
}

export const sets: Readonly<Record<'and' | 'or' | 'unless', Join>> = {
  and: comparison(() => true),
  or: either,
  unless: without,
}
