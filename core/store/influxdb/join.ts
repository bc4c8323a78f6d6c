// One series may rest in several places: as (cpu_usage, idle) and (cpu, usage_idle), and what is no number apart from
// the numbers. Made one here, ascending, with one sample for each time. Called by read.ts.
import type { Rows } from '../../batch.ts'
import { keyOf } from '../../labels.ts'
import type { Series } from '../../model.ts'
import type { SeriesSamples } from '../../store.ts'

// The rows from `from` to before `to`.
export type Part = { readonly series: Series; readonly isSpecial: boolean; readonly from: number; to: number }

export function joinParts(parts: readonly Part[], rows: Rows): SeriesSamples[] {
  const filled = parts.filter(({ from, to }) => to > from)
  const bySeries = Map.groupBy(filled, ({ series }) => keyOf(series))
  return [...bySeries.values()].map(each => {
    const [first] = each
    const { series, from, to } = first!
    if (each.length === 1 && isAscending(rows.tMs, from, to)) {
      return { series, tMs: rows.tMs.subarray(from, to), values: rows.values.subarray(from, to) }
    }
    return { series, ...merged(each, rows) }
  })
}

function isAscending(tMs: Float64Array, from: number, to: number): boolean {
  for (let at = from + 1; at < to; at++) if (tMs[at]! <= tMs[at - 1]!) return false
  return true
}

// Of two at one time a number is taken rather than none; nobody can say which was written last. Within a part it is
// the later row: the same millisecond, but not the same nanosecond.
function merged(parts: readonly Part[], { tMs, values }: Rows): Pick<SeriesSamples, 'tMs' | 'values'> {
  const order = parts
    .toSorted((a, b) => Number(b.isSpecial) - Number(a.isSpecial))
    .flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at))
    .sort((a, b) => tMs[a]! - tMs[b]!)
  const last = order.filter((row, at) => at + 1 === order.length || tMs[order[at + 1]!] !== tMs[row])
  // Column by column, so that the stale marker keeps its bits.
  const found = { tMs: new Float64Array(last.length), values: new Float64Array(last.length) }
  for (const [at, row] of last.entries()) {
    found.tMs[at] = tMs[row]!
    found.values.set(values.subarray(row, row + 1), at)
  }
  return found
}
