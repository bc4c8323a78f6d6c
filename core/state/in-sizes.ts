// Many rows in few statements, in a few fixed sizes, so that a storm is a few texts that are prepared once: compiling each
// statement anew would take longer than carrying it out. Called by the rooms that save storms.
import type { State } from '../state.ts'
import { Packed } from './packed.ts'

type Statement = Parameters<State['write']>[0][number]

// The columns of a row in the order of the table that is named.
export type Row = readonly (string | number | null)[]

const sizes = [256, 32, 4, 1] as const

// In an array that is made once: storms pass here.
function cellsOf(before: Row, rows: readonly Row[], [from, to]: readonly [number, number]): Row {
  const cells: (string | number | null)[] = new Array(before.length + (to - from) * rows[from]!.length)
  let at = 0
  for (let nth = 0; nth < before.length; nth++) cells[at++] = before[nth]!
  for (let row = from; row < to; row++) {
    const found = rows[row]!
    for (let nth = 0; nth < found.length; nth++) cells[at++] = found[nth]!
  }
  return cells
}

// `make` builds the statement for as many rows as `many` makes of one; its parameters are `before` and then the rows.
export function inSizes(
  make: (many: <T>(row: T) => T[]) => Statement,
): (rows: readonly Row[], before?: Row) => Packed[] {
  const known = new Map<number, ReturnType<Statement['compile']>>()
  const compiled = (size: number): ReturnType<Statement['compile']> => {
    const found = known.get(size) ?? make(row => Array.from({ length: size }, () => row)).compile()
    known.set(size, found)
    return found
  }
  return (rows, before = []) => {
    const statements: Packed[] = []
    let at = 0
    for (const size of sizes) {
      for (; rows.length - at >= size; at += size) {
        const parameters = cellsOf(before, rows, [at, at + size])
        statements.push(new Packed(compiled(size), parameters))
      }
    }
    return statements
  }
}
