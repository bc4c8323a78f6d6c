// One rule at one time: what it was before and what its expression finds in; what it is now, what is to be told and
// what is to be written out. A rule that fails keeps its alerts and writes nothing. Called by group.ts.
import { Failure } from '#core/errors.ts'
import { keyOf } from '#core/labels.ts'
import type { Series } from '#core/model.ts'
import { alertSeries } from './alert-series.ts'
import type { Asking } from './ask.ts'
import { type Found, find, recorded, type World } from './results.ts'
import type { AlertRule, RecordRule, Rule, RuleGroup } from './rule.ts'
import { type Alerts, step, type Transition } from './state.ts'
import { instancesOf } from './wording.ts'

// 'stale' marks the end of a series.
export type RuleSample = Readonly<{ series: Series; tMs: number; value: number | 'stale' }>

export type RuleState = Readonly<{
  alerts: Alerts
  // Written last time, by key: what is not written again gets a stale marker.
  written: ReadonlyMap<string, Series>
  health: 'unknown' | 'ok' | 'err'
  error?: string
  evaluatedAtMs?: number
}>

export type RuleStep = Readonly<{
  state: RuleState
  transitions: readonly Transition[]
  samples: readonly RuleSample[]
  // Of alerts, as in Step.
  changed: readonly string[]
}>

export const unknown: RuleState = { alerts: new Map(), written: new Map(), health: 'unknown' }

export type Settings = Pick<RuleGroup, 'queryOffsetMs' | 'limit'> &
  Readonly<{
    // ALERTS and its kin are written by whoever calls.
    isQuiet?: boolean
  }>

export function* evaluateRule(
  rule: Rule,
  before: RuleState,
  world: World,
  settings: Settings,
): Asking<RuleStep> {
  const evaluatedAtMs = world.nowMs
  const tMs = world.nowMs - settings.queryOffsetMs
  try {
    const found = yield* find(rule, world, tMs)
    const { alerts, series, transitions, changed } =
      rule.kind === 'alert'
        ? yield* alertsOf(rule, before, { found, world, settings })
        : record(rule, before, { found, settings })
    const written = new Map(series.map(each => [keyOf(each.series), each.series]))
    const samples = [...series.map(each => ({ ...each, tMs })), ...endsOf(before.written, written, tMs)]
    return { state: { alerts, written, health: 'ok', evaluatedAtMs }, transitions, samples, changed }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const state = { ...before, health: 'err', error: error.detail, evaluatedAtMs } as const
    return { state, transitions: [], samples: [], changed: [] }
  }
}

type Given = Readonly<{ found: readonly Found[]; settings: Settings }>
type Outcome = Pick<RuleStep, 'transitions' | 'changed'> &
  Readonly<{ alerts: Alerts; series: readonly Found[] }>

function* alertsOf(
  rule: AlertRule,
  before: RuleState,
  { found, world, settings }: Given & Readonly<{ world: World }>,
): Asking<Outcome> {
  const instances = yield* instancesOf(rule, found, world)
  const { next, active, transitions, changed } = step(rule, before.alerts, instances, world.nowMs)
  refuseMore(active, settings)
  const series = settings.isQuiet === true ? [] : alertSeries(rule, next)
  return { alerts: next, series, transitions, changed }
}

function record(rule: RecordRule, { alerts }: RuleState, { found, settings }: Given): Outcome {
  const series = recorded(rule, found)
  refuseMore(series.length, settings)
  return { alerts, series, transitions: [], changed: [] }
}

function refuseMore(count: number, { limit }: Settings): void {
  if (limit === 0 || count <= limit) return
  throw new Failure('rule_failed', `found ${count} results, \`limit\` of the group is ${limit}`)
}

// Of the series that are written no more.
export const endsOf = (
  before: ReadonlyMap<string, Series>,
  now: ReadonlyMap<string, Series>,
  tMs: number,
): RuleSample[] =>
  [...before].flatMap(([key, series]) => (now.has(key) ? [] : [{ series, tMs, value: 'stale' as const }]))
