// A part of a compiled expression: how its numbers are found, and, while a sheet is evaluated, the numbers themselves.
// Equal parts of all expressions are one node, so that 10 000 rules on one average compute it once. Called by link.ts,
// which makes them, and by everyone in this folder who reads one.
import { copyHits, type Hits } from './hits.ts'
import type { Column, Sheet } from './sheet.ts'

export type Fill = (sheet: Sheet, into: Hits) => void

// `users` are the nodes and kernels that read it.
export type Node = { readonly fill: Fill; users: number; stamp: number; column: Column | undefined }

export const openNode = (fill: Fill): Node => ({ fill, users: 0, stamp: 0, column: undefined })

// To be given back to the sheet after reading.
export function columnOf(node: Node, sheet: Sheet): Column {
  if (node.stamp === sheet.stamp) return node.column!
  const column = sheet.take()
  node.fill(sheet, column)
  // What only one reads is not worth its memory.
  if (node.users > 1 && sheet.keep(column)) {
    node.stamp = sheet.stamp
    node.column = column
  }
  return column
}

// The last node of an expression writes to the caller at once, unless others want its numbers too.
export function findAll(node: Node, sheet: Sheet, hits: Hits): void {
  if (node.users === 1) {
    node.fill(sheet, hits)
    return
  }
  const column = columnOf(node, sheet)
  copyHits(column, hits)
  sheet.give(column)
}
