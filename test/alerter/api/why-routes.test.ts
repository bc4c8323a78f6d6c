// What is sent while somebody asks why he was not told: neither too late nor too early for the answer.
import { expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Call } from '#core/http/route.ts'
import type { AlerterView } from '../../../alerter/api/view.ts'
import { whyRoutes } from '../../../alerter/api/why-routes.ts'
import type { Fact } from '../../../alerter/fact.ts'
import type { OutboxEntry } from '../../../alerter/outbox-entry.ts'

const startMs = Date.UTC(2026, 10, 20)
const print = '00000000000000aa'
const group = 'ops\n{}:{alertname="Hot"}'
const mail = 'ops/mail/0'
const telling = {
  id: 't1',
  group,
  integration: mail,
  atMs: startMs,
  reason: 'first',
  urgency: 'normal',
} as const
const entry: OutboxEntry = {
  ...{ id: 't1', group, groupKey: '', receiver: 'ops', integration: mail, incident: 7 },
  ...{ sinceMs: startMs, tries: 0, notBeforeMs: startMs },
  telling: { ...telling, firing: [print], resolved: [], begun: [print] },
}
const details = { telling: 't1', integration: mail, receiver: 'ops', firing: [print], resolved: [] }
const fact = (kind: Fact['kind'], atMs: number): Fact => ({
  ...{ id: kind, kind, atMs, incident: 7, group, fingerprint: null, who: mail, details },
})

test('what is delivered between two looks is told, and not unknown', async () => {
  let isDelivered = false
  // It is delivered right after the first look at either.
  const once = <T>(now: T): T => {
    isDelivered = true
    return now
  }
  const view = {
    config: () => ({ receivers: new Map() }),
    alert: async () => undefined,
    seats: async () => [],
    waiting: async () => once(isDelivered ? [] : [entry]),
    readFacts: async () =>
      once([...(isDelivered ? [fact('told', startMs + 1)] : []), fact('judged', startMs)]),
    incidents: async () => [],
    silenceFacts: async () => [],
  } as unknown as AlerterView
  const [why] = whyRoutes({
    ...{ view, clock: new SimulatedClock(startMs + 2), language: 'en', timeZone: 'UTC' },
    silences: { get: () => undefined } as never,
  })
  const { body } = await why!.handle({ query: { alert: print }, headers: {} } as Call)
  const { groups } = body as { groups: { ways: { is: string }[] }[] }
  expect(groups.flatMap(({ ways }) => ways.map(({ is }) => is))).toEqual(['told'])
})
