// The alerter at work and a process that only reads what it has saved: both show the same, up to who was told and why.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Call, Route } from '#core/http/route.ts'
import { openLog } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import { openAlerter } from '../../../alerter/alerter.ts'
import { readAlertmanager } from '../../../alerter/alertmanager.ts'
import { alertmanagerRoutes } from '../../../alerter/api/alertmanager-routes.ts'
import { configText } from '../../../alerter/api/config-text.ts'
import { incidentRoutes } from '../../../alerter/api/incident-routes.ts'
import { savedView } from '../../../alerter/api/saved-view.ts'
import { standingView } from '../../../alerter/api/standing-view.ts'
import type { AlerterView } from '../../../alerter/api/view.ts'
import { whyRoutes } from '../../../alerter/api/why-routes.ts'
import { openSilences } from '../../../alerter/silences.ts'

const startMs = Date.UTC(2026, 10, 20, 4)
const s = 1_000

const file = `
route:
  receiver: hook
  group_by: [alertname]
  group_wait: 10s
receivers:
- {name: hook, webhook_configs: [{url: "http://127.0.0.1:1/"}]}
`

async function world() {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-views-'))
  const clock = new SimulatedClock(startMs)
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  const log = openLog({ write: () => {}, clock })
  const silences = await openSilences({ state, clock, log, isShared: false })
  const read = readAlertmanager(file, { file: 'a.yml' }).config!
  const { silencedBy } = silences
  const alerter = await openAlerter({ state, clock, log, own: openOwnMetrics(), config: read, silencedBy })
  const config = () => ({ ...read, text: () => configText(read) })
  onTestFinished(async () => {
    await alerter.close()
    await silences.close()
    await state.close()
    rmSync(folder, { recursive: true })
  })
  const routesOf = (view: AlerterView): readonly Route[] => {
    const publish = alerter.take
    const parts = {
      own: openOwnMetrics(),
      view,
      silences,
      clock,
      publish: publish.bind(alerter),
      startedAtMs: startMs,
      version: '0',
    }
    const ours = { ...parts, language: 'en' as const, timeZone: 'UTC' }
    return [
      ...alertmanagerRoutes({ ...parts, bodyMaxBytes: 1e6 }),
      ...whyRoutes(ours),
      ...incidentRoutes(ours),
    ]
  }
  const views = {
    standing: routesOf(standingView({ alerter, delivery: { waitOf: () => undefined }, state, config })),
    saved: routesOf(savedView({ state, clock, silences, config })),
  }
  const ask = async (routes: readonly Route[], path: string, more: Partial<Call> = {}): Promise<unknown> => {
    const found = routes.find(
      each => each.path === path && (more.body === undefined) === (each.body === undefined),
    )
    const query = found!.query?.parse(more.query ?? {})
    const signal = new AbortController().signal
    const { body } = await found!.handle({
      params: {},
      headers: {},
      readMs: 0,
      signal,
      ...more,
      query,
    } as Call)
    return typeof body === 'string' ? JSON.parse(body) : JSON.parse(JSON.stringify(body ?? null))
  }
  const post = (...alerts: object[]) =>
    ask(views.standing, '/api/v2/alerts', { body: Buffer.from(JSON.stringify(alerts)) })
  return { clock, state, alerter, silences, views, ask, post }
}

