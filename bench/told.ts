// `npm run bench:told [single|road|flood] [--short]`: how long until somebody is told? From one alert that is posted, and
// from one sample that is written, until an HTTP server has the whole message, while samples flow into the same service;
// and when 50 000 series cross a threshold at once. Beside Alertmanager, and Prometheus with Alertmanager.
// PLIMSOLL_ALERTMANAGER and PLIMSOLL_PROMETHEUS name those that are not on the PATH.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fingerprint, labelsOf } from '#core/labels.ts'
import { openFlow } from './flow.ts'
import { type Hook, openHook } from './hook.ts'
import { machine } from './machine.ts'
import { type Notifier, notifiers, ours, type RunningNotifier, startNotifier } from './notifiers.ts'
import { postOne } from './posting.ts'
import { post } from './promql-servers.ts'
import { quantileText } from './quantiles.ts'
import { showFlood } from './told-flood.ts'
import { showTheirFlood, showTheirRoad } from './told-prometheus.ts'

const samplesPerSecond = 50_000
const warmMs = 5_000
const patienceMs = 10_000

if (import.meta.main) {
  const wanted = process.argv.slice(2).filter(each => !each.startsWith('--'))
  const isShort = process.argv.includes('--short')
  const wants = (what: string): boolean => wanted.length === 0 || wanted.includes(what)
  console.log(machine())
  const all = notifiers()
  const theirs = all.find(each => each !== ours)
  if (wants('single')) for (const isBusy of [false, true]) await showSingle(all, isBusy, isShort ? 50 : 300)
  if (wants('road')) {
    await showRoad(isShort ? 50 : 300)
    await showTheirRoad(theirs, isShort ? 10 : 60)
  }
  if (wants('flood')) {
    await showFlood(isShort ? 1 : 3)
    await showTheirFlood(theirs, isShort ? 20 : 100)
  }
}

type Told = Readonly<{
  notifier: Notifier
  running: RunningNotifier
  hook: Hook
  ms: number[]
  answeredMs: number[]
}>

// In turns, each on the same busy machine.
async function showSingle(all: readonly Notifier[], isBusy: boolean, probes: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const told: Told[] = []
  try {
    for (const notifier of all) {
      const hook = await openHook()
      const settings = {
        folder: join(folder, notifier.name),
        hook: hook.url,
        groupBy: ['...'],
        groupWait: '0s',
      }
      const running = await startNotifier(notifier, settings)
      told.push({ notifier, running, hook, ms: [], answeredMs: [] })
    }
    const flow = isBusy ? openFlow(told[0]!.running.origin, samplesPerSecond) : undefined
    await sleep(isBusy ? warmMs : 1_000)
    // The first tenth makes everyone warm.
    for (let probe = -Math.ceil(probes / 10); probe < probes; probe++) {
      for (const one of told) await probeSingle(one, probe)
      await sleep(20 + Math.random() * 20)
    }
    const load = await flow?.end()
    const meanwhile = isBusy
      ? `while ${samplesPerSecond} samples a second flow into plimsoll`
      : 'nothing else'
    console.log(
      `one alert posted, ${meanwhile}, ${probes} probes: ms at 50, 95, 99, 100 % (to meet: 5 at 50 %)`,
    )
    for (const { notifier, ms, answeredMs } of told) {
      console.log(`  ${notifier.name.padEnd(13)} until somebody has the message ${quantileText(ms)}`)
      console.log(`  ${''.padEnd(13)} until the POST is answered      ${quantileText(answeredMs)}`)
    }
    if (load !== undefined) console.log(`  ${load}`)
  } finally {
    for (const { running, hook } of told) {
      await running.stop()
      hook.close()
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

async function probeSingle({ notifier, running, hook, ms, answeredMs }: Told, probe: number): Promise<void> {
  const labels = { alertname: 'Probe', which: String(probe) }
  const name = fingerprint(labelsOf(Object.entries(labels)))
  const startsAt = new Date().toISOString()
  const body = Buffer.from(JSON.stringify([{ labels, annotations: { summary: 'a probe' }, startsAt }]))
  const sentMs = performance.now()
  const answered = postOne(running.origin, body).then(status => {
    if (status !== 200) throw new Error(`${notifier.name} answered ${status}`)
    return performance.now() - sentMs
  })
  if (!(await hook.until(() => hook.heard.has(name), patienceMs)))
    throw new Error(`nobody was told of probe ${probe} by ${notifier.name}`)
  const tookMs = await answered
  if (probe < 0) return
  ms.push(hook.heard.get(name)!.firstMs - sentMs)
  answeredMs.push(tookMs)
}

async function showRoad(probes: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const hook = await openHook()
  const rules = `groups: [{name: bench, rules: [{alert: Probe, expr: 'probe > 90'}]}]\n`
  const settings = { folder, hook: hook.url, groupBy: ['...'], groupWait: '0s', rules }
  const running = await startNotifier(ours, settings)
  const flow = openFlow(running.origin, samplesPerSecond)
  try {
    await writeProbes(
      running.origin,
      Array.from({ length: probes }, (_, each) => String(each)),
      1,
    )
    await sleep(warmMs)
    const found: number[] = []
    for (let probe = 0; probe < probes; probe++) {
      const name = fingerprint(
        labelsOf([
          ['alertname', 'Probe'],
          ['which', String(probe)],
        ]),
      )
      const sentMs = performance.now()
      const written = writeProbes(running.origin, [String(probe)], 100)
      if (!(await hook.until(() => hook.heard.has(name), patienceMs)))
        throw new Error(`nobody was told of probe ${probe}`)
      found.push(hook.heard.get(name)!.firstMs - sentMs)
      await written
      await sleep(20 + Math.random() * 20)
    }
    console.log(
      `one sample written, no \`for\`, group_wait 0 s, while ${samplesPerSecond} samples a second flow, ${probes} probes: ms at 50, 95, 99, 100 % (to meet: 10 at 50 %, 50 at 99 %)`,
    )
    console.log(`  ${'plimsoll'.padEnd(13)} until somebody has the message ${quantileText(found)}`)
  } finally {
    console.log(`  ${await flow.end()}`)
    await running.stop()
    hook.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeProbes(origin: string, all: readonly string[], value: number): Promise<unknown> {
  const text = all.map(each => `probe,which=${each} value=${value} ${Date.now()}`).join('\n')
  return post(`${origin}/api/v2/write?precision=ms`, text, { 'content-type': 'text/plain' })
}
