// The rules of a process: read from the packs and the files of the configuration, put to work, and read again when
// somebody asks. Called by start.ts.
import { addressText } from '#core/config/values.ts'
import { type Config, problemsText } from '#core/config.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { EngineOptions, EngineSettings } from '../rules/engine/options.ts'
import { openRuleEngine } from '../rules/engine.ts'
import { openForward, readTargets } from '../rules/forward.ts'
import { readRuleFiles } from '../rules/rule-files.ts'
import type { ViewGroups } from '../rules/view.ts'
import { rulePatterns } from './rule-patterns.ts'

export type RulesOptions = Readonly<{ config: Config }> &
  Pick<EngineOptions, 'bus' | 'store' | 'state' | 'table' | 'clock' | 'log' | 'own'>

export type RunningRules = AsyncDisposable &
  Readonly<{
    view: ViewGroups
    // Reads the files anew; a bad one is refused, and the rules stay what they are.
    reload(config: Config): Promise<void>
  }>

export async function startRules({ config, ...around }: RulesOptions): Promise<RunningRules> {
  const { bus, clock, log, own } = around
  const settings = settingsOf(config, log)
  await using life = new AsyncDisposableStack()
  const engine = life.use(
    await openRuleEngine({
      ...around,
      settings,
      source: config.agent.host,
      headWindowMs: config.limits.headWindowMs,
      headBytes: config.limits.headBytes,
    }),
  )
  const { externalLabels, externalUrl } = settings
  const targets = readTargets(config.forward)
  const forward = openForward({
    targets,
    current: () => engine.current(),
    clock,
    log,
    own,
    externalLabels,
    externalUrl,
  })
  life.defer(() => forward.close())
  if (targets.length > 0) {
    const told = await bus.subscribe('alerts', 'forward', async () => forward.wake())
    life.defer(() => told.stop())
  }
  const running = life.move()
  return {
    view: () => engine.view(),
    reload: async next => engine.reload(settingsOf(next, log)),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function settingsOf(config: Config, log: Log): EngineSettings {
  const { files, idle } = readRuleFiles(rulePatterns(config), {
    cwd: process.cwd(),
  })
  const problems = files.flatMap(each => each.problems)
  if (problems.length > 0) throw new Failure('bad_config', problemsText(problems))
  for (const { folder, pattern } of idle) log.warn('rules', 'no file matches', { folder, pattern })
  return {
    groups: files.flatMap(each => each.groups),
    externalLabels: config.externalLabels,
    externalUrl: config.externalUrl ?? `http://${addressText(config.listen)}`,
    ...config.agents,
  }
}
