// The configuration as a command needs it: read, or every problem told and an end. Called by commands that must
// find the service or its data.
import { type Config, problemsText, readConfig } from '#core/config.ts'
import { type Call, Stop } from './command.ts'

// The options of inputs are not looked at: `check` and `up` do that.
export function settings({ text, io }: Pick<Call, 'text' | 'io'>): Config {
  const result = readConfig({
    path: text['config'],
    env: io.env,
    cwd: io.cwd,
    overrides: { listen: text['listen'], data: text['data'] },
  })
  if (result.ok) return result.config
  throw new Stop(`the configuration has problems:\n${problemsText(result.problems)}`)
}
