// Rules processes of a fleet on one topic and one state, on a simulated clock: each may be killed, paused and woken, and
// may leave; others join. Called by the tests of the fleet.
import { setImmediate } from 'node:timers/promises'
import { cutByPartition, RowBuffer } from '#core/batch.ts'
import { labelsOf, noLabels } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { SeriesTable } from '#core/series.ts'
import { staleNaN } from '#core/stale.ts'
import type { EngineSettings } from '../../../rules/engine/options.ts'
import { openRuleFleet } from '../../../rules/fleet.ts'
import { openStandings } from '../../../rules/standing.ts'
import { openLeaseWorld } from '../../core/lease-world.ts'
import { MemoryStore } from '../engine/memory-store.ts'
import { groupsOf, type Sample, textOf } from '../live/driven.ts'
import { KeptTopic } from './keeping-bus.ts'

export type FleetWorld = Awaited<ReturnType<typeof openFleetWorld>>

export async function openFleetWorld() {
  const world = await openLeaseWorld()
  const topic = new KeptTopic()
  const sender = new SeriesTable()
  let names = 0

  function settings(rules: string, more: Partial<EngineSettings> = {}): EngineSettings {
    return {
      groups: groupsOf(rules),
      externalLabels: noLabels,
      externalUrl: 'http://here',
      silentMs: 30_000,
      forgetMs: 7 * 86_400_000,
      expected: [],
      ...more,
    }
  }
  // The store may have samples of before.
  async function start(rules: string, more: Partial<EngineSettings> = {}, stored: readonly Sample[] = []) {
    const self = `p${++names}`
    const machine = world.start(self, { name: `idle/${self}`, work: async () => {} })
    const { state, clock, leases } = machine
    const table = new SeriesTable()
    const own = openOwnMetrics()
    const store = new MemoryStore()
    store.table = table
    await store.append([{ ...cutOf(stored, table), partition: 0 }])
    const logged: string[] = []
    const engine = await openRuleFleet({
      settings: settings(rules, more),
      bus: topic.bus(table, machine),
      store,
      state,
      table,
      clock,
      log: openLog({ clock, write: line => void logged.push(line) }),
      own,
      source: self,
      headWindowMs: 3_600_000,
      headBytes: 16 * 2 ** 20,
      leases,
      self,
      standings: openStandings({ state, clock }),
    })
    const shares = (): number =>
      own.samples(0).find(({ series }) => series.name === 'plimsoll_rules_shares')?.value ?? 0
    return { ...machine, self, engine, own, logged, shares, store }
  }

  // Until nobody does anything any more but wait for time.
  async function settled(): Promise<void> {
    for (let quiet = 0, steps = topic.steps; quiet < 4; ) {
      await world.settled()
      await setImmediate()
      quiet = topic.steps === steps ? quiet + 1 : 0
      steps = topic.steps
    }
  }
  const runFor = (durationMs: number): Promise<void> => world.passTime(durationMs, settled)
  // As the gateway does.
  function send(...samples: readonly Sample[]): void {
    topic.add(cutByPartition({ source: 'sender', ...cutOf(samples, sender) }, sender), sender)
  }
  function cutOf(samples: readonly Sample[], table: SeriesTable) {
    const nowMs = world.nowMs()
    const rows = new RowBuffer()
    for (const [name, labels, value, tMs = nowMs] of samples) {
      const number = table.intern(name, labelsOf(Object.entries(labels)))
      rows.push(number, tMs, value === 'stale' ? staleNaN : value)
    }
    return { receivedAtMs: nowMs, rows: rows.rows(), notes: [] }
  }
  // `+60s firing Hot host=a`.
  const said = (): string[] =>
    topic.told.map(each => {
      const [atMs, ...rest] = textOf(each).split(' ')
      return [`+${(Number(atMs) - world.startMs) / 1_000}s`, ...rest].join(' ')
    })
  return { ...world, topic, settings, start, settled, runFor, send, said }
}
