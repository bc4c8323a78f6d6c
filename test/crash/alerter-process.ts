// The alerter and its delivery in a process that kills itself when it reaches a named point for the nth time. Started by
// alerter-points.test.ts, from which it hears what is reported of alerts.
import { join } from 'node:path'
import { realClock } from '#core/clock.ts'
import { fingerprint, labelsOf, noLabels } from '#core/labels.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { openAlerter } from '../../alerter/alerter.ts'
import { channel as webhook } from '../../alerter/channels/webhook/index.ts'
import { openDelivery, type Point } from '../../alerter/delivery.ts'
import { openPost } from '../../alerter/post.ts'
import type { SavePoint } from '../../alerter/scribe.ts'

export type KillPoint = Point | SavePoint
export type Report = Readonly<{ from: number; to: number; state: 'firing' | 'resolved' }>

const [folder = '', url = '', killPoint = '', nth = '0'] = process.argv.slice(2)
let left = Number(nth)
const reach = (point: KillPoint): void => {
  if (point === killPoint && --left === 0) process.kill(process.pid, 'SIGKILL')
}

// The same whenever it is reported.
function transitionOf(number: number, state: Report['state']): AlertTransition {
  const [startsAtMs, endsAtMs] = [Date.UTC(2026, 0, 1), state === 'resolved' ? Date.UTC(2026, 0, 2) : null]
  const labels = labelsOf([
    ['alertname', 'Storm'],
    ['n', String(number)],
  ])
  const print = fingerprint(labels)
  const alert = {
    ...{ fingerprint: print, labels, annotations: noLabels, state, startsAtMs, endsAtMs, stale: false },
    ...{ value: '1', rule: { id: 'r', group: 'g', name: 'Storm', expr: '' } },
  }
  return { v: 1, id: `r/${print}/${state}`, atMs: endsAtMs ?? startsAtMs, alert, reason: null }
}

const around = { clock: realClock, log: openLog(), own: openOwnMetrics() }
const settings = webhook.settings.parse({ url })
const integrations = [{ id: 'hook/webhook/0', channel: 'webhook', settings, tellsEnds: true }]
const byId = new Map(integrations.map(each => [each.id, each]))
const route = {
  ...{ key: '{}', matchers: [], receiver: 'hook', groupBy: ['n'], repeatMs: 14_400_000, continues: false },
  ...{ groupWaitMs: 0, groupIntervalMs: 100, urgentWaitMs: 0, urgentIntervalMs: 100 },
  ...{ mutes: [], actives: [], routes: [] },
}
const receivers = new Map([['hook', { name: 'hook', integrations }]])
const alerter = await openAlerter({
  ...around,
  state: await openSqliteState({ file: join(folder, 'state.db') }),
  config: { route, receivers, inhibitions: [], intervals: new Map() },
  silencedBy: () => [],
  reach,
})
openDelivery({
  ...around,
  ...{ outbox: alerter.outbox, externalUrl: '', language: 'en', timeZone: 'UTC', reach },
  integrations: () => byId,
  post: openPost({ clock: realClock, environment: {} }),
  note: facts => alerter.record(facts),
})
process.on('message', async ({ from, to, state }: Report) => {
  await alerter.take(Array.from({ length: to - from }, (_, at) => transitionOf(from + at, state)))
  process.send?.('durable')
})
process.send?.('ready')
