// What does it cost to know many series? Time and memory for a million, and for finding them again.
import { labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { SeriesTable } from '#core/series.ts'

type Cost = Readonly<{ title: string; newUs: number; knownUs: number; bytes: number }>

export function seriesCosts(count = 1_000_000): Cost[] {
  return [1, 10].map(perSet => {
    const before = memoryBytes()
    const table = new SeriesTable(count)
    const newUs = timed(count, perSet, table)
    const bytes = (memoryBytes() - before) / count
    const knownUs = timed(count, perSet, table)
    return { title: `${count} series, ${perSet} for each label set`, newUs, knownUs, bytes }
  })
}

// Microseconds for each series, without the making of its labels.
function timed(count: number, perSet: number, table: SeriesTable): number {
  let total = 0
  for (let from = 0; from < count; from += 10_000) {
    const made: [string, Labels][] = []
    for (let at = from; at < from + 10_000; at += perSet) {
      const labels = labelsOf([
        ['host', `host_${String(at).padStart(7, '0')}`],
        ['dc', `dc${at % 5}`],
        ['rack', `r${at % 97}`],
      ])
      for (let each = 0; each < perSet; each++) made.push([`cpu_usage_${each}`, labels])
    }
    const start = performance.now()
    for (const [name, labels] of made) table.intern(name, labels)
    total += performance.now() - start
  }
  return (total * 1e3) / count
}

function memoryBytes(): number {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

if (import.meta.main) {
  console.log('the table of series (memory needs node --expose-gc)')
  for (const { title, newUs, knownUs, bytes } of seriesCosts()) {
    console.log(
      `  ${title}: ${newUs.toFixed(2)} µs new, ${knownUs.toFixed(2)} µs known, ${bytes.toFixed(0)} bytes each`,
    )
  }
}
