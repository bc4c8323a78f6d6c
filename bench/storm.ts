// `npm run bench:storm [racks|one|single|failing|killed] [--short]`: what happens when very many alerts come at once, by
// HTTP to our whole service and to Alertmanager in turns, with the same file: until they are answered, until all are
// told, and what it costs; with a receiver that is out of order for half a minute, and killed in the middle.
// PLIMSOLL_ALERTMANAGER names an Alertmanager that is not on the PATH.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lastHeardMs, openHook, timesHeard } from './hook.ts'
import { machine } from './machine.ts'
import { median } from './median.ts'
import { type Notifier, notifiers, ours, startNotifier } from './notifiers.ts'
import { bodiesOf, postAlerts } from './posting.ts'
import { cpuSeconds, memoryMib } from './process.ts'
import { showKilled } from './storm-killed.ts'

type Storm = Readonly<{
  title: string
  alerts: number
  // In one POST.
  each: number
  groupBy: readonly string[]
  groupWait: string
  toMeet: string
}>

// As Alertmanager: what comes after the first message of its group waits for this.
const groupInterval = '5s'
const limits = '≤ 300 MiB, ≤ 16 connections, durable before each answer'
const storms: Readonly<Record<string, readonly Storm[]>> = {
  racks: [
    {
      title: '50 000 alerts in 100 groups, group_wait 1 s, 50 POSTs of 1 000',
      ...{ alerts: 50_000, each: 1_000, groupBy: ['rack'], groupWait: '1s' },
      toMeet: `all told ≤ 1.5 s, ${limits}`,
    },
    {
      title: 'the same in 782 POSTs of 64, as Prometheus sends them',
      ...{ alerts: 50_000, each: 64, groupBy: ['rack'], groupWait: '1s' },
      toMeet: `all told ≤ 1.5 s, ${limits}`,
    },
    {
      title: 'the same in one POST',
      ...{ alerts: 50_000, each: 50_000, groupBy: ['rack'], groupWait: '1s' },
      toMeet: `all told ≤ 1.5 s, ${limits}`,
    },
  ],
  one: [
    {
      title: '50 000 alerts in one group, group_wait 1 s, 50 POSTs of 1 000',
      ...{ alerts: 50_000, each: 1_000, groupBy: ['alertname'], groupWait: '1s' },
      toMeet: 'nobody else waits > 50 ms',
    },
  ],
  single: [
    {
      title: '10 000 alerts told singly, group_wait 0 s, 10 POSTs of 1 000',
      ...{ alerts: 10_000, each: 1_000, groupBy: ['...'], groupWait: '0s' },
      toMeet: 'all told ≤ 2 s, ≤ 16 connections',
    },
    {
      title: 'the same with group_wait 1 s, in 157 POSTs of 64, as Prometheus sends them',
      ...{ alerts: 10_000, each: 64, groupBy: ['...'], groupWait: '1s' },
      toMeet: 'all told ≤ 2 s, ≤ 16 connections',
    },
  ],
}

type Figures = Readonly<{
  answeredS: number
  toldS: number
  cpuS: number
  peakMib: number
  connections: number
  messages: number
  // Of our own.
  pauseMs: number | undefined
}>

const columns: readonly (readonly [string, (of: Figures) => number | undefined, number])[] = [
  ['answered, s', of => of.answeredS, 2],
  ['all told, s', of => of.toldS, 2],
  ['CPU-s', of => of.cpuS, 2],
  ['peak MiB', of => of.peakMib, 0],
  ['connections', of => of.connections, 0],
  ['messages', of => of.messages, 0],
  ['held, ms', of => of.pauseMs, 0],
]

if (import.meta.main) {
  const wanted = process.argv.slice(2).filter(each => !each.startsWith('--'))
  const isShort = process.argv.includes('--short')
  const wants = (what: string): boolean => wanted.length === 0 || wanted.includes(what)
  console.log(machine())
  const all = notifiers()
  console.log(
    '"held" is the longest time in which nobody else had the thread of our service, looked at each 20 ms',
  )
  for (const [name, group] of Object.entries(storms))
    if (wants(name)) for (const storm of group) await showStorm(storm, all, isShort ? 1 : 3)
  if (wants('failing')) await showFailing(all, isShort ? 5 : 30)
  if (wants('killed')) await showKilled(all, isShort ? 1 : 2)
}

