// The tables as the book will have them, in memory: rows go through JSON, so what comes back is what a database gives.
// Called by world.ts.
import { labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import type {
  AlertRow,
  GroupRow,
  Outcome,
  SavedTimeline,
  ToldRow,
} from '../../../alerter/timeline/outcome.ts'

export function openShelf() {
  const alerts = new Map<string, string>()
  const groups = new Map<string, string>()
  const told = new Map<string, string>()
  const read = <T>(rows: ReadonlyMap<string, string>): T[] =>
    // A database has an order of its own.
    [...rows].sort(([one], [other]) => (one < other ? 1 : -1)).map(([, row]) => JSON.parse(row) as T)
  const labels = (found: Labels): Labels => labelsOf(Object.entries(found))
  return {
    save(outcome: Outcome): void {
      for (const id of outcome.goneAlerts) alerts.delete(id)
      for (const { id } of outcome.goneGroups) {
        groups.delete(id)
        for (const key of told.keys()) if (key.endsWith(` ${id}`)) told.delete(key)
      }
      for (const row of outcome.alerts) alerts.set(row.alert.fingerprint, JSON.stringify(row))
      for (const row of outcome.groups) groups.set(row.id, JSON.stringify(row))
      for (const row of outcome.told) told.set(`${row.integration} ${row.group}`, JSON.stringify(row))
    },
    saved: (): SavedTimeline => ({
      alerts: read<AlertRow>(alerts).map(({ alert, seats }) => ({
        alert: { ...alert, labels: labels(alert.labels), annotations: labels(alert.annotations) },
        seats,
      })),
      groups: read<GroupRow>(groups).map(row => ({ ...row, labels: labels(row.labels) })),
      told: read<ToldRow>(told),
    }),
    rows: (): string[] =>
      [...alerts.values(), ...groups.values(), ...[...told.values()].map(sortedTold)].toSorted(),
  }
}

// The order in which an integration heard of two alerts at once is nobody's.
function sortedTold(row: string): string {
  const told = JSON.parse(row) as ToldRow
  return JSON.stringify({ ...told, firing: told.firing.toSorted(([one], [other]) => (one < other ? -1 : 1)) })
}
