// The life of a process that serves: started, its configuration read again whenever somebody asks, stopped when told.
// Called by the commands `up` and `alertmanager`; what runs is in start.ts.
import { elapsedMs } from '#core/clock.ts'
import type { LiveConfig, Opened } from '#core/config/open.ts'
import { type Config, problemsText } from '#core/config.ts'
import { Failure } from '#core/errors.ts'
import { type Log, openLog } from '#core/log.ts'
import type { Scope } from '#core/model.ts'
import { askedToStop, crashOnBugs, endsOnceStopped, startedUnlessAsked } from '#core/run.ts'
import { type Io, Stop } from './command.ts'
import { openReloads, type Reloads } from './reloads.ts'
import type { Roles } from './roles.ts'
import { type Service, type ServiceOptions, startService } from './start.ts'
import { tidyOnceIdle } from './tidy-heap.ts'

export type Serving = Readonly<{
  live: LiveConfig
  roles: Roles
  io: Io
  // Left out: administrators.
  reloadScope?: Scope
  // What is said once it is there.
  welcome(service: Service, log: Log): void
}>

// Until somebody asks it to stop.
export async function serve({ live, roles, io, reloadScope, welcome }: Serving): Promise<void> {
  const config = live.current()
  const isPretty = config.log.format === 'text' || (config.log.format === 'auto' && io.isTerminal)
  using log = openLog({ level: config.log.level, pretty: isPretty, clock: io.clock })
  crashOnBugs(log)
  using end = endsOnceStopped({ log })
  using stopping = askedToStop()
  const followers: ((config: Config) => Promise<void>)[] = []
  const reloads = openReloads(io.clock, async () => {
    const found = await readAgain(live)
    for (const follow of followers) await follow(live.current())
    logReload(found, log)
    return found.needRestart
  })
  const onAgentChange: ServiceOptions['onAgentChange'] = follow => {
    live.onChange(async (next, changed) => {
      if (changed.some(key => /^(agent|inputs)\b/.test(key))) await follow(next)
    })
  }
  const onReload: ServiceOptions['onReload'] = follow => void followers.push(follow)
  const around = {
    clock: io.clock,
    log,
    reload: reloads.run,
    lastReload: reloads.last,
    ...(reloadScope && { reloadScope }),
  }
  const starting = startedUnlessAsked(
    givenUp => startService({ config, roles, ...around, onAgentChange, onReload, givenUp }),
    stopping,
    { log },
  )
  followHangUps(starting, reloads, log)
  // Comes when all that is started below has stopped.
  using stopped = new DisposableStack()
  await using service = await starting
  if (service === undefined) {
    // What it has waited for may still hang.
    end.withoutAWord()
    return
  }
  welcome(service, log)
  using _tidying = tidyOnceIdle(io.clock)
  const signal = await stopping.signal
  if (io.isTerminal) return io.out(`\n  Stopping on ${signal}.\n`)
  const beganMs = elapsedMs()
  log.info('run', 'asked to stop', { signal })
  stopped.defer(() => log.info('run', 'stopped', { tookMs: Math.round(elapsedMs() - beganMs) }))
}

// One that comes during the start waits for its end; where nothing has started, there is nothing to read again.
function followHangUps(starting: Promise<unknown>, reloads: Reloads, log: Log): void {
  process.on('SIGHUP', () => {
    starting
      .then(
        async service => void (service !== undefined && (await reloads.run())),
        () => {},
      )
      .catch(error => {
        // Whoever asked again reads of it again.
        log.flush()
        log.error('config', 'not reloaded, all goes on as it was', { error })
      })
  })
}

type Read = Readonly<{ changed: readonly string[]; needRestart: readonly string[] }>

async function readAgain(live: LiveConfig): Promise<Read> {
  const result = await live.reload()
  if (!result.ok) throw new Failure('bad_config', problemsText(result.problems))
  return result
}

// Files that the configuration names may have changed although it has not.
function logReload({ changed, needRestart }: Read, log: Log): void {
  log.flush()
  if (needRestart.length > 0)
    log.warn('config', 'these keys change only with a restart', { keys: needRestart })
  else log.info('config', 'reloaded', changed.length === 0 ? {} : { changed })
}

export function liveOf(opened: Opened): LiveConfig {
  if (opened.ok) return opened.live
  throw new Stop(`the configuration has problems:\n${problemsText(opened.problems)}`)
}
