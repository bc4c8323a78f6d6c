// What does it cost to take alerts for good? A storm in one call until all of it is durable; and one alert from the call
// until delivery has its message, both with SQLite on the disk of the working folder.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { realClock } from '#core/clock.ts'
import { fingerprint, labelsOf } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { type Alerter, openAlerter } from '../alerter/alerter.ts'
import { hookIntegrations, hookRoute } from './hook-route.ts'
import { machine } from './machine.ts'
import { median } from './median.ts'

type Opened = Readonly<{ alerter: Alerter; close(): Promise<void> }>

async function opened(groupBy: readonly string[], groupWaitMs: number): Promise<Opened> {
  const folder = mkdtempSync(join(process.cwd(), '.bench-alerter-'))
  const route = hookRoute(groupBy, groupWaitMs)
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  const alerter = await openAlerter({
    state,
    clock: realClock,
    log: openLog(),
    own: openOwnMetrics(),
    config: {
      route,
      receivers: new Map([['hook', { name: 'hook', integrations: hookIntegrations }]]),
      inhibitions: [],
      intervals: new Map(),
    },
    silencedBy: () => [],
  })
  const close = async (): Promise<void> => {
    await alerter.close()
    await state.close()
    rmSync(folder, { recursive: true })
  }
  return { alerter, close }
}

function transitionOf(number: number, groups: number): AlertTransition {
  const nowMs = realClock.nowMs()
  const labels = labelsOf([
    ['alertname', 'Storm'],
    ['instance', `host-${number}:9100`],
    ['rack', `rack-${number % groups}`],
    ['severity', 'warn'],
  ])
  const name = fingerprint(labels)
  return {
    v: 1,
    id: `c0ffee00c0ffee00/${name}/firing/${nowMs}`,
    atMs: nowMs,
    alert: {
      fingerprint: name,
      labels,
      annotations: labelsOf([['summary', `host-${number} has been too hot for a while`]]),
      state: 'firing',
      stale: false,
      startsAtMs: nowMs,
      endsAtMs: null,
      value: '97.25',
      rule: { id: 'c0ffee00c0ffee00', group: 'bench', name: 'Storm', expr: 'heat > 90' },
    },
    reason: null,
  }
}

// Until the call resolves, and the longest time meanwhile in which nobody else had the thread.
async function storm(groupWaitMs: number): Promise<readonly [number, number]> {
  const { alerter, close } = await opened(['rack'], groupWaitMs)
  let entries = 0
  alerter.outbox.onEntry(() => {
    entries++
  })
  const transitions = Array.from({ length: 50_000 }, (_, number) => transitionOf(number, 100))
  let heldMs = 0
  let lastMs = performance.now()
  const pulse = setInterval(() => {
    heldMs = Math.max(heldMs, performance.now() - lastMs)
    lastMs = performance.now()
  }, 1)
  const startMs = performance.now()
  await alerter.take(transitions)
  const tookMs = performance.now() - startMs
  clearInterval(pulse)
  if (groupWaitMs === 0 && entries !== 100) throw new Error(`${entries} of 100 groups are told`)
  await close()
  return [tookMs, heldMs]
}

async function single(): Promise<readonly number[]> {
  const { alerter, close } = await opened(['instance'], 0)
  const found: number[] = []
  let offered = Promise.withResolvers<void>()
  alerter.outbox.onEntry(() => offered.resolve())
  for (let number = 0; number < 500; number++) {
    offered = Promise.withResolvers()
    const startMs = performance.now()
    const taken = alerter.take([transitionOf(number, 1)])
    await offered.promise
    found.push(performance.now() - startMs)
    await taken
  }
  await close()
  return found.slice(50)
}

async function storms(groupWaitMs: number): Promise<string> {
  const runs: (readonly [number, number])[] = []
  for (let run = 0; run < 5; run++) runs.push(await storm(groupWaitMs))
  const took = median(runs.map(([tookMs]) => tookMs)).toFixed(0)
  const held = median(runs.map(([, heldMs]) => heldMs)).toFixed(0)
  return `${took} ms, the thread held for ${held} ms at most`
}

if (import.meta.main) {
  console.log(machine())
  console.log('the alerter, everything durable in SQLite')
  console.log(
    `  50 000 alerts in one call, 100 groups that wait: ${await storms(1_000)} (to meet: ≤ 1 000 ms)`,
  )
  console.log(`  the same, told at once: ${await storms(0)} (to meet: ≤ 1 000 ms)`)
  const found = [...(await single())].sort((a, b) => a - b)
  const late = found[Math.floor(found.length * 0.99)]!.toFixed(1)
  console.log(
    `  one alert, call to delivery: p50 ${median(found).toFixed(2)} ms, p99 ${late} ms (to meet: p50 ≤ 2 ms)`,
  )
}
