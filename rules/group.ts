// A group at one time: its rules in order, each seeing what those before it have just found. No clock and no I/O but
// the source, so the same code serves groups with an interval, unit tests and backtests; the engine evaluates single
// rules by it. Called by those.
import { type Asking, atOnce, inPieces, type Pieces, waiting } from './ask.ts'
import { evaluateRule, type RuleSample, type RuleState, type RuleStep, unknown } from './evaluate-rule.ts'
import { LayeredSource } from './layered-source.ts'
import type { World } from './results.ts'
import type { RuleGroup } from './rule.ts'
import type { Transition } from './state.ts'

// By the id of the rule.
export type GroupState = ReadonlyMap<string, RuleState>

export type GroupStep = Readonly<{
  next: GroupState
  transitions: readonly Transition[]
  // In the order in which they came to be.
  samples: readonly RuleSample[]
  // By rule, in their order.
  steps: readonly RuleStep[]
}>

// For sources that answer at once.
export const evaluateGroup = (group: RuleGroup, before: GroupState, world: World): GroupStep =>
  atOnce(run(group, before, world))

export const evaluateGroupInPieces = (
  group: RuleGroup,
  before: GroupState,
  world: World,
): Pieces<GroupStep> => inPieces(run(group, before, world))

export const evaluateGroupWaiting = (
  group: RuleGroup,
  before: GroupState,
  world: World,
): Promise<GroupStep> => waiting(run(group, before, world))

function* run(group: RuleGroup, before: GroupState, world: World): Asking<GroupStep> {
  const source = new LayeredSource(world.source)
  const next = new Map<string, RuleState>()
  const steps: RuleStep[] = []
  for (const rule of group.rules) {
    const was = before.get(rule.id) ?? unknown
    const stepped = yield* evaluateRule(rule, was, { ...world, source }, group)
    next.set(rule.id, stepped.state)
    steps.push(stepped)
    source.add(stepped.samples)
  }
  return {
    next,
    transitions: steps.flatMap(each => each.transitions),
    samples: steps.flatMap(each => each.samples),
    steps,
  }
}
