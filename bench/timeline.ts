// What does the timeline cost? Milliseconds for a storm that is taken and decided, outcome included; microseconds for
// one alert among a hundred thousand; and bytes for each alert that is known.
import { fingerprint, labelsOf, noLabels } from '#core/labels.ts'
import type { KnownAlert } from '../alerter/alert.ts'
import type { Route } from '../alerter/route.ts'
import type { Telling } from '../alerter/timeline/outcome.ts'
import type { TimelineRules } from '../alerter/timeline/rules.ts'
import { Timeline } from '../alerter/timeline.ts'
import { hookIntegrations, hookRoute } from './hook-route.ts'
import { machine } from './machine.ts'
import { median } from './median.ts'

const beginMs = Date.UTC(2026, 0, 31)
const runs = 9

function openTimeline(groupBy: Route['groupBy'], groupWaitMs = 1_000): Timeline {
  const route = hookRoute(groupBy, groupWaitMs)
  const rules: TimelineRules = {
    route,
    receivers: new Map([['hook', { name: 'hook', integrations: hookIntegrations }]]),
    inhibitor: { set: () => {}, delete: () => {}, inhibitedBy: () => undefined },
    silencedBy: () => [],
    isWithin: () => false,
  }
  return new Timeline({ rules, saved: { alerts: [], groups: [], told: [] }, nowMs: beginMs })
}

function alertOf(number: number, racks: number): KnownAlert {
  const labels = labelsOf([
    ['alertname', 'Storm'],
    ['instance', `host-${number}:9100`],
    ['rack', `rack-${number % racks}`],
    ['severity', 'warn'],
  ])
  return {
    fingerprint: fingerprint(labels),
    labels,
    annotations: noLabels,
    startsAtMs: beginMs,
    endsAtMs: null,
    stale: false,
    value: '1',
    generatorUrl: '',
    updatedAtMs: beginMs,
  }
}

const alertsOf = (count: number, racks: number): KnownAlert[] =>
  Array.from({ length: count }, (_, number) => alertOf(number, racks))

// Taken, its outcome read; a second later decided, and that outcome read. By the clock, and of the processor, collector
// included: on a machine that others use, the second says more.
function stormMs(count: number, groups: number): string {
  const alerts = alertsOf(count, groups)
  const [clock, processor]: [number[], number[]] = [[], []]
  for (let run = 0; run < runs; run++) {
    const timeline = openTimeline(['rack'])
    const [start, used] = [performance.now(), process.cpuUsage()]
    timeline.take(alerts, beginMs)
    timeline.takeOutcome()
    const nowMs = timeline.nextDueMs()
    const tellings: Telling[] = []
    while (timeline.nextDueMs() <= nowMs) {
      timeline.advanceTo(nowMs)
      tellings.push(...(timeline.takeOutcome()?.tellings ?? []))
    }
    clock.push(performance.now() - start)
    const { user, system } = process.cpuUsage(used)
    processor.push((user + system) / 1_000)
    const told = tellings.reduce((sum, { firing }) => sum + firing.length, 0)
    if (told !== count) throw new Error(`${told} of ${count} alerts are told`)
  }
  return `${median(clock).toFixed(0)} ms, ${median(processor).toFixed(0)} ms of the processor`
}

// Each begins a group of its own, or comes to one of a thousand, and its outcome is read.
function oneUs(groupBy: Route['groupBy'], groupWaitMs: number): number {
  const timeline = openTimeline(groupBy, groupWaitMs)
  timeline.take(alertsOf(100_000, 1_000), beginMs)
  while (timeline.nextDueMs() <= beginMs + 1_000) timeline.advanceTo(beginMs + 1_000)
  timeline.takeOutcome()
  const found: number[] = []
  for (let number = 100_000; number < 105_000; number++) {
    const alert = alertOf(number, 1_000)
    const start = performance.now()
    timeline.take([alert], beginMs + 2_000)
    timeline.takeOutcome()
    found.push((performance.now() - start) * 1_000)
  }
  return median(found)
}

function bytesEach(): number | undefined {
  if (globalThis.gc === undefined) return undefined
  const alerts = alertsOf(100_000, 1_000)
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  const timeline = openTimeline(['rack'])
  timeline.take(alerts, beginMs)
  while (timeline.nextDueMs() <= beginMs + 1_000) timeline.advanceTo(beginMs + 1_000)
  timeline.takeOutcome()
  globalThis.gc()
  const bytes = process.memoryUsage().heapUsed - before
  return bytes / timeline.size.alerts
}

if (import.meta.main) {
  console.log(machine())
  console.log('the timeline, everything taken and decided')
  console.log(`  50 000 alerts in 100 groups: ${stormMs(50_000, 100)} (to meet: ≤ 150 ms)`)
  console.log(`  10 000 alerts, each its own group: ${stormMs(10_000, 10_000)} (to meet: ≤ 150 ms)`)
  console.log(`  one more among 100 000, told at once: ${oneUs('all', 0).toFixed(1)} µs (to meet: ≤ 50)`)
  console.log(`  one more among 100 000, in a group: ${oneUs(['rack'], 1_000).toFixed(1)} µs (to meet: ≤ 50)`)
  const bytes = bytesEach()
  const memory = bytes === undefined ? 'run with --expose-gc' : `${bytes.toFixed(0)} bytes`
  console.log(`  memory for each alert, its labels not counted: ${memory}`)
}
