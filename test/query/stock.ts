// Samples in memory behind the store's select(), on a simulated clock, and a short way to put some there. Used by
// the tests of the front page; a store of its own thread would take most of their time.
import { SimulatedClock } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import { SeriesTable } from '#core/series.ts'
import type { Store } from '#core/store.ts'

export const nowMs = Date.UTC(2026, 10, 20, 12)

export type Stock = Readonly<{
  store: Pick<Store, 'select'>
  table: SeriesTable
  clock: SimulatedClock
  // The newest value `agoMs` before now, those before it every ten seconds.
  put(name: string, labels: Record<string, string>, values: readonly number[], agoMs?: number): void
}>

export function openStock(): Stock {
  const clock = new SimulatedClock(nowMs)
  const table = new SeriesTable()
  const columns: (readonly [tMs: number, value: number])[][] = []
  const select: Store['select'] = async (matchers, { fromMs, toMs }) =>
    table.select(matchers).flatMap(id => {
      const within = (columns[id] ?? []).filter(([tMs]) => tMs >= fromMs && tMs <= toMs)
      if (within.length === 0) return []
      const [tMs, values] = [within.map(each => each[0]), within.map(each => each[1])]
      return [{ series: table.get(id), tMs: Float64Array.from(tMs), values: Float64Array.from(values) }]
    })
  return {
    store: { select },
    table,
    clock,
    put(name, labels, values, agoMs = 0) {
      const id = table.intern(name, labelsOf(Object.entries(labels)))
      const lastMs = clock.nowMs() - agoMs
      const points = values.map((value, at) => [lastMs - (values.length - 1 - at) * 10_000, value] as const)
      columns[id] = [...(columns[id] ?? []), ...points].sort((a, b) => a[0] - b[0])
    },
  }
}
