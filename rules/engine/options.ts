// What the engine and its evaluators are given, and what it is to others. Read by engine.ts, evaluator.ts and fleet.ts,
// filled in by bin/.
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { Labels } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import type { State } from '#core/state.ts'
import type { Store } from '#core/store.ts'
import type { Memory } from '../head/memory.ts'
import type { Head } from '../head.ts'
import type { RuleAlerts } from '../live/shown.ts'
import type { RuleGroup } from '../rule.ts'
import type { GroupView } from '../view.ts'

export type EngineSettings = Readonly<{
  groups: readonly RuleGroup[]
  externalLabels: Labels
  externalUrl: string
  silentMs: number
  forgetMs: number
  expected: readonly string[]
}>

export type EngineOptions = Readonly<{
  settings: EngineSettings
  bus: Bus
  store: Store
  state: State
  table: SeriesTable
  clock: Clock
  log: Log
  own: OwnMetrics
  // Owner of recorded series that name no host.
  source: string
  headWindowMs: number
  headBytes: number
  // Of these, what the evaluators of a process have together.
  memory?: Memory
}>

// An engine's options, for one part of the input.
export type EvaluatorOptions = EngineOptions &
  Readonly<{
    // What its alerts are saved as.
    part: string
    // Whether a series travels here.
    isMine(labels: Labels): boolean
    // Labels that decide where a series travels, on a fleet.
    keeps: readonly string[]
    // Whether it notices who falls silent.
    hearsHosts: boolean
    // That of a lease, where there may be another owner.
    write?: State['write'] | undefined
    // Up to when everything has come that will: the wall clock, unless the input lags.
    completeMs(): number
    // Whether everything is being looked at anew, because somebody has set the clock.
    isSetAnew(): boolean
  }>

export interface RuleEngine extends AsyncDisposable {
  view(): Promise<readonly GroupView[]>
  // What external Alertmanagers are to hear of, with the values and words of when each began or of the last refresh.
  current(): Iterable<RuleAlerts>
  refresh(): Promise<void>
  // Goes on with other rules. Alerts of rules that are still there stay as they are.
  reload(settings: EngineSettings): Promise<void>
  // What is in memory of all that rules read; nothing where this process has only shares of it.
  head(): Head | undefined
  close(): Promise<void>
}