test('both show the same alerts, groups, reasons and incidents', async () => {
  const w = await world()
  const same = async (path: string, more: Partial<Call> = {}): Promise<unknown> => {
    const standing = await w.ask(w.views.standing, path, more)
    expect(await w.ask(w.views.saved, path, more), path).toEqual(standing)
    return standing
  }
  await w.silences.put(
    {
      ...{ id: '', startsAtMs: startMs, endsAtMs: startMs + 3_600 * s, createdBy: 'ann', comment: 'swap' },
      matchers: [{ name: 'alertname', op: '=', value: 'Slow' }],
    },
    'ann',
  )
  await w.post({ labels: { alertname: 'Down' } }, { labels: { alertname: 'Slow' } })
  const shown = (await same('/api/v2/alerts')) as { fingerprint: string; labels: { alertname: string } }[]
  const print = (name: string) => shown.find(({ labels }) => labels.alertname === name)!.fingerprint
  const why = async (name: string) => {
    const { groups } = (await same('/api/plimsoll/v1/why', { query: { alert: print(name) } })) as {
      groups: { ways: { text: string }[]; incident: number | null }[]
    }
    return groups.map(({ ways, incident }) => [incident, ...ways.map(({ text }) => text)])
  }

  expect(await why('Down')).toEqual([[null, 'not yet: its group waits for more until 04:00:10 (group_wait)']])
  await w.clock.runFor(10 * s)
  // Saved before anybody is told.
  await w.alerter.record([])
  expect(await why('Down')).toEqual([[1, 'not yet: being sent since 04:00:10']])
  expect(await why('Slow')).toEqual([
    [
      null,
      expect.stringMatching(/^not told: silenced until 05:00:00 by ann \(swap\), silence [\da-f-]{36}$/),
    ],
  ])
  expect(await same('/api/v2/alerts/groups')).toMatchObject([
    { labels: { alertname: 'Down' }, receiver: { name: 'hook' }, alerts: [{ status: { state: 'active' } }] },
    { labels: { alertname: 'Slow' }, alerts: [{ status: { state: 'suppressed' } }] },
  ])
  expect(await same('/api/plimsoll/v1/incidents')).toMatchObject({
    incidents: [{ number: 1, receiver: 'hook', labels: { alertname: 'Down' }, closedAtMs: null }],
  })
  const { facts } = (await same('/api/plimsoll/v1/incidents/:number', { params: { number: '1' } })) as {
    facts: { kind: string }[]
  }
  // How it began is part of it, although the number came later.
  expect(facts.map(({ kind }) => kind)).toEqual(['fired'])

  const [entry] = w.alerter.outbox.waiting()
  const taken = w.alerter.outbox.take(entry!.id)!
  await w.alerter.outbox.done(taken.id, [
    {
      ...{ id: 'f1', kind: 'told', atMs: w.clock.nowMs(), incident: taken.incident, group: taken.group },
      ...{ fingerprint: null, who: taken.integration },
      details: {
        telling: taken.telling.id,
        integration: taken.integration,
        firing: taken.telling.firing,
        isCertain: true,
      },
    },
  ])
  await w.clock.runFor(2 * s)
  expect(await why('Down')).toEqual([
    [1, expect.stringMatching(/^told at 04:00:10, delivered, if it still fires, again at /)],
  ])
})

test('an alert that leaves its group while the saved rows are read is shown', async () => {
  const w = await world()
  await w.post({ labels: { alertname: 'X' } })
  await w.state.write([w.state.db.deleteFrom('alerter_groups')])
  expect(await w.ask(w.views.saved, '/api/v2/alerts')).toMatchObject([{ labels: { alertname: 'X' } }])
})

test('a group waits from when a long list of alerts began to come, unless that took too long', async () => {
  const w = await world()
  const dueMs = async (alertname: string, readMs: number, length = 2 ** 17): Promise<number> => {
    const body = Buffer.from(JSON.stringify([{ labels: { alertname } }]).padEnd(length))
    await w.ask(w.views.standing, '/api/v2/alerts', { body, readMs })
    const { alert } = [...w.alerter.alerts()].find(each => each.alert.labels['alertname'] === alertname)!
    // An end that comes while it is read is one.
    expect([alert.startsAtMs, alert.updatedAtMs]).toEqual([startMs, startMs])
    return [...w.alerter.groups()].find(({ labels }) => labels['alertname'] === alertname)!.dueMs - startMs
  }
  expect(await dueMs('Quick', 0)).toBe(10 * s)
  expect(await dueMs('Long', 400.6)).toBe(10 * s - 400)
  expect(await dueMs('Slow', 50 * s)).toBe(9 * s)
  expect(await dueMs('Short', 400, 2 ** 17 - 1)).toBe(10 * s)
})
