// What the engine is given, and what it is to others. Called by engine.ts and by bin/, which opens it.
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { Labels } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import type { State } from '#core/state.ts'
import type { Store } from '#core/store.ts'
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
}>

export interface RuleEngine extends AsyncDisposable {
  view(): Promise<readonly GroupView[]>
  // What external Alertmanagers are to hear of.
  current(): Iterable<RuleAlerts>
  // Goes on with other rules. Alerts of rules that are still there stay as they are.
  reload(settings: EngineSettings): Promise<void>
  close(): Promise<void>
}
