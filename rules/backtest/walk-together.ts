// Takes all alerts of a rule through a piece of time step by step: where `limit` counts them together, labels depend on
// the value or the time, two results may be one alert, or somebody reads what they write. Called by replay.ts.
import { Breath } from '#core/breath.ts'
import { Failure } from '#core/errors.ts'
import { keyOf } from '#core/labels.ts'
import type { Series } from '#core/model.ts'
import type { SeriesSamples } from '#core/store.ts'
import { alertSeries } from '../alert-series.ts'
import { waiting } from '../ask.ts'
import { endsOf, type RuleSample } from '../evaluate-rule.ts'
import type { Found, World } from '../results.ts'
import { step as stepAll } from '../state.ts'
import { instancesOf } from '../wording.ts'
import { atStep, type Steps } from './pieces.ts'
import { stepAt } from './record.ts'
import { type States, tell, widen } from './states.ts'

export type Together = Readonly<{
  // The rule itself comes first.
  all: readonly States[]
  steps: Steps
  limit: number
  world: Omit<World, 'nowMs'>
  // What was written at the step before, where somebody reads it.
  written?: { series: Map<string, Series> }
  write(samples: readonly RuleSample[]): void
  fail(step: number, detail: string): void
}>

export async function walkTogether(found: readonly SeriesSamples[], work: Together): Promise<void> {
  const { all, steps } = work
  const places = new Uint32Array(found.length)
  const breath = new Breath()
  for (let step = 0; step < steps.count; step++) {
    const now: Found[] = []
    for (const [row, { series, tMs, values }] of found.entries()) {
      const at = places[row]!
      if (at >= tMs.length || stepAt(steps, tMs[at]!) !== step) continue
      now.push({ series, value: values[at]! })
      places[row] = at + 1
    }
    if (now.length > 0 || all.some(each => each.alerts.size > 0)) await take(now, step, work)
    if (breath.isDue) await breath.taken()
  }
}

async function take(found: readonly Found[], step: number, work: Together): Promise<void> {
  const { all, steps, limit } = work
  const nowMs = atStep(steps, step)
  const [own] = all
  if (own === undefined) return
  let instances: Awaited<ReturnType<typeof instances_>>
  try {
    instances = await instances_(own, found, { ...work.world, nowMs })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    work.fail(step, error.detail)
    return
  }
  for (const states of all) {
    const { next, active, transitions } = stepAll(states.rule, states.alerts, instances, nowMs)
    if (limit > 0 && active > limit) {
      const what = `found ${active} results, \`limit\` of the group is ${limit}`
      if (states === own) work.fail(step, what)
      continue
    }
    states.alerts.clear()
    for (const [key, alert] of next) if (alert.phase !== 'resolved') states.alerts.set(key, alert)
    for (const each of transitions) tell(states, each)
    if (!states.hasSpans) continue
    for (const key of states.spans.keys()) {
      const value = instances.get(key)?.value
      if (value !== undefined) widen(states.spans.get(key), value)
    }
    if (work.written !== undefined) write(states, nowMs - steps.offsetMs, work, work.written)
  }
}

const instances_ = (own: States, found: readonly Found[], world: World) =>
  waiting(instancesOf(own.rule, found, world))

function write(states: States, tMs: number, work: Together, written: { series: Map<string, Series> }): void {
  const series = alertSeries(states.rule, states.alerts)
  const now = new Map(series.map(each => [keyOf(each.series), each.series]))
  work.write([...series.map(each => ({ ...each, tMs })), ...endsOf(written.series, now, tMs)])
  written.series = now
}
