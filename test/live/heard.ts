// A reader of what is told of alerts: each transition by its id, when it was first heard, and how often; and of when the
// gateway received which samples. Called by rules-fleet.test.ts.
import type { Bus } from '#core/bus.ts'
import type { AlertTransition } from '#core/model.ts'
import type { SeriesTable } from '#core/series.ts'

export type Heard = Readonly<{ told: AlertTransition; heardMs: number; count: number }>

export async function openHearing(bus: Bus): Promise<ReadonlyMap<string, Heard>> {
  const heard = new Map<string, Heard>()
  await bus.subscribe(
    'alerts',
    'test',
    async transitions => {
      for (const told of transitions) {
        const before = heard.get(told.id)
        heard.set(told.id, { told, heardMs: Date.now(), ...before, count: (before?.count ?? 0) + 1 })
      }
    },
    { from: 'beginning' },
  )
  return heard
}

// By the time of a sample and its host. Of one that came twice the first counts.
export type Received = ReadonlyMap<number, ReadonlyMap<string, number>>

export async function openReceived(bus: Bus, table: SeriesTable): Promise<Received> {
  const received = new Map<number, Map<string, number>>()
  await bus.subscribe(
    'samples',
    'test',
    async batches => {
      for (const { rows, receivedAtMs } of batches) {
        for (const [at, number] of rows.series.entries()) {
          const { name, labels } = table.get(number)
          if (name !== 'heat') continue
          const byHost = received.get(rows.tMs[at]!) ?? new Map<string, number>()
          received.set(rows.tMs[at]!, byHost)
          const host = labels['host']!
          if (!byHost.has(host)) byHost.set(host, receivedAtMs)
        }
      }
    },
    { from: 'beginning' },
  )
  return received
}
