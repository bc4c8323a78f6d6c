// /api/v2/alerts and /api/v2/alerts/groups, as Alertmanager 0.31 answers them. Called by alertmanager-routes.ts.
import { z } from 'zod'
import { Breath } from '#core/breath.ts'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { free } from '#core/free.js'
import { texts } from '#core/http/parameters.ts'
import { answerOf, type Pieces } from '#core/http/pieces.ts'
import { type Answer, type Route, route } from '#core/http/route.ts'
import type { AlertTransition } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { isResolved } from '../alert.ts'
import type { AlertsSize } from '../alert-size.ts'
import { matchAll } from '../matcher.ts'
import { routesFor } from '../route.ts'
import type { AlertView, GroupView } from '../timeline/views.ts'
import { type Around, alertJson, compareAlerts, compareLabels, type ShownAlert } from './alert-json.ts'
import { filtersOf, receiverFilter } from './filters.ts'
import { bodyPortions, isOn } from './form.ts'
import { inPieces, sorted } from './in-breaths.ts'
import { problemsText, readPosted } from './posted-alerts.ts'
import { answered, failureJson, textAnswer } from './refusal.ts'
import { fullText, withRoom } from './room-for-alerts.ts'
import type { AlerterView } from './view.ts'

export type AlertParts = Readonly<{
  view: AlerterView
  clock: Clock
  own: OwnMetrics
  // Resolves when they are durable.
  publish(transitions: readonly AlertTransition[]): Promise<void>
  bodyMaxBytes: number
  // How much this process knows. Left out: it does not count it.
  known?: () => AlertsSize
}>

// Of one that is said twice the last counts, unlike in Prometheus' API; empty is as good as nothing.
const text = (says: string) =>
  texts(says)
    .transform(said => said.at(-1) || undefined)
    .describe(says)

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
  const { view, clock, own, publish, bodyMaxBytes, known = () => nothing } = parts
  const endsLeft = own.counter('plimsoll_alerter_ends_left_total')
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
      handle: answered(async ({ body, readMs }) => {
        const { resolveTimeoutMs } = view.config()
        const nowMs = clock.nowMs()
        const cameAtMs =
          body.length < longBytes ? undefined : nowMs - Math.floor(Math.min(readMs, readMostMs))
        const times = { nowMs, resolveTimeoutMs, cameAtMs }
        const { transitions, problems } = await readPosted(bodyPortions(body, 'alerts'), times)
        free(body)
        const isKnown = async (print: string) => (await view.alert(print)) !== undefined
        const { taken, left, leftEnds } = await withRoom(transitions, { size: known(), isKnown })
        if (taken.length > 0) await publish(taken)
        // Who posts them says them again anyway, for as long as Prometheus does.
        endsLeft.inc(leftEnds)
        if (left > 0) throw new Failure('overloaded', `${fullText(known())}: ${left} new ones were not taken`)
        return problems.length > 0 ? textAnswer(400, problemsText(problems)) : { status: 200 }
      }),
    }),
  ]
}

// A storm of 20 MB takes a while to be read, and has waited by then. What is short comes slowly only because of its sender,
// and others of its group may still come.
const longBytes = 2 ** 17
const readMostMs = 1_000

const nothing: AlertsSize = { alerts: 0, characters: 0 }

const byFingerprint = (a: ShownAlert, b: ShownAlert): number =>
  a.view.alert.fingerprint < b.view.alert.fingerprint ? -1 : 1

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
  const shown: ShownAlert[] = []
  const breath = new Breath()
  for (const each of await view.alerts()) {
    if (breath.isDue) await breath.taken()
    if (!isWanted(each)) continue
    const receivers = routesFor(route, each.alert.labels).map(({ receiver }) => receiver)
    if (receivers.some(isReceiver)) shown.push({ view: each, receivers, mutedBy: [] })
  }
  const inOrder = await sorted(shown, byFingerprint)
  const around = { nowMs, resolveTimeoutMs }
  const pieces = listOf(inOrder, each => [JSON.stringify(alertJson(each, around))])
  return answerOf(pieces, { signal })
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
    const alerts: AlertView[] = []
    for (const view of each.alerts) {
      if (breath.isDue) await breath.taken()
      if (!isWanted(view)) continue
      alerts.push(view)
      const { fingerprint } = view.alert
      const others = receivers.get(fingerprint)
      receivers.set(fingerprint, others === undefined ? [each.receiver] : [...others, each.receiver].sort())
    }
    if (alerts.length === 0) continue
    groups.push({ ...each, alerts: await sorted(alerts, compareAlerts), mutedBy: alerts[0]!.mutedBy })
  }
  const inOrder = await sorted(groups, compareGroups)
  const shown = isOn(query.muted) ? inOrder : inOrder.filter(({ mutedBy }) => mutedBy.length === 0)
  const around = { nowMs, resolveTimeoutMs: view.config().resolveTimeoutMs }
  const pieces = listOf(shown, group => groupPieces(group, receivers, around))
  return answerOf(pieces, { signal })
}

type Group = Omit<GroupView, 'alerts'> &
  Readonly<{ alerts: readonly AlertView[]; mutedBy: readonly string[] }>

const compareGroups = (a: Group, b: Group): number =>
  compareLabels(a.labels, b.labels) || (a.receiver < b.receiver ? -1 : a.receiver > b.receiver ? 1 : 0)

function* groupPieces(
  { alerts, labels, receiver, mutedBy }: Group,
  receivers: ReadonlyMap<string, readonly string[]>,
  around: Around,
): Pieces {
  let lead = '{"alerts":['
  for (const view of alerts) {
    const of = receivers.get(view.alert.fingerprint) ?? []
    yield lead + JSON.stringify(alertJson({ view, receivers: of, mutedBy }, around))
    lead = ','
  }
  yield `],"labels":${JSON.stringify(labels)},"receiver":${JSON.stringify({ name: receiver })}}`
}

const listOf = <T>(items: readonly T[], piecesOf: (item: T) => Pieces): Pieces =>
  inPieces(listed(items, piecesOf))

function* listed<T>(items: readonly T[], piecesOf: (item: T) => Pieces): Pieces {
  yield '['
  for (const [at, item] of items.entries()) {
    if (at > 0) yield ','
    yield* piecesOf(item)
  }
  yield ']\n'
}
