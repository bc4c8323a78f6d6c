// The configuration as a command needs it: read, or every problem told and an end. Called by commands that must
// find the service, its data or its pools.
import { type Config, type ConfigRead, problemsText, type RoomSchemas, readConfig } from '#core/config.ts'
import { type Call, Stop } from './command.ts'

type Asking = Pick<Call, 'text' | 'io'>

export const settings = (call: Asking): Config => settingsRead(call).config

// With the file in which they stand, if there is one. The options of inputs are not looked at: `check` and `up` do that.
export function settingsRead({ text, io }: Asking, rooms: RoomSchemas = {}): ConfigRead {
  const result = readConfig({
    path: text['config'],
    env: io.env,
    cwd: io.cwd,
    overrides: { listen: text['listen'], data: text['data'] },
    rooms,
  })
  if (result.ok) return result
  throw new Stop(`the configuration has problems:\n${problemsText(result.problems)}`)
}
