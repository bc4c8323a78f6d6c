// Groups, rules and alerts as Prometheus writes them in JSON, in pieces: a rule may have a hundred thousand alerts.
// Fields that Prometheus lacks stand behind its own. Called by rule-routes.ts.
import { createHash } from 'node:crypto'
import { canaryGroup } from '#core/canary.ts'
import { type Pieces, pieceChars } from '#core/http/pieces.ts'
import { print } from '#promql/print.ts'
import { exponentText } from './exponent-text.ts'
import { nameOf, type RuleGroup } from './rule.ts'
import type { Alerts, Tracked } from './state.ts'
import type { GroupView, RuleView } from './view.ts'

// Of which only the rules that are wanted are told.
export type ToldGroup = GroupView & Readonly<{ wanted: readonly RuleView[] }>

export type GroupsAnswer = Readonly<{
  groups: readonly ToldGroup[]
  excludeAlerts: boolean
  // Where the next page begins.
  nextToken: string | undefined
}>

export function* groupsJson({ groups, excludeAlerts, nextToken }: GroupsAnswer): Pieces {
  yield '{"status":"success","data":{"groups":['
  for (const [at, group] of groups.entries()) yield* groupJson(group, at === 0 ? '' : ',', excludeAlerts)
  yield `]${nextToken === undefined ? '' : `,"groupNextToken":${JSON.stringify(nextToken)}`}}}`
}

export function* alertsJson(groups: readonly GroupView[]): Pieces {
  yield '{"status":"success","data":{"alerts":['
  const shown = groups.filter(({ group }) => group.name !== canaryGroup)
  const alerts = shown.flatMap(({ rules }) => rules.map(each => activeIn(each.alerts)))
  yield* listOf(chained(alerts))
  yield ']}}'
}

function* groupJson({ group, rules, wanted }: ToldGroup, comma: string, excludeAlerts: boolean): Pieces {
  const { name, file, intervalMs, limit } = group
  yield `${comma}{"name":${JSON.stringify(name)},"file":${JSON.stringify(file)},"rules":[`
  for (const [at, each] of wanted.entries()) yield* ruleJson(each, at === 0 ? '' : ',', excludeAlerts)
  const tail = {
    interval: (intervalMs ?? 0) / 1_000,
    limit,
    evaluationTime: rules.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1_000,
    lastEvaluation: lastOf(rules),
    // Ours: it has no interval, because a sample that it can see starts it.
    ...(intervalMs === undefined ? { onArrival: true } : {}),
  }
  yield `],${JSON.stringify(tail).slice(1)}`
}

function lastOf(rules: readonly RuleView[]): string {
  const times = rules.flatMap(({ evaluatedAtMs }) => evaluatedAtMs ?? [])
  return dateText(times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b)))
}

function* ruleJson(view: RuleView, comma: string, excludeAlerts: boolean): Pieces {
  const { rule, health, error, evaluatedAtMs, tookMs } = view
  const common = { name: nameOf(rule), query: print(rule.expr) }
  const tail = {
    health,
    ...(error === undefined || error === '' ? {} : { lastError: error }),
    evaluationTime: tookMs / 1_000,
    lastEvaluation: dateText(evaluatedAtMs),
  }
  if (rule.kind === 'record') {
    const labels = sorted(rule.labels)
    yield comma + JSON.stringify({ ...common, labels, ...tail, type: 'recording' })
    return
  }
  const written = (texts: typeof rule.labels): object =>
    sorted([...texts].map(([name, { text }]) => [name, text]))
  const active = countsOf(view.alerts)
  const head = {
    state: stateOf(view, active),
    ...common,
    duration: rule.forMs / 1_000,
    keepFiringFor: rule.keepFiringMs / 1_000,
    labels: written(rule.labels),
    annotations: written(rule.annotations),
  }
  yield `${comma}${JSON.stringify(head).slice(0, -1)},"alerts":`
  if (excludeAlerts) yield 'null'
  else {
    yield '['
    yield* listOf(activeIn(view.alerts))
    yield ']'
  }
  // Ours: the counts, so that nobody has to ask for all alerts to have them.
  yield `,${JSON.stringify({ ...tail, type: 'alerting', active }).slice(1)}`
}

type Counts = Readonly<{ firing: number; pending: number }>

function countsOf(alerts: Alerts): Counts {
  const counts = { firing: 0, pending: 0 }
  for (const { phase } of alerts.values()) if (phase !== 'resolved') counts[phase] += 1
  return counts
}

// A rule that has taken up its saved alerts shows them, whether or not it has been evaluated since.
function stateOf({ evaluatedAtMs }: RuleView, { firing, pending }: Counts): string {
  if (firing > 0) return 'firing'
  if (pending > 0) return 'pending'
  return evaluatedAtMs === undefined ? 'unknown' : 'inactive'
}

function* activeIn(alerts: Alerts): Iterable<Tracked> {
  for (const each of alerts.values()) if (each.phase !== 'resolved') yield each
}

function* chained<T>(lists: readonly Iterable<T>[]): Iterable<T> {
  for (const each of lists) yield* each
}

function* listOf(alerts: Iterable<Tracked>): Pieces {
  let text = ''
  let comma = ''
  for (const each of alerts) {
    text += comma + alertJson(each)
    comma = ','
    if (text.length < pieceChars) continue
    yield text
    text = ''
  }
  yield text
}

const alertJson = ({ labels, annotations, phase, activeAtMs, keepFiringSinceMs, value }: Tracked): string =>
  JSON.stringify({
    labels,
    annotations: sorted(Object.entries(annotations)),
    state: phase,
    activeAt: dateText(activeAtMs),
    ...(keepFiringSinceMs === undefined ? {} : { keepFiringSince: dateText(keepFiringSinceMs) }),
    value: exponentText(value),
  })

const sorted = (pairs: Iterable<readonly [string, string]>): object =>
  Object.fromEntries([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)))

// RFC 3339 without zeros at the end, as Go writes it; its beginning of time is never.
function dateText(tMs: number | undefined): string {
  if (tMs === undefined) return '0001-01-01T00:00:00Z'
  return new Date(tMs).toISOString().replace(/\.?0+Z$/, 'Z')
}

// Prometheus' own, so that whoever has kept one from there can go on here.
export const tokenOf = ({ file, name }: RuleGroup): string =>
  createHash('sha256').update(`${file};${name}`).digest('hex')
