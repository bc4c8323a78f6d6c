// The addresses of the alerter over HTTP, with a real timeline and real silences behind them, and facts as a test tells
// them. Called by the tests of the API, and by commands that ask it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, realClock } from '#core/clock.ts'
import type { Authorise } from '#core/http/door.ts'
import { openHttp } from '#core/http/server.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition, Scope } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { KnownAlert } from '../../../alerter/alert.ts'
import type { AlertsSize } from '../../../alerter/alert-size.ts'
import { type AlertmanagerConfig, readAlertmanager } from '../../../alerter/alertmanager.ts'
import { alertmanagerRoutes } from '../../../alerter/api/alertmanager-routes.ts'
import { configText } from '../../../alerter/api/config-text.ts'
import { incidentRoutes } from '../../../alerter/api/incident-routes.ts'
import type { AlerterView } from '../../../alerter/api/view.ts'
import { whyRoutes } from '../../../alerter/api/why-routes.ts'
import type { Fact } from '../../../alerter/fact.ts'
import type { IncidentView } from '../../../alerter/facts.ts'
import { openInhibitor } from '../../../alerter/inhibition.ts'
import { isWithin } from '../../../alerter/interval.ts'
import type { LastHour } from '../../../alerter/last-hour.ts'
import type { OutboxEntry } from '../../../alerter/outbox-entry.ts'
import { readSilenceFacts } from '../../../alerter/silences/silence-facts.ts'
import { openSilences } from '../../../alerter/silences.ts'
import { Timeline } from '../../../alerter/timeline.ts'

export const sampleFile = new URL('samples/alertmanager.yml', import.meta.url)

type Options = Readonly<{
  config?: string
  clock?: Clock
  scopes?: readonly Scope[]
  port?: number
  authorise?: Authorise
  lastHour?: LastHour
  // How much is known.
  known?: () => AlertsSize
}>

export async function openApiServer(options: Options = {}) {
  const { clock = realClock, scopes = ['admin'], port = 0 } = options
  const config = configOf(options.config ?? readFileSync(sampleFile, 'utf8'))
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-api-'))
  const state = await openSqliteState({ file: join(folder, 'state.db') })
  const log = openLog({ write: () => {} })
  const silences = await openSilences({ state, clock, log, isShared: false })
  const timeline = new Timeline({
    rules: {
      ...config,
      inhibitor: openInhibitor(config.inhibitions),
      silencedBy: silences.silencedBy,
      isWithin: (name, atMs) => (config.intervals.get(name) ?? []).some(each => isWithin(each, atMs)),
    },
    saved: { alerts: [], groups: [], told: [] },
    nowMs: clock.nowMs(),
  })
  const facts: Fact[] = []
  const incidents: IncidentView[] = []
  const waiting: OutboxEntry[] = []
  const published: AlertTransition[] = []
  const view: AlerterView = {
    config: () => ({ ...config, text: () => configText(config) }),
    alerts: async () => timeline.alerts(clock.nowMs()),
    alert: async fingerprint => timeline.alert(fingerprint, clock.nowMs()),
    groups: async () => timeline.groups(clock.nowMs()),
    seats: async fingerprint => timeline.seats(fingerprint),
    waiting: async fingerprint =>
      waiting.filter(({ telling }) => [...telling.firing, ...telling.resolved].includes(fingerprint)),
    waitOf: () => undefined,
    readFacts: async ({ incident, fingerprint, group, kind, sinceMs, limit }) =>
      facts
        .filter(each => kind === undefined || each.kind === kind)
        .filter(each => incident === undefined || each.incident === incident)
        .filter(each => fingerprint === undefined || each.fingerprint === fingerprint)
        .filter(each => group === undefined || each.group === group)
        .filter(each => each.atMs >= sinceMs)
        .toSorted((a, b) => b.atMs - a.atMs)
        .slice(0, limit),
    silenceFacts: asked => readSilenceFacts(state.db, asked),
    incidents: async ({ isOpen, fingerprint, limit }) =>
      incidents
        .filter(
          ({ number }) =>
            fingerprint === undefined ||
            facts.some(each => each.fingerprint === fingerprint && each.incident === number),
        )
        .filter(each => isOpen === undefined || (each.closedAtMs === null) === isOpen)
        .toSorted((a, b) => b.number - a.number)
        .slice(0, limit),
    incident: async number => incidents.find(each => each.number === number),
  }
  const publish = async (transitions: readonly AlertTransition[]): Promise<void> => {
    published.push(...transitions)
    timeline.take(transitions.map(knownOf), clock.nowMs())
  }
  const own = openOwnMetrics()
  const parts = {
    ...{ own, view, silences, clock, publish, bodyMaxBytes: 2 ** 26, startedAtMs: clock.nowMs() },
    ...{ language: 'en' as const, timeZone: 'Asia/Shanghai', lastHour: options.lastHour },
    ...(options.known && { known: options.known }),
  }
  const http = await openHttp({
    routes: [
      ...alertmanagerRoutes({ ...parts, version: '0.0.0' }),
      ...whyRoutes(parts),
      ...incidentRoutes(parts),
    ],
    listen: { host: '127.0.0.1', port },
    authorise: options.authorise ?? (async () => ({ kind: 'token', name: 'ann', scopes })),
    log,
    own,
    clock,
  })
  return {
    ...{ url: http.origin, own, timeline, silences, facts, incidents, waiting, published, state },
    async [Symbol.asyncDispose]() {
      await http.close()
      await silences.close()
      await state.close()
      rmSync(folder, { recursive: true })
    },
  }
}

function configOf(text: string): AlertmanagerConfig {
  const { config, problems } = readAlertmanager(text, { file: 'alertmanager.yml' })
  if (config === undefined) throw new Error(JSON.stringify(problems))
  return config
}

const knownOf = ({ atMs, alert }: AlertTransition): KnownAlert => ({
  ...alert,
  endsAtMs: alert.endsAtMs ?? alert.expiresAtMs ?? null,
  isEndAssumed: alert.isEndAssumed ?? false,
  generatorUrl: alert.generatorUrl ?? '',
  updatedAtMs: atMs,
})
