// What carries samples, keeps them, and keeps decisions: all of it here and in the data folder, or on the servers of
// a fleet, as the configuration says. Called by `up`, and by `backup` where no service runs.
import type { Config } from '#core/config.ts'
import { openEmbedded } from './engines/embedded.ts'
import type { Around, Engines } from './engines/engine-set.ts'
import { everyRole, refuseLoneSenders } from './roles.ts'

export type { Engines } from './engines/engine-set.ts'

export async function openEngines(config: Config, around: Around = {}): Promise<Engines> {
  const { engines } = config
  if (engines === undefined) {
    refuseLoneSenders(around.roles ?? everyRole)
    return openEmbedded(config, around)
  }
  // Loaded only where it is used: the clients of three servers take time and memory.
  const { openFleet } = await import('./engines/fleet.ts')
  return openFleet({ ...config, engines }, around)
}
