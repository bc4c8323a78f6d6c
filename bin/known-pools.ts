// The pools of the configuration, for a command that writes their names: without any it ends with where they stand.
// Called by `capacity import`.
import type { Config } from '#core/config.ts'
import type { Pool } from '../capacity/pool.ts'
import { type CapacitySettings, capacitySchema } from '../capacity/pool-settings.ts'
import { type Call, Stop } from './command.ts'
import { settingsRead } from './settings.ts'

export function knownPools(
  call: Pick<Call, 'text' | 'io'>,
): Readonly<{ config: Config; pools: readonly Pool[] }> {
  const { config, file } = settingsRead(call, { capacity: capacitySchema })
  const { pools } = config.capacity as CapacitySettings
  if (pools.length > 0) return { config, pools }
  if (file !== undefined) throw new Stop(`${file} has no pools: they stand under \`capacity.pools\``, 2)
  const todo = 'go to the folder of the service, or name its configuration by --config'
  throw new Stop(`the pools stand in plimsoll.yml, and ${call.io.cwd} has none: ${todo}`, 2)
}
