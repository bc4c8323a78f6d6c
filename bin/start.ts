// The whole service in one process: every part, in the order in which they start; they stop the other way round.
// Called by the command `up`, and by the acceptance tests on a port of their own.

import { openAccess } from '#core/auth/access.ts'
import { openMemoryBus } from '#core/bus/memory.ts'
import type { Clock } from '#core/clock.ts'
import type { Config } from '#core/config.ts'
import { type Http, openHttp } from '#core/http/server.ts'
import { standardRoutes } from '#core/http/standard.ts'
import type { Log } from '#core/log.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { measureProcess } from '#core/process-numbers.ts'
import { type Life, openLife } from '#core/run.ts'
import type { Secret } from '#core/secret.ts'
import { openSink } from '#core/sink.ts'
import { type Agent, openAgent } from '../collector/agent.ts'
import { gatewayRoutes } from '../collector/gateway/gateway-routes.ts'
import { type InputsSetting, inputsSchema, openInputs } from '../collector/inputs/index.ts'
import { openMachine } from '../collector/machine.ts'
import { frontPageRoutes } from '../query/front-page.ts'
import { queryRoutes } from '../query/query-routes.ts'
import { backupRoutes } from './backup-routes.ts'
import { openEngines } from './engines.ts'
import { version } from './versions.ts'

export { inputsSchema }

export type ServiceOptions = Readonly<{
  config: Config
  clock: Clock
  log: Log
  // Reads the configuration again; throws a Failure when it is refused.
  reload: () => Promise<void>
  // Calls back when a reload has changed what the agent reads.
  onAgentChange: (follow: (config: Config) => Promise<void>) => void
}>

export type Service = AsyncDisposable &
  Readonly<{
    origin: string
    // The path of the link that makes the administrator, while there is none.
    welcome: Secret | undefined
  }>

export async function startService(options: ServiceOptions): Promise<Service> {
  const { log, clock } = options
  const life = openLife({ log, clock })
  try {
    const { http, welcome } = await start(options, life)
    return { origin: http.origin, welcome, [Symbol.asyncDispose]: () => life[Symbol.asyncDispose]() }
  } catch (error) {
    await life[Symbol.asyncDispose]()
    throw error
  }
}

async function start(
  { config, clock, log, reload, onAgentChange }: ServiceOptions,
  life: Life,
): Promise<{ http: Http; welcome: Secret | undefined }> {
  const startedMs = clock.nowMs()
  const own = openOwnMetrics()
  life.use('numbers', measureProcess(own))
  const engines = life.use('engines', await openEngines(config, { clock, own, log }))
  const { table, store, state } = engines
  const bus = life.use('bus', disposable(openMemoryBus()))
  await openSink(bus, store)
  const access = await openAccess({
    state,
    clock,
    own,
    log,
    anonymous: config.auth.anonymous,
    dataFolder: config.data,
    externalUrl: config.externalUrl,
    language: config.language,
  })
  const rooms = [
    ...access.routes,
    ...gatewayRoutes({ table, bus, clock, own, limits: config.limits }),
    ...queryRoutes({ store, clock }),
    ...frontPageRoutes({ store, table, clock, startedMs, version: version(), config: () => config }),
    ...backupRoutes(engines),
  ]
  const checks = { store: troubleOf(store, 'store', log), state: troubleOf(state, 'state', log) }
  const routes = [...rooms, ...standardRoutes({ own, checks, reload, version: version(), routes: rooms })]
  const { listen, externalUrl } = config
  const { authorise } = access
  const http = await openHttp({
    routes,
    listen,
    authorise,
    log,
    own,
    clock,
    ...(externalUrl === undefined ? {} : { externalUrl }),
  })
  life.use('http', http)
  const watch = (now: Config): Agent | undefined => {
    const { enabled, host, tags, intervalMs } = now.agent
    if (!enabled) return undefined
    const inputs = openInputs(now.inputs as InputsSetting, {
      machine: openMachine(),
      own,
      clock,
      intervalMs,
      log,
    })
    return openAgent({ inputs, table, bus, clock, host, tags, own, log })
  }
  let agent = watch(config)
  life.use('agent', { [Symbol.asyncDispose]: async () => agent?.close() })
  onAgentChange(async changed => {
    await agent?.close()
    agent = watch(changed)
  })
  return { http, welcome: access.welcome }
}

const disposable = <T extends Readonly<{ close(): Promise<void> }>>(part: T): T & AsyncDisposable => {
  const dispose = { [Symbol.asyncDispose]: () => part.close() }
  return Object.assign(part, dispose)
}

type Healthy = Readonly<{ health(): Promise<{ writable: true } | { writable: false; reason: string }> }>

// Everyone may ask whether the service is ready, and the reason names files: it goes to the log alone.
const troubleOf = (part: Healthy, name: string, log: Log) => async (): Promise<string | undefined> => {
  const health = await part.health()
  if (health.writable) return undefined
  log.warn('up', 'not ready', { code: name, reason: health.reason })
  return 'takes no writes; the log says why'
}
