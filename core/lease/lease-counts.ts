// What /metrics shows about leases, by kind: the part of the name before the first /, because there may be many
// names. Called by held.ts and wanted.ts.
import type { OwnMetrics } from '../own-metrics.ts'
import type { End } from './holding.ts'
import type { Because } from './sightings.ts'

export type LeaseCounts = Readonly<{
  held(names: readonly string[]): void
  taken(name: string, because: Because): void
  lost(name: string, because: Exclude<End, 'over'>): void
}>

const kindOf = (name: string): string => name.split('/', 1)[0]!

export function openLeaseCounts(own: OwnMetrics | undefined): LeaseCounts {
  const [held, takeovers, losses] = [
    own?.gauge('plimsoll_lease_held'),
    own?.counter('plimsoll_lease_takeovers_total'),
    own?.counter('plimsoll_lease_losses_total'),
  ]
  const kinds = new Set<string>()
  return {
    held(names) {
      const counts = Map.groupBy(names.map(kindOf), kind => kind)
      for (const kind of counts.keys()) kinds.add(kind)
      for (const kind of kinds) held?.set(counts.get(kind)?.length ?? 0, { kind })
    },
    taken: (name, because) => takeovers?.inc(1, { kind: kindOf(name), because }),
    lost: (name, because) => losses?.inc(1, { kind: kindOf(name), because }),
  }
}
