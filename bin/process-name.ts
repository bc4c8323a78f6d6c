// What a process of a fleet is called where many of them meet: in the table of tokens, and as the owner of a lease. The
// same after a restart, since it has the same data folder. Called by start.ts.
import { createHash } from 'node:crypto'
import type { Config } from '#core/config.ts'

export function processName({ agent, data }: Pick<Config, 'agent' | 'data'>): string {
  const digest = createHash('sha256').update(data).digest('hex').slice(0, 8)
  return `${agent.host.slice(0, 30)} ${digest}`
}
