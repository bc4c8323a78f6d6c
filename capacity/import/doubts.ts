// What could not be taken of an import, and where it stands. Some are kept to be shown, all are counted. Called by the
// readers of this folder.
export type Doubt = Readonly<{ file: string; line: number; column: number; wanted: string; found: string }>

export type Doubts = Readonly<{
  add(doubt: Omit<Doubt, 'file'>): void
  // The same, of another file.
  of(file: string): Doubts
  list(): readonly Doubt[]
  count(): number
}>

const keptMax = 20
const foundMax = 60

export function openDoubts(first = ''): Doubts {
  const kept: Doubt[] = []
  let count = 0
  const of = (file: string): Doubts => ({
    add({ line, column, wanted, found }) {
      count++
      if (kept.length < keptMax) kept.push({ file, line, column, wanted, found: found.slice(0, foundMax) })
    },
    of,
    list: () => kept,
    count: () => count,
  })
  return of(first)
}
