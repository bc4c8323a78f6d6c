// All groups of one version of the rules through the whole time, one stretch after the other: within a stretch each
// rule works on all its steps at once, and those after it see what it has recorded. Called by backtest.ts.
import { Breath } from '#core/breath.ts'
import type { Series } from '#core/model.ts'
import { writeStale } from '#core/stale.ts'
import type { Source } from '#promql/source.ts'
import type { RuleSample } from '../evaluate-rule.ts'
import type { RecordRule, RuleGroup } from '../rule.ts'
import { atStep, piecesOf, type Reading, type Steps } from './pieces.ts'
import { type GroupPlan, planOf } from './plan.ts'
import { recordPiece, type Written } from './record.ts'
import { Recorded } from './recorded.ts'
import type { RecordReport } from './report.ts'
import {
  type AlertReplay,
  type AlertResult,
  type OpenFaults,
  openAlertReplay,
  openFaults,
} from './rule-replay.ts'
import type { Between } from './tally.ts'

export type ReplayOptions = Readonly<{
  groups: readonly RuleGroup[]
  source: Source
  between: Between
  // Of every group, whatever it says itself.
  stepMs: number | undefined
  signal: AbortSignal | undefined
}>

export type Replay = Readonly<{
  notes: readonly string[]
  run(fromMs: number, untilMs: number): Promise<void>
  // Steps times series so far, and the most of one evaluation since the last look.
  readonly cells: number
  takePeakCells(): number
  readonly firings: number
  close(): Readonly<{ alerts: readonly AlertResult[]; records: readonly RecordReport[] }>
}>

type Recording = Readonly<{ rule: RecordRule; group: RuleGroup; written: Written; faults: OpenFaults }>
type Tries = Reading['tries']
type One = AlertReplay | Recording
type Planned = GroupPlan & Readonly<{ rules: readonly One[] }>

// Evaluations that one rule may spend on finding out which steps fail, and what each stretch adds to that: a rule that
// always fails is not looked into for long.
const [triesMax, triesMore] = [256, 32]

export function openReplay(options: ReplayOptions): Replay {
  const { groups, between, stepMs, signal } = options
  const { fromMs } = between
  const plan = planOf(groups, stepMs)
  const recorded = new Recorded(options.source, fromMs, isWrittenBy(groups))
  const counting = openCounting(recorded)
  const write = plan.readsAlerts ? writerTo(recorded) : undefined
  const planned: Planned[] = plan.groups.map(each => ({
    ...each,
    rules: each.group.rules.map(rule =>
      rule.kind === 'alert'
        ? openAlertReplay(rule, { group: each.group, between, source: recorded, write })
        : { rule, group: each.group, written: { series: new Map() }, faults: openFaults() },
    ),
  }))
  const alerts = planned.flatMap(({ rules }) => rules.filter(isAlert))
  const records = planned.flatMap(({ rules }) => rules.filter(each => !isAlert(each)) as Recording[])
  const around = { counting, recorded, signal, breath: new Breath(), tries: new Map<One, Tries>() }
  return {
    notes: plan.notes,
    async run(beginMs, untilMs) {
      for (const each of planned) await runGroup(each, stepsOf(each, { fromMs, beginMs, untilMs }), around)
      for (const each of alerts) each.settle(untilMs)
      recorded.forget(untilMs - plan.keepMs)
    },
    get cells() {
      return counting.cells
    },
    takePeakCells: () => counting.takePeak(),
    get firings() {
      return alerts.reduce((sum, each) => sum + each.firings, 0)
    },
    close: () => ({ alerts: alerts.map(each => each.close()), records: records.flatMap(recordReport) }),
  }
}

const isAlert = (one: One): one is AlertReplay => 'take' in one

