// The keys of the configuration that are a room's own. Called by whoever reads a whole configuration.
import type { RoomSchemas } from '#core/config.ts'
import { channelsSchema } from '../alerter/channel-config.ts'
import { heartbeatsSchema } from '../alerter/heartbeats/settings.ts'
import { capacitySchema } from '../capacity/pool-settings.ts'
import { inputsSchema } from '../collector/inputs/index.ts'

export const roomSchemas: RoomSchemas = {
  inputs: inputsSchema,
  channels: channelsSchema,
  heartbeats: heartbeatsSchema,
  capacity: capacitySchema,
}
