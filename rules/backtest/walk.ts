// Takes each alert of a rule through a piece of time by itself, from one moment at which something can change to the
// next: most steps find what the step before found. Inner loop: 20 rules over 1 000 series for a month are 900 million
// steps; the test compares it with every step taken. Called by replay.ts.
import { Breath } from '#core/breath.ts'
import type { Labels } from '#core/model.ts'
import { advance, changesAtMs, type Instance, type Tracked } from '../state.ts'
import { atStep, type Steps } from './pieces.ts'
import { stepAt } from './record.ts'
import { type States, tell, widen } from './states.ts'

export type Row = Readonly<{ key: string; labels: Labels; tMs: Float64Array; values: Float64Array }>

const nothing = new Float64Array(0)

// All rows have different keys.
export async function walkApart(all: readonly States[], rows: readonly Row[], steps: Steps): Promise<void> {
  const breath = new Breath()
  const seen = new Set(rows.map(each => each.key))
  for (const row of rows) {
    for (const states of all) walkRow(states, row, steps)
    if (breath.isDue) await breath.taken()
  }
  for (const states of all) {
    for (const [key, { labels }] of [...states.alerts]) {
      if (!seen.has(key)) walkRow(states, { key, labels, tMs: nothing, values: nothing }, steps)
    }
    if (breath.isDue) await breath.taken()
  }
}

const noLabelsYet: Labels = {}

function walkRow(states: States, { key, labels, tMs, values }: Row, steps: Steps): void {
  const { rule, alerts, spans, hasSpans } = states
  let was = alerts.get(key)
  // The next that was found, and where the run of steps ends that it belongs to.
  let [at, runEnd] = [0, 0]
  let step = was === undefined && tMs.length > 0 ? stepAt(steps, tMs[0]!) : 0
  while (step < steps.count) {
    const nowMs = atStep(steps, step)
    while (at < tMs.length && stepAt(steps, tMs[at]!) < step) at++
    const isFound = at < tMs.length && stepAt(steps, tMs[at]!) === step
    const found: Instance | undefined = isFound
      ? { labels, annotations: noLabelsYet, value: values[at]! }
      : undefined
    const { is, transition } = advance({ rule, key, nowMs }, was, found)
    if (transition !== undefined) tell(states, transition)
    was = is?.phase === 'resolved' ? undefined : is
    if (isFound && step >= runEnd) runEnd = endOfRun(tMs, at, steps)
    const next = nextStep(was, { states, steps, step, turnsAt: isFound ? runEnd : nextFound(tMs, at, steps) })
    if (hasSpans && isFound && was?.phase === 'firing') {
      const span = spans.get(key)
      for (let each = at; each < tMs.length && each < at + next - step; each++) widen(span, values[each]!)
    }
    if (was === undefined && at >= tMs.length - (isFound ? 1 : 0)) break
    step = next
  }
  if (was === undefined) alerts.delete(key)
  else alerts.set(key, was)
}

// The first step after `at` at which nothing is found.
function endOfRun(tMs: Float64Array, at: number, steps: Steps): number {
  let last = at
  while (last + 1 < tMs.length && tMs[last + 1]! - tMs[last]! === steps.stepMs) last++
  return stepAt(steps, tMs[last]!) + 1
}

const nextFound = (tMs: Float64Array, at: number, steps: Steps): number =>
  at < tMs.length ? stepAt(steps, tMs[at]!) : steps.count

type Around = Readonly<{ states: States; steps: Steps; step: number; turnsAt: number }>

// Whatever comes first: what is found comes or goes, or time alone changes it.
function nextStep(was: Tracked | undefined, { states, steps, step, turnsAt }: Around): number {
  const dueMs = was === undefined ? undefined : changesAtMs(states.rule, was)
  if (dueMs === undefined) return Math.max(step + 1, turnsAt)
  const due = Math.ceil((dueMs - steps.startMs) / steps.stepMs)
  return Math.max(step + 1, Math.min(due, turnsAt))
}
