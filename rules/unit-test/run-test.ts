// One unit test of rules: its series are laid out in memory, its groups evaluated step by step as promtool does it,
// and what is there at the times asked for is held against what was wanted. Called by `plimsoll test`.

import { Failure } from '#core/errors.ts'
import { labelsOf, noLabels } from '#core/labels.ts'
import { isStaleNumber } from '#core/stale.ts'
import { evaluateNow } from '#promql/evaluate.ts'
import { MemorySource } from '#promql/memory-source.ts'
import type { SeriesLine } from '#promql/series-line.ts'
import type { RuleSample } from '../evaluate-rule.ts'
import { evaluateGroup, type GroupState } from '../group.ts'
import type { World } from '../results.ts'
import { nameOf, type RuleGroup } from '../rule.ts'
import { alertMistake, exprMistake, type Mistake } from './mistake.ts'
import type { AlertCase, ExprCase, RuleTest } from './test-file.ts'

export type Frame = Readonly<{ groups: readonly RuleGroup[]; intervalMs: number; isFuzzy: boolean }>

// Years in steps of a second are a slip.
const evaluationsMax = 1_000_000

export function runTest(test: RuleTest, { groups, intervalMs, isFuzzy }: Frame): Mistake[] {
  const lastMs = Math.max(0, ...test.alerts.map(each => each.atMs), ...test.exprs.map(each => each.atMs))
  if (lastMs / intervalMs > evaluationsMax) {
    const error = `${Math.floor(lastMs / intervalMs)} evaluations are more than the ${evaluationsMax} of one test`
    return [{ kind: 'error', atMs: 0, line: test.line, error }]
  }
  const source = new MemorySource()
  const feed = feeder(source, test)
  const worldAt = (nowMs: number): World => ({
    nowMs,
    source,
    externalLabels: test.externalLabels.length === 0 ? noLabels : labelsOf(test.externalLabels),
    externalUrl: test.externalUrl,
    options: { defaultStepMs: intervalMs },
  })
  let states: readonly GroupState[] = groups.map(() => new Map())
  const mistakes: Mistake[] = []
  for (let atMs = 0; atMs <= lastMs; atMs += intervalMs) {
    feed(test.startMs + atMs)
    const errors: Mistake[] = []
    states = groups.map((group, at) => {
      const { next, steps } = evaluateGroup(group, states[at]!, worldAt(test.startMs + atMs))
      const refused = steps.map(({ samples }) => write(source, samples))
      errors.push(...errorsOf(group, next, { refused, atMs }))
      return next
    })
    // What comes after an error means nothing.
    if (errors.length > 0) return [...mistakes, ...errors]
    for (const wanted of test.alerts) {
      if (wanted.atMs < atMs || wanted.atMs >= atMs + intervalMs) continue
      mistakes.push(...alertMistake(wanted, firing(wanted, groups, states)))
    }
  }
  const exprs = test.exprs.flatMap(each => askExpr(each, worldAt(test.startMs + each.atMs), isFuzzy))
  return [...mistakes, ...exprs]
}

// Samples come to be in the order of time, as in life: nothing looks ahead.
function feeder(source: MemorySource, { series, stepMs, startMs }: RuleTest): (untilMs: number) => void {
  let next = 0
  const longest = series.reduce((most, { points }) => Math.max(most, points.length), 0)
  return untilMs => {
    for (; next < longest && startMs + next * stepMs <= untilMs; next++) {
      for (const line of series) put(source, line, { at: next, tMs: startMs + next * stepMs })
    }
  }
}

function put(source: MemorySource, line: SeriesLine, { at, tMs }: { at: number; tMs: number }): void {
  const point = line.points[at]
  if (point !== undefined) source.put(line.series, tMs, point)
}

// As in Prometheus the first of two samples of one time stays, and what is older than the newest is refused. A marker
// of an end gives way without a word. The answer is why some of it was refused.
function write(source: MemorySource, samples: readonly RuleSample[]): string | undefined {
  let refused: string | undefined
  for (const { series, tMs, value } of samples) {
    const last = source.last(series)
    if (last === undefined || last.tMs < tMs) source.put(series, tMs, value)
    else if (value !== 'stale' && !isSame(last, { tMs, value })) {
      const what = last.tMs === tMs ? 'has another sample of this time' : 'has a later sample'
      refused ??= `the series ${series.name} that it writes ${what} already`
    }
  }
  return refused
}

const isSame = (
  last: Readonly<{ tMs: number; value: number }>,
  { tMs, value }: Readonly<{ tMs: number; value: number }>,
): boolean => last.tMs === tMs && Object.is(last.value, value) && !isStaleNumber(last.value)

// By rule, in their order.
type Seen = Readonly<{ refused: readonly (string | undefined)[]; atMs: number }>

function errorsOf(group: RuleGroup, states: GroupState, { refused, atMs }: Seen): Mistake[] {
  return group.rules.flatMap((rule, at): Mistake[] => {
    const error = states.get(rule.id)?.error ?? refused[at]
    if (error === undefined) return []
    return [{ kind: 'error', atMs, line: rule.line, file: group.file, rule: nameOf(rule), error }]
  })
}

function firing({ alert }: AlertCase, groups: readonly RuleGroup[], states: readonly GroupState[]) {
  return groups.flatMap((group, at) =>
    group.rules
      .filter(rule => rule.kind === 'alert' && rule.alert === alert)
      .flatMap(({ id }) => [...(states[at]!.get(id)?.alerts.values() ?? [])])
      .filter(({ phase }) => phase === 'firing'),
  )
}

function askExpr(wanted: ExprCase, world: World, isFuzzy: boolean): Mistake[] {
  try {
    const { value } = evaluateNow(wanted.expr, world.source, { atMs: world.nowMs }, world.options)
    return exprMistake(wanted, value, isFuzzy)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [{ kind: 'error', atMs: wanted.atMs, line: wanted.line, expr: wanted.text, error: error.detail }]
  }
}
