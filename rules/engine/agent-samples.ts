// agent_up, and after how much silence it becomes 0: what is known of who sends, as series that rules read like any
// other. Called by evaluator.ts.
import { labelsOf } from '#core/labels.ts'
import type { Agents } from '../agents.ts'
import type { Recorder } from '../live/recorder.ts'
import type { EngineSettings } from './options.ts'

export function recordAgents(agents: Agents, recorder: Recorder, nowMs: number): void {
  for (const { host, state, silentMs } of agents.tell(nowMs)) {
    const labels = labelsOf([['host', host]])
    const up = { name: 'agent_up', labels }
    const silentAfter = { name: 'agent_silent_after_seconds', labels }
    if (state === 'gone') {
      recorder.endSeries(up, nowMs)
      recorder.endSeries(silentAfter, nowMs)
    } else {
      recorder.put(up, state === 'up' ? 1 : 0, nowMs)
      if (silentMs !== undefined) recorder.put(silentAfter, silentMs / 1_000, nowMs)
    }
  }
}

// What rules record carries the names of hosts, and is not said by them.
export function followRules(agents: Agents, { groups, expected }: EngineSettings, nowMs: number): void {
  const rules = groups.flatMap(each => each.rules)
  agents.expect(expected, nowMs)
  agents.ignore(rules.flatMap(rule => (rule.kind === 'record' ? rule.record : [])))
}
