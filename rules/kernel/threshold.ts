// Numbers beside one constant, of which a few are left: what most alerting rules end with. One inner loop for each
// comparison, because a shared one would call a function for each number: 1 ns instead of 4 (bench/kernels.ts). Of
// columns that several rules read the least and the greatest number are known, so a threshold that nothing meets
// costs no loop at all. Called by link.ts.
import type { comparisons } from '#promql/ast.ts'
import { type Hits, makeRoom } from './hits.ts'
import { columnOf, type Fill, type Node } from './node.ts'
import type { Column } from './sheet.ts'

export type Comparison = (typeof comparisons)[number]

type Pick = (from: Hits, than: number, into: Hits) => number

// Below this a loop costs no more than the question whether there has to be one.
const few = 16

export function threshold(input: Node, op: Comparison, than: number): Fill {
  const [pick, mayHold] = [picks[op], mayHolds[op]]
  return (sheet, into) => {
    const column = columnOf(input, sheet)
    if (column.count >= few && column.isKept) {
      if (!column.isMeasured) measure(column)
      if (!mayHold(column, than)) {
        into.count = 0
        return
      }
    }
    makeRoom(into, column.count)
    into.count = pick(column, than, into)
    sheet.give(column)
  }
}

// Of nothing but NaN: the least is above the greatest.
function measure(column: Column): void {
  const { values, count } = column
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let each = 0; each < count; each++) {
    const value = values[each]!
    if (value < low) low = value
    if (value > high) high = value
  }
  column.low = low
  column.high = high
  column.isMeasured = true
}

const mayHolds: Readonly<Record<Comparison, (column: Column, than: number) => boolean>> = {
  '>': ({ high }, than) => high > than,
  '>=': ({ high }, than) => high >= than,
  '<': ({ low }, than) => low < than,
  '<=': ({ low }, than) => low <= than,
  '==': ({ low, high }, than) => low <= than && than <= high,
  '!=': () => true,
}

const picks: Readonly<Record<Comparison, Pick>> = {
  '>': ({ at, values, count }, than, into) => {
    let found = 0
    for (let each = 0; each < count; each++) {
      if (!(values[each]! > than)) continue
      into.at[found] = at[each]!
      into.values[found++] = values[each]!
    }
    return found
  },
  '>=': ({ at, values, count }, than, into) => {
    let found = 0
    for (let each = 0; each < count; each++) {
      if (!(values[each]! >= than)) continue
      into.at[found] = at[each]!
      into.values[found++] = values[each]!
    }
    return found
  },
  '<': ({ at, values, count }, than, into) => {
    let found = 0
    for (let each = 0; each < count; each++) {
      if (!(values[each]! < than)) continue
      into.at[found] = at[each]!
      into.values[found++] = values[each]!
    }
    return found
  },
  '<=': ({ at, values, count }, than, into) => {
    let found = 0
    for (let each = 0; each < count; each++) {
      if (!(values[each]! <= than)) continue
      into.at[found] = at[each]!
      into.values[found++] = values[each]!
    }
    return found
  },
  '==': ({ at, values, count }, than, into) => {
    let found = 0
    for (let each = 0; each < count; each++) {
      if (values[each]! !== than) continue
      into.at[found] = at[each]!
      into.values[found++] = values[each]!
    }
    return found
  },
  '!=': ({ at, values, count }, than, into) => {
    let found = 0
    for (let each = 0; each < count; each++) {
      if (values[each]! === than) continue
      into.at[found] = at[each]!
      into.values[found++] = values[each]!
    }
    return found
  },
}
