// What does delivery cost? Seconds until a server on this machine has ten thousand messages, or a storm of 50 000 alerts
// in a hundred; and from an entry of the outbox to the request, for one alone.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { realClock } from '#core/clock.ts'
import { fingerprint, labelsOf, noLabels } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import type { KnownAlert } from '../alerter/alert.ts'
import { channels } from '../alerter/channels/index.ts'
import { openDelivery } from '../alerter/delivery.ts'
import type { Outbox, OutboxEntry } from '../alerter/outbox-entry.ts'
import { openPost } from '../alerter/post.ts'
import { machine } from './machine.ts'
import { median } from './median.ts'

const runs = 5
const beginMs = Date.UTC(2026, 0, 31)

async function serve() {
  let connections = 0
  let alerts = 0
  let heard: (() => void) | undefined
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      response.end('ok')
      alerts += Buffer.concat(parts).toString().split('"generatorURL"').length - 1
      heard?.()
    })
  })
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    connections: () => connections,
    alerts: () => alerts,
    onMessage: (hear: () => void) => {
      heard = hear
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function alertOf(number: number): KnownAlert {
  const labels = labelsOf([
    ['alertname', 'Storm'],
    ['instance', `host-${number}:9100`],
    ['rack', `rack-${number % 100}`],
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
    generatorUrl: 'http://plimsoll/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
    updatedAtMs: beginMs,
  }
}

// Keeps nothing: what is measured is delivery.
function openOutbox() {
  const entries = new Map<string, OutboxEntry>()
  const alerts = new Map<string, KnownAlert>()
  let hear: (entry: OutboxEntry) => void = () => {}
  let done = 0
  const outbox: Outbox = {
    waiting: () => [...entries.values()],
    onEntry: listener => {
      hear = listener
    },
    take: id => entries.get(id),
    depart: id => entries.get(id),
    async done(id) {
      entries.delete(id)
      done += 1
    },
    async again() {
      throw new Error('a message was not taken')
    },
    alertsOf: ({ telling }) => telling.firing.flatMap(each => alerts.get(each) ?? []),
  }
  const put = (nth: number, found: readonly KnownAlert[]): void => {
    for (const alert of found) alerts.set(alert.fingerprint, alert)
    const firing = found.map(each => each.fingerprint)
    const group = `hook\n{}:{rack="rack-${nth}"}`
    const entry: OutboxEntry = {
      id: `entry-${nth}`,
      group,
      groupKey: `{}:{rack="rack-${nth}"}`,
      receiver: 'hook',
      integration: 'hook/webhook/0',
      telling: {
        id: `telling-${nth}`,
        group,
        integration: 'hook/webhook/0',
        atMs: beginMs,
        reason: 'first',
        urgency: 'normal',
        firing,
        resolved: [],
        begun: firing,
      },
      incident: nth,
      sinceMs: realClock.nowMs(),
      tries: 0,
      notBeforeMs: 0,
    }
    entries.set(entry.id, entry)
    hear(entry)
  }
  return { outbox, put, done: () => done }
}

async function open() {
  const server = await serve()
  const shelf = openOutbox()
  const post = openPost({ clock: realClock })
  const settings = channels['webhook']?.settings.parse({ url: server.url })
  const integration = { id: 'hook/webhook/0', channel: 'webhook', settings, tellsEnds: true }
  const integrations = new Map([[integration.id, integration]])
  const delivery = openDelivery({
    outbox: shelf.outbox,
    integrations: () => integrations,
    post,
    clock: realClock,
    log: openLog({ write: line => console.error(line) }),
    own: openOwnMetrics(),
    externalUrl: 'http://plimsoll',
    language: 'en',
    timeZone: 'UTC',
  })
  return {
    server,
    shelf,
    async close() {
      await delivery.close()
      post.close()
      server.close()
    },
  }
}

const breath = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

async function storm(messages: number, each: number): Promise<string> {
  const [clock, processor]: [number[], number[]] = [[], []]
  let connections = 0
  for (let run = 0; run < runs; run++) {
    const { server, shelf, close } = await open()
    const all = Array.from({ length: messages }, (_, nth) =>
      Array.from({ length: each }, (_, one) => alertOf(nth * each + one)),
    )
    const [start, used] = [performance.now(), process.cpuUsage()]
    for (const [nth, alerts] of all.entries()) shelf.put(nth, alerts)
    while (shelf.done() < messages) await breath()
    clock.push((performance.now() - start) / 1_000)
    const { user, system } = process.cpuUsage(used)
    processor.push((user + system) / 1e6)
    if (server.alerts() !== messages * each) throw new Error(`${server.alerts()} alerts arrived`)
    connections = Math.max(connections, server.connections())
    await close()
  }
  return `${median(clock).toFixed(2)} s, ${median(processor).toFixed(2)} s of the processor, ${connections} connections`
}

async function aloneMs(): Promise<string> {
  const { server, shelf, close } = await open()
  const found: number[] = []
  for (let nth = 0; nth < 1_000; nth++) {
    const start = performance.now()
    const { promise, resolve } = Promise.withResolvers<void>()
    server.onMessage(resolve)
    shelf.put(nth, [alertOf(nth)])
    await promise
    found.push(performance.now() - start)
    while (shelf.done() <= nth) await breath()
  }
  await close()
  const sorted = found.sort((a, b) => a - b)
  return `${median(sorted).toFixed(2)} ms, 99 %: ${sorted[989]?.toFixed(2)} ms`
}

if (import.meta.main) {
  console.log(machine())
  console.log('delivery to a server in the same process, nothing kept')
  console.log(`  10 000 single messages: ${await storm(10_000, 1)} (to meet: ≤ 2 s, ≤ 16 connections)`)
  console.log(`  100 groups of 500 alerts: ${await storm(100, 500)} (to meet: ≤ 0.5 s)`)
  console.log(`  one alone, from the outbox to the server: ${await aloneMs()}`)
}