function isWrittenBy(groups: readonly RuleGroup[]): (series: Series) => boolean {
  const rules = groups.flatMap(each => each.rules)
  const names = new Set(rules.flatMap(rule => (rule.kind === 'record' ? [rule.record] : [])))
  const alerts = new Set(rules.flatMap(rule => (rule.kind === 'alert' ? [rule.alert] : [])))
  return ({ name, labels }) =>
    names.has(name) ||
    ((name === 'ALERTS' || name === 'ALERTS_FOR_STATE') && alerts.has(labels['alertname'] ?? ''))
}

function recordReport({ rule, group, faults }: Recording): RecordReport[] {
  const all = faults.all()
  return all === null
    ? []
    : [{ id: rule.id, file: group.file, group: group.name, name: rule.record, faults: all }]
}

// Of alerts: one sample each.
const writerTo =
  (recorded: Recorded) =>
  (samples: readonly RuleSample[]): void => {
    for (const { series, tMs, value } of samples) {
      const values = new Float64Array(1)
      if (value === 'stale') writeStale(values, 0)
      else values[0] = value
      recorded.append(series, Float64Array.of(tMs), values)
    }
  }

type Counting = Source & Readonly<{ cells: number; takePeak(): number; steps(count: number): void }>

function openCounting(below: Source): Counting {
  let [cells, peak, steps] = [0, 0, 1]
  return {
    get cells() {
      return cells
    },
    takePeak() {
      const was = peak
      peak = 0
      return was
    },
    steps(count) {
      steps = count
    },
    async select(matchers, range, signal) {
      const found = await below.select(matchers, range, signal)
      cells += found.length * steps
      peak = Math.max(peak, found.length * steps)
      return found
    },
  }
}

type Times = Readonly<{ fromMs: number; beginMs: number; untilMs: number }>

// Steps are multiples of their length, as those of a group that has run for long.
function stepsOf({ group, stepMs }: GroupPlan, { fromMs, beginMs, untilMs }: Times): Steps {
  const first = Math.ceil(Math.max(fromMs, beginMs) / stepMs)
  const count = Math.max(0, Math.ceil(untilMs / stepMs) - first)
  return { startMs: first * stepMs, stepMs, count, offsetMs: group.queryOffsetMs }
}

type Around = Readonly<{
  counting: Counting
  recorded: Recorded
  signal: AbortSignal | undefined
  // What is read already is answered at once, and many short evaluations in a row would let nobody in between.
  breath: Breath
  tries: Map<One, Tries>
}>

async function runGroup({ rules, isStepwise }: Planned, steps: Steps, around: Around): Promise<void> {
  if (steps.count === 0) return
  if (!isStepwise) {
    for (const each of rules) await runRule(each, steps, around)
    return
  }
  for (let step = 0; step < steps.count; step++) {
    const one = { ...steps, startMs: atStep(steps, step), count: 1 }
    for (const each of rules) await runRule(each, one, around)
  }
}

async function runRule(one: One, steps: Steps, around: Around): Promise<void> {
  const { counting, recorded, signal, breath } = around
  const left = Math.min(triesMax, (around.tries.get(one)?.left ?? triesMax) + triesMore)
  const reading: Reading = { source: counting, signal, begins: counting.steps, tries: { left } }
  around.tries.set(one, reading.tries)
  for await (const piece of piecesOf(one.rule.expr, steps, reading)) {
    if (isAlert(one)) await one.take(piece)
    else await record(one, piece, recorded)
    if (breath.isDue) await breath.taken()
    signal?.throwIfAborted()
  }
}

async function record(
  one: Recording,
  piece: Parameters<typeof recordPiece>[2],
  into: Recorded,
): Promise<void> {
  const { rule, group, written, faults } = one
  const { steps, fault } = piece
  if (fault !== undefined) return faults.add(steps.startMs, fault.detail, steps.count)
  const made = await recordPiece(rule, group.limit, piece, written)
  for (const [step, detail] of made.faults) faults.add(atStep(steps, step), detail, 1)
  for (const { series, tMs, values } of made.columns) into.append(series, tMs, values)
}