async function showStorm(storm: Storm, all: readonly Notifier[], rounds: number): Promise<void> {
  const found = new Map<Notifier, Figures[]>(all.map(each => [each, []]))
  // In turns, so that noise hits all of them.
  for (let round = 0; round < rounds; round++)
    for (const [notifier, figures] of found) figures.push(await measure(notifier, storm))
  console.log(`${storm.title} (to meet: ${storm.toMeet}); medians of ${rounds}`)
  console.log(`${''.padEnd(14)}${columns.map(([title]) => title.padStart(13)).join('')}`)
  const medians = [...found].map(([{ name }, figures]) => {
    const cells = columns.map(([, of]) => median(figures.flatMap(each => of(each) ?? [])))
    return { name, cells }
  })
  for (const { name, cells } of medians) console.log(`  ${name.padEnd(12)}${cells.map(cellOf).join('')}`)
  const [first, second] = medians
  if (first === undefined || second === undefined) return
  const ratios = first.cells.map((cell, at) => numberOr(cell / second.cells[at]!, 2).padStart(13))
  console.log(`  ${'ratio'.padEnd(12)}${ratios.join('')}`)
}

function numberOr(value: number, digits: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(digits)
}

function cellOf(value: number, at: number): string {
  return numberOr(value, columns[at]![2]).padStart(13)
}

async function measure(notifier: Notifier, storm: Storm): Promise<Figures> {
  const { alerts, each, groupBy, groupWait } = storm
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const hook = await openHook()
  const settings = { folder, hook: hook.url, groupBy, groupWait, groupInterval }
  const running = await startNotifier(notifier, settings)
  try {
    // The start's own work is done, and tidied up after.
    await sleep(2_000)
    const pulse = pulseOf(notifier, running.pid, folder)
    await pulse()
    const bodies = bodiesOf(alerts, each)
    const before = cpuSeconds(running.pid)
    const beganMs = performance.now()
    const refused = await postAlerts(running.origin, bodies)
    const answeredS = (performance.now() - beganMs) / 1_000
    if (refused > 0) throw new Error(`${refused} of ${bodies.length} POSTs were refused by ${notifier.name}`)
    const isTold = await hook.until(() => hook.heard.size >= alerts, 60_000)
    if (!isTold) throw new Error(`${notifier.name} told ${hook.heard.size} of ${alerts}`)
    // What it writes down of that belongs to its cost.
    await sleep(500)
    return {
      answeredS,
      toldS: (lastHeardMs(hook) - beganMs) / 1_000,
      cpuS: cpuSeconds(running.pid) - before,
      peakMib: memoryMib(running.pid, 'VmHWM'),
      connections: hook.connectionsMax,
      messages: hook.messages,
      pauseMs: await pulse(),
    }
  } finally {
    await running.stop()
    hook.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function pulseOf(notifier: Notifier, pid: number, folder: string): () => Promise<number | undefined> {
  return async () => {
    if (notifier !== ours) return undefined
    process.kill(pid, 'SIGUSR2')
    await sleep(100)
    return Number(readFileSync(join(folder, 'pulse'), 'utf8'))
  }
}

// All at one time: most of it is waiting.
async function showFailing(all: readonly Notifier[], seconds: number): Promise<void> {
  const alerts = 10_000
  console.log(
    `${alerts} alerts in 100 groups, the receiver answers 500 for ${seconds} s (to meet: none lost)`,
  )
  const lines = all.map(async notifier => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
    const hook = await openHook()
    const settings = { folder, hook: hook.url, groupBy: ['rack'], groupWait: '1s' }
    const running = await startNotifier(notifier, settings)
    try {
      hook.refuse(true)
      const beganMs = performance.now()
      await postAlerts(running.origin, bodiesOf(alerts, 1_000))
      await sleep(seconds * 1_000 - (performance.now() - beganMs))
      hook.refuse(false)
      const againMs = performance.now()
      const isTold = await hook.until(() => hook.heard.size >= alerts, 90_000)
      const when = isTold ? `${((lastHeardMs(hook) - againMs) / 1_000).toFixed(1)} s` : 'not within 90 s'
      const lost = `${alerts - hook.heard.size} lost, ${timesHeard(hook) - hook.heard.size} told again`
      return `  ${notifier.name.padEnd(12)} all told after it works again: ${when}; ${lost}, at most ${memoryMib(running.pid, 'VmHWM').toFixed(0)} MiB`
    } finally {
      await running.stop()
      hook.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
  for (const line of await Promise.all(lines)) console.log(line)
}
