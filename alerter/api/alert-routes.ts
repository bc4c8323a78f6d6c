// /api/v2/alerts and /api/v2/alerts/groups, as Alertmanager 0.31 answers them. Called by alertmanager-routes.ts.
import { z } from 'zod'
import { Breath } from '#core/breath.ts'
import type { Clock } from '#core/clock.ts'
import { text, texts } from '#core/http/parameters.ts'
import { answerOf, type Pieces } from '#core/http/pieces.ts'
import { type Answer, type Route, route } from '#core/http/route.ts'
import type { AlertTransition } from '#core/model.ts'
import { isResolved } from '../alert.ts'
import { matchAll } from '../matcher.ts'
import { routesFor } from '../route.ts'
import type { AlertView, GroupView } from '../timeline/views.ts'
import { type Around, alertJson, compareAlerts, compareLabels } from './alert-json.ts'
import { filtersOf, receiverFilter } from './filters.ts'
import { bodyOf, isOn } from './form.ts'
import { problemsText, readPosted } from './posted-alerts.ts'
import { answered, failureJson, textAnswer } from './refusal.ts'
import type { AlerterView } from './view.ts'

export type AlertParts = Readonly<{
  view: AlerterView
  clock: Clock
  // Resolves when they are durable.
  publish(transitions: readonly AlertTransition[]): Promise<void>
  bodyMaxBytes: number
}>

const chosen = {
  filter: texts('A matcher like severity="page"; each that is said must hold.'),
  receiver: text('A regular expression: only what leads to a receiver that it matches.'),
  active: text('`false`: without what nothing holds back.'),
  silenced: text('`false`: without what is silenced.'),
  inhibited: text('`false`: without what is inhibited.'),
}
const ofAlerts = z.object({ ...chosen, unprocessed: text('Without effect, as in Alertmanager 0.31.') })
const ofGroups = z.object({ ...chosen, muted: text('`false`: without groups that are muted now.') })

export function alertRoutes(parts: AlertParts): readonly Route[] {
  const { view, clock, publish, bodyMaxBytes } = parts
  return [
    route({
      method: 'GET',
      path: '/api/v2/alerts',
      scope: 'read',
      summary: 'The alerts that fire, by fingerprint. As Alertmanager.',
      query: ofAlerts,
      failure: failureJson,
      handle: answered(({ query, signal }) => showAlerts(parts, query, signal)),
    }),
    route({
      method: 'GET',
      path: '/api/v2/alerts/groups',
      scope: 'read',
      summary: 'The alerts that fire, as they are told together. As Alertmanager.',
      query: ofGroups,
      failure: failureJson,
      handle: answered(({ query, signal }) => showGroups(parts, query, signal)),
    }),
    route<unknown, Uint8Array>({
      method: 'POST',
      path: '/api/v2/alerts',
      scope: 'write',
      summary: 'Takes alerts that fire or have ended. As Alertmanager; 200 says that they are durable.',
      body: 'bytes',
      bodyMaxBytes,
      failure: failureJson,
      handle: answered(async ({ body }) => {
        const { resolveTimeoutMs } = view.config()
        const times = { nowMs: clock.nowMs(), resolveTimeoutMs }
        const { transitions, problems } = await readPosted(bodyOf(body, 'alerts'), times)
        if (transitions.length > 0) await publish(transitions)
        return problems.length > 0 ? textAnswer(400, problemsText(problems)) : { status: 200 }
      }),
    }),
  ]
}

type Chosen = Omit<z.output<typeof ofAlerts>, 'unprocessed'>

// Muted alerts count as active here.
function alertFilter(query: Chosen, nowMs: number): (view: AlertView) => boolean {
  const matchers = filtersOf(query.filter)
  const [active, silenced, inhibited] = [query.active, query.silenced, query.inhibited].map(isOn)
  return ({ alert, silencedBy, inhibitedBy }) => {
    if (isResolved(alert, nowMs)) return false
    if (!active && silencedBy.length + inhibitedBy.length === 0) return false
    if (!silenced && silencedBy.length > 0) return false
    if (!inhibited && inhibitedBy.length > 0) return false
    return matchAll(matchers, alert.labels)
  }
}

async function showAlerts({ view, clock }: AlertParts, query: Chosen, signal: AbortSignal): Promise<Answer> {
  const { route, resolveTimeoutMs } = view.config()
  const nowMs = clock.nowMs()
  const isWanted = alertFilter(query, nowMs)
  const isReceiver = receiverFilter(query.receiver)
  const shown: { view: AlertView; receivers: string[]; mutedBy: string[] }[] = []
  const breath = new Breath()
  for (const each of await view.alerts()) {
    if (breath.isDue) await breath.taken()
    if (!isWanted(each)) continue
    const receivers = routesFor(route, each.alert.labels).map(({ receiver }) => receiver)
    if (receivers.some(isReceiver)) shown.push({ view: each, receivers, mutedBy: [] })
  }
  shown.sort((a, b) => (a.view.alert.fingerprint < b.view.alert.fingerprint ? -1 : 1))
  const around = { nowMs, resolveTimeoutMs }
  return answerOf(
    listOf(shown, each => JSON.stringify(alertJson(each, around))),
    { signal },
  )
}

type GroupChosen = Chosen & Readonly<{ muted: string | undefined }>

async function showGroups(
  { view, clock }: AlertParts,
  query: GroupChosen,
  signal: AbortSignal,
): Promise<Answer> {
  const nowMs = clock.nowMs()
  const isWanted = alertFilter(query, nowMs)
  const isReceiver = receiverFilter(query.receiver)
  const groups: Group[] = []
  // Also of groups that are left out below for being mute.
  const receivers = new Map<string, string[]>()
  const breath = new Breath()
  for (const each of await view.groups()) {
    if (breath.isDue) await breath.taken()
    if (!isReceiver(each.receiver)) continue
    const alerts = each.alerts.filter(isWanted)
    if (alerts.length === 0) continue
    groups.push({ ...each, alerts, mutedBy: alerts[0]!.mutedBy })
    for (const { alert } of alerts)
      receivers.set(alert.fingerprint, [...(receivers.get(alert.fingerprint) ?? []), each.receiver].sort())
  }
  groups.sort(compareGroups)
  const shown = isOn(query.muted) ? groups : groups.filter(({ mutedBy }) => mutedBy.length === 0)
  const around = { nowMs, resolveTimeoutMs: view.config().resolveTimeoutMs }
  return answerOf(
    listOf(shown, group => groupText(group, receivers, around)),
    { signal },
  )
}

type Group = Omit<GroupView, 'alerts'> &
  Readonly<{ alerts: readonly AlertView[]; mutedBy: readonly string[] }>

const compareGroups = (a: Group, b: Group): number =>
  compareLabels(a.labels, b.labels) || (a.receiver < b.receiver ? -1 : a.receiver > b.receiver ? 1 : 0)

function groupText(
  { alerts, labels, receiver, mutedBy }: Group,
  receivers: ReadonlyMap<string, readonly string[]>,
  around: Around,
): string {
  const shown = alerts.toSorted(compareAlerts).map(view => {
    const of = receivers.get(view.alert.fingerprint) ?? []
    return alertJson({ view, receivers: of, mutedBy }, around)
  })
  return JSON.stringify({ alerts: shown, labels, receiver: { name: receiver } })
}

function* listOf<T>(items: readonly T[], textOf: (item: T) => string): Pieces {
  yield '['
  for (const [at, item] of items.entries()) yield (at === 0 ? '' : ',') + textOf(item)
  yield ']\n'
}
