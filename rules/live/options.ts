// What live rules are given. Filled in by engine.ts, read by live-rules.ts and seats.ts.
import type { Labels } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import type { RuleState } from '../evaluate-rule.ts'
import type { Head } from '../head.ts'
import type { Alerts } from '../state.ts'
import type { Waiting } from './awaited.ts'
import type { Program } from './program.ts'
import type { Recorder } from './recorder.ts'

export type LiveOptions = Readonly<{
  program: Program
  head: Head
  recorder: Recorder
  table: SeriesTable
  own: OwnMetrics
  // By the id of the rule.
  saved: ReadonlyMap<string, Alerts>
  externalLabels: Labels
  externalUrl: string
  lookbackMs: number
  // How long something took.
  monotonicMs: () => number
  nowMs: number
  // Whether samples may be missing because nobody listened: after a start, or when the clock has jumped.
  isPatient: boolean
  // Where it is not: what the rules before these were waiting for.
  waiting?: Waiting | undefined
  // By the id of the rule: what rules with times of their own wrote before they were read anew. It goes on until theirs
  // comes.
  written?: Written | undefined
}>

export type Written = ReadonlyMap<string, RuleState['written']>
