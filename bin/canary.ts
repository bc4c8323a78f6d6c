// Does this configuration send canaries along the road from collector to alerter, and how often? Called by start.ts, which
// writes them, by rules.ts, which has the rule that finds them, and by watching.ts, which misses them.
import type { Config } from '#core/config.ts'
import type { InputsSetting } from '../collector/inputs/index.ts'
import type { Roles } from './roles.ts'

type Canary = Pick<Config, 'watchdog' | 'engines' | 'agent' | 'inputs'>

// Each is a few rows of the state.
const usualMs = 15_000

// Nothing: there are none.
export function canaryEveryMs({ watchdog, engines, agent, inputs }: Canary): number | undefined {
  const { canary } = inputs as InputsSetting
  const isWhole = engines === undefined && agent.enabled && canary !== false
  if (!(watchdog.canary ?? isWhole)) return undefined
  const [one] = [canary].flat()
  const stated = typeof one === 'object' ? one.interval : undefined
  return stated ?? Math.min(usualMs, agent.intervalMs)
}

// What the agent reads, with the canary where there is one.
export function inputsWith(config: Canary): InputsSetting {
  const inputs = config.inputs as InputsSetting
  const interval = canaryEveryMs(config)
  const isStated = typeof inputs.canary === 'object' || inputs.canary === false
  return isStated ? inputs : { ...inputs, canary: interval === undefined ? false : { interval, tags: {} } }
}

// A process of embedded engines can only miss what it sends itself.
export const canBeMissed = ({ engines }: Canary, roles: Roles): boolean =>
  engines !== undefined || (roles.has('agent') && roles.has('rules'))
