// The agent of a process, opened again when a reload has changed what it reads. Called by start.ts.
import type { Clock } from '#core/clock.ts'
import type { Config } from '#core/config.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Life } from '#core/run.ts'
import { type Agent, openAgent } from '../collector/agent.ts'
import { openInputs } from '../collector/inputs/index.ts'
import { openMachine } from '../collector/machine.ts'
import { inputsWith } from './canary.ts'
import type { Engines } from './engines.ts'

export type AgentOptions = Readonly<{
  config: Config
  engines: Pick<Engines, 'table' | 'bus'>
  clock: Clock
  log: Log
  own: OwnMetrics
  life: Life
  // Calls back when a reload has changed what is read.
  onAgentChange: (follow: (config: Config) => Promise<void>) => void
}>

export async function startAgent(options: AgentOptions): Promise<void> {
  const { engines, own, life, clock, log, onAgentChange } = options
  const { table, bus } = engines
  if (bus === undefined) throw new Error('an agent was given no bus')
  const watch = (now: Config): Agent | undefined => {
    const { enabled, host, tags, intervalMs } = now.agent
    if (!enabled) return undefined
    const inputs = openInputs(inputsWith(now), {
      machine: openMachine(),
      own,
      clock,
      intervalMs,
      log,
    })
    return openAgent({ inputs, table, bus, clock, host, tags, own, log })
  }
  let agent = watch(options.config)
  life.use('agent', { [Symbol.asyncDispose]: async () => agent?.close() })
  onAgentChange(async changed => {
    await agent?.close()
    agent = watch(changed)
  })
}
