// `plimsoll check`: every problem of the configuration, or in one line what it would run. Called by run.ts.
import { addressText, type Config, type ConfigResult, problemText, readConfig } from '#core/config.ts'
import { durationText } from '#core/duration.ts'
import { inputNames, inputsSchema } from '../../collector/inputs/index.ts'
import type { Call, Command } from '../command.ts'
import { paintFor } from '../paint.ts'

export const command: Command = async call => {
  const { args, text, on, io } = call
  const path = args[0] ?? text['config']
  const result = readConfig({ path, env: io.env, cwd: io.cwd, inputs: inputsSchema })
  io.out(on.has('json') ? `${JSON.stringify(plainResult(result))}\n` : resultText(result, call))
  return result.ok ? 0 : 1
}

const plainResult = (result: ConfigResult): object =>
  result.ok ? { ok: true, file: result.file ?? null, problems: [] } : result

function resultText(result: ConfigResult, { io }: Call): string {
  const paint = paintFor(io)
  if (result.ok) {
    const name = result.file ?? 'There is no plimsoll.yml, which'
    return `${paint('green', `${name} is fine`)}: ${summary(result.config)}.\n`
  }
  const texts = result.problems.map(problem => {
    const [first = '', ...rest] = problemText(problem).split('\n')
    return [paint('red', first), ...rest].join('\n')
  })
  const count = result.problems.length === 1 ? '1 problem' : `${result.problems.length} problems`
  return `${texts.join('\n')}\n${count}.\n`
}

function summary({ listen, data, store, agent, inputs, auth }: Config): string {
  const settings = (inputs ?? {}) as Readonly<Record<string, unknown>>
  const names = inputNames.filter(name => settings[name] !== false)
  const watch =
    agent.enabled && names.length > 0
      ? `watches this machine every ${durationText(agent.intervalMs)} (${names.join(', ')})`
      : 'does not watch this machine'
  const open = auth.anonymous.length === 0 ? '' : `, is open to everyone for ${auth.anonymous.join(' and ')}`
  return `listens on ${addressText(listen)}${open}, keeps ${durationText(store.keepMs)} of data in ${data}, ${watch}`
}
