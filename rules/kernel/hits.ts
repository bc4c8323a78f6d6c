// Which of the slots being evaluated have a number, and which number: what every part of a kernel reads and writes.
// Compact, so that loops touch only what is there. Called by everyone in this folder and by the live rules.

// `at` are positions in sheet.slots, ascending; the first `count` of both columns hold. Reused, and grown when needed.
export type Hits = { at: Uint32Array; values: Float64Array; count: number }

export const openHits = (): Hits => ({ at: new Uint32Array(0), values: new Float64Array(0), count: 0 })

// What is in them is lost.
export function makeRoom(hits: Hits, wanted: number): void {
  if (hits.at.length >= wanted) return
  const length = Math.max(8, 2 ** Math.ceil(Math.log2(wanted)))
  hits.at = new Uint32Array(length)
  hits.values = new Float64Array(length)
}

export function copyHits(from: Hits, into: Hits): void {
  const { count } = from
  makeRoom(into, count)
  for (let each = 0; each < count; each++) {
    into.at[each] = from.at[each]!
    into.values[each] = from.values[each]!
  }
  into.count = count
}
