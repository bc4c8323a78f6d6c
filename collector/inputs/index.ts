// All inputs of the agent, and what the configuration may say about them. To add one: its folder, and a line
// here. Called by bin/, which hands the schema to the configuration and the opened inputs to the agent.
import { z } from 'zod'
import { duration, tags } from '#core/config/values.ts'
import type { Log } from '#core/log.ts'
import type { Around, Input, InputKind, Named } from '../input.ts'
import { canary } from './canary/index.ts'
import { cpu } from './cpu/index.ts'
import { disk } from './disk/index.ts'
import { diskio } from './diskio/index.ts'
import { mem } from './mem/index.ts'
import { net } from './net/index.ts'
import { processes } from './processes/index.ts'
import { self } from './self/index.ts'
import { swap } from './swap/index.ts'
import { system } from './system/index.ts'

export const inputKinds = {
  canary,
  cpu,
  disk,
  diskio,
  mem,
  net,
  processes,
  self,
  swap,
  system,
} satisfies Record<string, InputKind>

export type InputName = keyof typeof inputKinds
export const inputNames = Object.keys(inputKinds) as InputName[]

// What every input may say besides its own options.
const shared = {
  interval: duration({ atLeast: '100ms', atMost: '1d' })
    .optional()
    .describe('How often it is read; left out: `agent.interval`.'),
  deadline: duration({ atLeast: '10ms', atMost: '1h' })
    .optional()
    .describe('How long a reading may take; left out: half the interval, 5s at most.'),
  tags: tags.prefault({}).describe('Labels for all its series.'),
}

// `inputs:` in plimsoll.yml. All are on by default; `false` switches one off, a list opens one several times.
export const inputsSchema = z.strictObject(
  Object.fromEntries(
    inputNames.map(name => {
      const one = inputKinds[name].options.extend(shared)
      return [name, z.union([z.boolean(), one, z.array(one)]).optional()]
    }),
  ) as unknown as Record<InputName, z.ZodType<InputSetting>>,
)

type Shared = Readonly<{ interval?: number | undefined; deadline?: number | undefined; tags: Named }>
type InputSetting = boolean | undefined | Shared | readonly Shared[]
export type InputsSetting = Readonly<Partial<Record<InputName, InputSetting>>>

export type OpenedInput = Readonly<{
  name: string
  input: Input
  intervalMs: number
  deadlineMs: number
  tags: Named
}>

export type OpenOptions = Omit<Around, 'deadlineMs'> & Readonly<{ intervalMs: number; log: Log }>

const deadlineMaxMs = 5_000

// `settings` is what inputsSchema let pass. Says once which inputs this machine cannot have.
export function openInputs(settings: InputsSetting, options: OpenOptions): OpenedInput[] {
  const { machine, log } = options
  return inputNames.flatMap(name => {
    const kind: InputKind = inputKinds[name]
    const wanted = settingsOf(settings[name])
    if (wanted.length === 0) return []
    if (kind.platforms !== undefined && !kind.platforms.includes(machine.platform)) {
      log.info('agent', `input ${name} cannot be read on ${machine.platform}`, { needs: kind.platforms })
      return []
    }
    return wanted.map(setting => openInput(name, kind, setting, options))
  })
}

// One for each time that the input is opened; without options, its defaults are wanted.
function settingsOf(setting: InputSetting): readonly (Shared | undefined)[] {
  if (setting === false) return []
  if (setting === true || setting === undefined) return [undefined]
  return Array.isArray(setting) ? setting : [setting as Shared]
}

function openInput(
  name: string,
  kind: InputKind,
  setting: Shared | undefined,
  around: OpenOptions,
): OpenedInput {
  const { interval: intervalMs = around.intervalMs, deadline, tags = {}, ...options } = setting ?? {}
  const deadlineMs = deadline ?? Math.min(deadlineMaxMs, intervalMs / 2)
  const input = kind.open(setting === undefined ? kind.options.parse({}) : options, { ...around, deadlineMs })
  return { name, input, intervalMs, deadlineMs, tags }
}
