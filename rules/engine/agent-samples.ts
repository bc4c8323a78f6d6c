// agent_up: what is known of who sends, as a series that rules read like any other. Called by evaluator.ts.
import { labelsOf } from '#core/labels.ts'
import type { Agents } from '../agents.ts'
import type { Recorder } from '../live/recorder.ts'
import type { EngineSettings } from './options.ts'

export function recordAgents(agents: Agents, recorder: Recorder, nowMs: number): void {
  for (const { host, state } of agents.tell(nowMs)) {
    const series = { name: 'agent_up', labels: labelsOf([['host', host]]) }
    if (state === 'gone') recorder.endSeries(series, nowMs)
    else recorder.put(series, state === 'up' ? 1 : 0, nowMs)
  }
}

// What rules record carries the names of hosts, and is not said by them.
export function followRules(agents: Agents, { groups, expected }: EngineSettings, nowMs: number): void {
  const rules = groups.flatMap(each => each.rules)
  agents.expect(expected, nowMs)
  agents.ignore(rules.flatMap(rule => (rule.kind === 'record' ? rule.record : [])))
}
