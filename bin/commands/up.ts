// `plimsoll up`: starts the service, says where it is, and stops it when asked. Called by run.ts; what runs is in
// ../start.ts.
import { elapsedMs } from '#core/clock.ts'
import { type LiveConfig, openConfig } from '#core/config/open.ts'
import { type Config, problemsText } from '#core/config.ts'
import { Failure } from '#core/errors.ts'
import { type Log, openLog } from '#core/log.ts'
import { askedToStop, crashOnBugs, startedUnlessAsked } from '#core/run.ts'
import { bannerText } from '../banner.ts'
import { type Call, type Command, Stop } from '../command.ts'
import { emptyRoles, readRoles } from '../roles.ts'
import { roomSchemas } from '../room-schemas.ts'
import { type ServiceOptions, startService } from '../start.ts'
import { startAgainCompiled } from '../start-again.ts'
import { version } from '../versions.ts'

export const command: Command = async call => {
  await startAgainCompiled()
  const { io } = call
  const beganMs = elapsedMs()
  const roles = readRoles(call.text['roles'])
  const live = configOf(call)
  const config = live.current()
  const isPretty = config.log.format === 'text' || (config.log.format === 'auto' && io.isTerminal)
  using log = openLog({ level: config.log.level, pretty: isPretty, clock: io.clock })
  crashOnBugs(log)
  using stopping = askedToStop()
  const followers: ((config: Config) => Promise<void>)[] = []
  const reload = async (): Promise<void> => {
    await reloadInto(live, log)
    for (const follow of followers) await follow(live.current())
  }
  const onAgentChange: ServiceOptions['onAgentChange'] = follow => {
    live.onChange(async (next, changed) => {
      if (changed.some(key => /^(agent|inputs)\b/.test(key))) await follow(next)
    })
  }
  const onReload: ServiceOptions['onReload'] = follow => void followers.push(follow)
  const starting = startService({ config, roles, clock: io.clock, log, reload, onAgentChange, onReload })
  await using service = await startedUnlessAsked(starting, stopping, { log })
  process.on('SIGHUP', () => void reload().catch(error => log.error('config', 'not reloaded', { error })))

  const { origin } = service
  const idle = call.text['roles'] === undefined ? [] : emptyRoles.filter(role => roles.has(role))
  if (idle.length > 0) log.warn('up', 'these roles have nothing to do yet', { roles: idle })
  const welcome = service.welcome?.reveal()
  const tookMs = elapsedMs() - beganMs
  const { anonymous } = config.auth
  if (io.isTerminal) io.out(bannerText({ config, roles, origin, welcome, tookMs, version: version() }, io))
  else {
    log.info('up', 'ready', {
      origin,
      roles: [...roles],
      data: config.data,
      version: version(),
      tookMs: Math.round(tookMs),
    })
    if (anonymous.length > 0) log.warn('up', 'open to everyone without a token', { scopes: anonymous })
    if (welcome !== undefined) log.info('up', 'this link makes the administrator', { link: origin + welcome })
  }
  const signal = await stopping.signal
  if (io.isTerminal) io.out(`\n  Stopping on ${signal}.\n`)
  return 0
}

function configOf({ text, io }: Call): LiveConfig {
  const opened = openConfig({
    path: text['config'],
    env: io.env,
    cwd: io.cwd,
    overrides: { listen: text['listen'], data: text['data'] },
    rooms: roomSchemas,
  })
  if (opened.ok) return opened.live
  throw new Stop(`the configuration has problems:\n${problemsText(opened.problems)}`)
}

async function reloadInto(live: LiveConfig, log: Log): Promise<void> {
  const result = await live.reload()
  if (!result.ok) throw new Failure('bad_config', problemsText(result.problems))
  const { changed, needRestart } = result
  if (needRestart.length > 0)
    log.warn('config', 'these keys change only with a restart', { keys: needRestart })
  else if (changed.length > 0) log.info('config', 'reloaded', { changed })
}
