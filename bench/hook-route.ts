// Everything to one receiver, `hook`, grouped as asked. Called by the benchmarks that need no file of Alertmanager's.
import type { Integration, Route } from '../alerter/route.ts'

export const hookRoute = (groupBy: Route['groupBy'], groupWaitMs: number): Route => ({
  key: '{}',
  matchers: [],
  receiver: 'hook',
  groupBy,
  groupWaitMs,
  groupIntervalMs: 300_000,
  urgentWaitMs: groupWaitMs,
  urgentIntervalMs: 300_000,
  repeatMs: 14_400_000,
  continues: false,
  mutes: [],
  actives: [],
  routes: [],
})

export const hookIntegrations: readonly Integration[] = [
  { id: 'hook/webhook/0', channel: 'webhook', settings: null, tellsEnds: true },
]
