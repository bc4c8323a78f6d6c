// Delivery on a simulated clock, with an outbox in memory and channels that say what a test wants them to say. Called by
// the tests of delivery.
import { z } from 'zod'
import { SimulatedClock } from '#core/clock.ts'
import { labelsOf } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import type { KnownAlert } from '../../../alerter/alert.ts'
import type { Around, Budget, OwnChannel, Verdict, Verdicts } from '../../../alerter/channel.ts'
import { type Delivery, type DeliveryOptions, openDelivery } from '../../../alerter/delivery.ts'
import { type Failover, failover } from '../../../alerter/failover.ts'
import type { Message } from '../../../alerter/message.ts'
import type { Outbox, OutboxEntry } from '../../../alerter/outbox-entry.ts'
import type { Post } from '../../../alerter/post.ts'
import type { Integration } from '../../../alerter/route.ts'
import type { Telling } from '../../../alerter/timeline/outcome.ts'
import { openShelfOutbox } from './shelf-outbox.ts'

export const beginMs = Date.UTC(2026, 10, 21, 9)

export type Said = Readonly<{
  way: string
  atMs: number
  message: Message
  around: Around
  settled: ReadonlyMap<number, Verdict>
}>
type Answer = (said: Said) => Verdicts | Promise<Verdicts>

const delivered: Verdict = { kind: 'delivered' }

type Given = Readonly<{ name: string; budgets?: readonly Budget[]; version?: number }>

export function openDock() {
  const clock = new SimulatedClock(beginMs)
  const shelf = openShelfOutbox()
  const said: Said[] = []
  const departed: string[] = []
  const own = openOwnMetrics()
  const lines: string[] = []
  const log = openLog({ clock, write: line => lines.push(line) })
  let answer: Answer = () => delivered
  let integrations: ReadonlyMap<string, Integration> = new Map()
  let delivery: Delivery | undefined
  let made = 0
  let closedLines = 0

  const fake: OwnChannel<Given> = {
    name: 'fake',
    kind: 'own',
    settings: z.any(),
    budgets: ({ budgets = [] }) => budgets,
    open: ({ name }) => ({
      async send(message, around, _signal, settled = new Map()) {
        const one = { way: name, atMs: clock.nowMs(), message, around, settled }
        said.push(one)
        return answer(one)
      },
      async close() {
        closedLines += 1
      },
    }),
  }
  const noPost: Post = { send: () => Promise.reject(new Error('nothing goes by HTTP')), close: () => {} }

  const way = (name: string, given: Omit<Given, 'name'> = {}): Integration => ({
    id: name,
    channel: 'fake',
    settings: { name, ...given },
    tellsEnds: true,
  })
  const chain = (name: string, settings: Failover): Integration => ({
    id: name,
    channel: failover,
    settings,
    tellsEnds: true,
  })
  return {
    clock,
    shelf,
    said,
    // Groups, in the order in which they left. Who takes a breath while it is composed is said later.
    departed,
    own,
    lines,
    way,
    chain,
    fake,
    closedLines: () => closedLines,
    answer(by: Answer) {
      answer = by
    },
    configure(...found: readonly Integration[]) {
      integrations = new Map(found.map(each => [each.id, each]))
    },
    open(more: Partial<DeliveryOptions> = {}): Delivery {
      delivery = openDelivery({
        outbox: more.outbox ?? noting(shelf.open(), entry => departed.push(entry.group)),
        integrations: () => integrations,
        post: noPost,
        clock,
        log,
        own,
        random: () => 0,
        externalUrl: 'https://plimsoll.example.org',
        language: 'en',
        timeZone: 'UTC',
        channels: { fake },
        ...more,
      })
      return delivery
    },
    close: () => delivery?.close(),
    alert(name: string, more: Partial<KnownAlert> = {}): KnownAlert {
      const known = alertOf(name, more)
      shelf.alerts.set(known.fingerprint, known)
      return known
    },
    // Decided now: these fire in this group.
    tell(group: string, integration: string, more: Partial<Telling> = {}): OutboxEntry {
      made += 1
      const entry = entryOf(`t${made}`, { group, integration, nowMs: clock.nowMs(), telling: more })
      for (const each of [...entry.telling.firing, ...entry.telling.resolved])
        if (!shelf.alerts.has(each)) shelf.alerts.set(each, alertOf(each))
      shelf.put(entry)
      return entry
    },
    kinds: (): string[] => shelf.facts().map(({ kind, who }) => `${kind} ${who}`),
  }
}

function noting(outbox: Outbox, left: (entry: OutboxEntry) => void): Outbox {
  const depart: Outbox['depart'] = id => {
    const entry = outbox.depart(id)
    if (entry !== undefined) left(entry)
    return entry
  }
  return { ...outbox, depart }
}

export function alertOf(name: string, more: Partial<KnownAlert> = {}): KnownAlert {
  return {
    fingerprint: name,
    labels: labelsOf([
      ['alertname', 'DiskFull'],
      ['host', name],
      ['severity', 'warning'],
    ]),
    annotations: labelsOf([['summary', `disk of ${name} is full`]]),
    startsAtMs: beginMs - 60_000,
    endsAtMs: null,
    stale: false,
    value: '97',
    generatorUrl: '/graph?g0.expr=disk_used_percent+%3E+90&g0.tab=1',
    updatedAtMs: beginMs,
    ...more,
  }
}

type Wanted = Readonly<{ group: string; integration: string; nowMs: number; telling: Partial<Telling> }>

function entryOf(id: string, { group, integration, nowMs, telling }: Wanted): OutboxEntry {
  return {
    id,
    group,
    groupKey: `{}:{alertname="DiskFull", group="${group}"}`,
    receiver: 'ops',
    integration,
    telling: {
      id: `telling-${id}`,
      group,
      integration,
      atMs: nowMs,
      reason: 'first',
      urgency: 'normal',
      firing: [group],
      resolved: [],
      begun: [group],
      ...telling,
    },
    incident: 4711,
    sinceMs: nowMs,
    tries: 0,
    notBeforeMs: nowMs,
  }
}
