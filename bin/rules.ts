// The rules of a process: read from the packs and the files of the configuration, put to work, and read again when
// somebody asks. Called by start.ts.
import { canaryGroup } from '#core/canary.ts'
import { addressText } from '#core/config/values.ts'
import { type Config, problemsText } from '#core/config.ts'
import { Failure } from '#core/errors.ts'
import { openLeases } from '#core/lease/leases.ts'
import type { Log } from '#core/log.ts'
import type { EngineOptions, EngineSettings, RuleEngine } from '../rules/engine/options.ts'
import { openRuleEngine } from '../rules/engine.ts'
import { openRuleFleet } from '../rules/fleet.ts'
import { openForward, readTargets } from '../rules/forward.ts'
import type { Head } from '../rules/head.ts'
import { canaryPattern } from '../rules/packs.ts'
import { readRuleFiles } from '../rules/rule-files.ts'
import { openStandings } from '../rules/standing.ts'
import type { ViewGroups } from '../rules/view.ts'
import { canaryEveryMs } from './canary.ts'
import { processName } from './process-name.ts'
import { rulePatterns } from './rule-patterns.ts'

export type RulesOptions = Readonly<{ config: Config }> &
  Pick<EngineOptions, 'bus' | 'store' | 'state' | 'table' | 'clock' | 'log' | 'own'>

export type RunningRules = AsyncDisposable &
  Readonly<{
    view: ViewGroups
    // What is in memory of the samples; nothing where it is not all.
    head(): Head | undefined
    // Reads the files anew; a bad one is refused, and the rules stay what they are.
    reload(config: Config): Promise<void>
  }>

export async function startRules({ config, ...around }: RulesOptions): Promise<RunningRules> {
  const { bus, clock, log, own } = around
  const settings = settingsOf(config, log)
  await using life = new AsyncDisposableStack()
  const { headWindowMs, headBytes } = config.limits
  const options = { ...around, settings, source: config.agent.host, headWindowMs, headBytes }
  const isFleet = config.engines !== undefined
  const engine = isFleet ? await openFleet(config, options, life) : life.use(await openRuleEngine(options))
  const { externalLabels } = settings
  const targets = readTargets(config.forward)
  const forward = openForward({
    targets,
    current: () => [...engine.current()].filter(({ group }) => group.name !== canaryGroup),
    refresh: () => engine.refresh(),
    clock,
    log,
    own,
    externalLabels,
    externalUrl: config.externalUrl ?? `http://${addressText(config.listen)}${config.routePrefix}`,
  })
  life.defer(() => forward.close())
  if (targets.length > 0) {
    // On a fleet each process sends what it has found itself.
    const from = { atMs: clock.nowMs() }
    const told = await bus.subscribe('alerts', 'forward', async () => forward.wake(), { from })
    life.defer(() => told.stop())
  }
  const running = life.move()
  return {
    view: () => engine.view(),
    head: () => engine.head(),
    reload: async next => engine.reload(settingsOf(next, log)),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function openFleet(
  config: Config,
  options: EngineOptions,
  life: AsyncDisposableStack,
): Promise<RuleEngine> {
  const self = processName(config)
  const leases = life.use(openLeases({ ...options, owner: self }))
  const standings = openStandings(options)
  return life.use(await openRuleFleet({ ...options, leases, self, standings }))
}

function settingsOf(config: Config, log: Log): EngineSettings {
  const { files, idle } = readRuleFiles(
    [...rulePatterns(config), ...(canaryEveryMs(config) === undefined ? [] : [canaryPattern])],
    { cwd: process.cwd() },
  )
  const problems = files.flatMap(each => each.problems)
  if (problems.length > 0) throw new Failure('bad_config', problemsText(problems))
  for (const { folder, pattern } of idle) log.warn('rules', 'no file matches', { folder, pattern })
  return {
    groups: files.flatMap(each => each.groups),
    externalLabels: config.externalLabels,
    // An address that only this machine reaches is of no use in a message.
    externalUrl: config.externalUrl ?? '',
    ...config.agents,
  }
}
