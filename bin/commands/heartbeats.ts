// `plimsoll heartbeats`: who must be heard of, and when he was. Called by run.ts.
import type { HeartbeatLine } from '../../alerter/api/heartbeat-routes.ts'
import { openAsk } from '../ask.ts'
import type { Command } from '../command.ts'
import { heartbeatsPath, heartbeatsText, isTrouble } from '../heartbeats-view.ts'
import { paintFor } from '../paint.ts'

export const command: Command = async call => {
  const { on, io } = call
  const { heartbeats } = (await openAsk(call).send('GET', heartbeatsPath)) as {
    heartbeats: readonly HeartbeatLine[]
  }
  if (on.has('json')) io.out(`${JSON.stringify({ heartbeats }, null, 2)}\n`)
  else if (heartbeats.length > 0)
    io.out(heartbeatsText(heartbeats, { timeZone: io.timeZone, paint: paintFor(io) }))
  else io.err('Nobody must be heard of: `heartbeats` in the configuration names them.\n')
  return heartbeats.some(isTrouble) ? 1 : 0
}
