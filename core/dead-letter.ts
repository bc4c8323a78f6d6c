// What could not be stored and would not get better by trying again: kept apart with the reason, for people to look
// at. Written by whoever meets it (the gateway for foreign producers, stores that refuse a line).

export type DeadLetter = Readonly<{
  v: 1
  atMs: number
  // Who refused it: ingest, influxdb, prometheus.
  from: string
  reason: string
  // The line as it came, shortened when it is very long.
  line: string
}>

// So many go out at once: a flood of them, published as one, would not be taken within a bus' deadline, and again, and
// again, while what caused it waits.
const portionMax = 1_000
const portionChars = 4 << 20

// In order; each of at most portionMax letters and portionChars, but for one that is longer alone.
export function lettersInPortions(letters: readonly DeadLetter[]): DeadLetter[][] {
  const portions: DeadLetter[][] = []
  let chars = Number.POSITIVE_INFINITY
  for (const letter of letters) {
    const size = letter.line.length + letter.reason.length
    if (chars + size > portionChars || portions.at(-1)!.length >= portionMax) {
      portions.push([])
      chars = 0
    }
    portions.at(-1)!.push(letter)
    chars += size
  }
  return portions
}
