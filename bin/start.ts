// A process of the service: the parts of its roles, in the order in which they start; they stop the other way round.
// Called by the command `up`, and by the acceptance tests on a port of their own.

import { unlessAborted } from '#core/aborted.ts'
import { type AccessOptions, openAccess } from '#core/auth/access.ts'
import type { Subscription } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import type { Config } from '#core/config.ts'
import type { Route } from '#core/http/route.ts'
import { type Http, openHttp } from '#core/http/server.ts'
import { standardRoutes } from '#core/http/standard.ts'
import type { Log } from '#core/log.ts'
import type { Scope } from '#core/model.ts'
import { type OwnMetrics, openOwnMetrics } from '#core/own-metrics.ts'
import { measureProcess } from '#core/process-numbers.ts'
import { type Life, openLife } from '#core/run.ts'
import type { Secret } from '#core/secret.ts'
import { openSink as sink } from '#core/sink.ts'
import { openAuditRetention } from '#core/state/audit.ts'
import { gatewayRoutes } from '../collector/gateway/gateway-routes.ts'
import { openIngest } from '../collector/gateway/ingest.ts'
import { frontPageRoutes, pages } from '../query/front-page.ts'
import { queryRoutes } from '../query/query-routes.ts'
import { openHeadStore } from '../rules/head-store.ts'
import { ruleRoutes } from '../rules/rule-routes.ts'
import { runbookRoutes } from '../rules/runbooks.ts'
import { openStandings } from '../rules/standing.ts'
import { startAgent } from './agent.ts'
import { type RunningAlerter, startAlerter } from './alerter.ts'
import { backtestRoutes } from './backtest-routes.ts'
import { backupRoutes } from './backup-routes.ts'
import { canBeMissed } from './canary.ts'
import { type RunningCapacity, startCapacity } from './capacity.ts'
import { checksOf } from './checks.ts'
import { patiently } from './engines/patience.ts'
import { type Engines, openEngines } from './engines.ts'
import { logAlerts, shownAlerts } from './firing.ts'
import { processName } from './process-name.ts'
import type { Reloads } from './reloads.ts'
import { type Roles, rolesNeed } from './roles.ts'
import { type RunningRules, startRules } from './rules.ts'
import { version } from './versions.ts'

export type ServiceOptions = Readonly<{
  config: Config
  roles: Roles
  clock: Clock
  log: Log
  // Reads the configuration again; throws a Failure when it is refused.
  reload: Reloads['run']
  // Who may ask for that by HTTP. Left out: administrators.
  reloadScope?: Scope
  // How the last one went, for whoever looks at the numbers.
  lastReload?: Reloads['last']
  // Calls back when a reload has changed what the agent reads.
  onAgentChange: (follow: (config: Config) => Promise<void>) => void
  // Calls back at each reload: the files of rules may have changed although the configuration has not.
  onReload: (follow: (config: Config) => Promise<void>) => void
  // Aborted when nobody wants it any more before it is there.
  givenUp?: AbortSignal
}>

export type Service = AsyncDisposable &
  Readonly<{
    origin: string
    // The path of the link that makes the administrator, while there is none.
    welcome: Secret | undefined
  }>

export async function startService(options: ServiceOptions): Promise<Service> {
  const { log, clock, givenUp } = options
  const life = openLife({ log, clock })
  try {
    const { http, welcome } = await unlessAborted(start(options, life), givenUp)
    return { origin: http.origin, welcome, [Symbol.asyncDispose]: () => life[Symbol.asyncDispose]() }
  } catch (error) {
    await life[Symbol.asyncDispose]()
    throw error
  }
}

async function start(
  options: ServiceOptions,
  life: Life,
): Promise<{ http: Http; welcome: Secret | undefined }> {
  const { config, roles, clock, log, givenUp } = options
  const own = openOwnMetrics()
  life.use('numbers', measureProcess(own))
  const engines = life.use('engines', await openEngines(config, { roles, clock, own, log, givenUp }))
  const { state, bus, store } = engines
  const auditing = openAuditRetention({ state, clock, log, keptMs: config.keep.auditMs })
  life.use('audit', { [Symbol.asyncDispose]: () => auditing.close() })
  if (roles.has('sink')) life.use('sink', await openSink(engines))
  const alerter = await openAlerter(options, { engines, own, life })
  const rules = await openRules(options, { engines, own, life })
  const capacity = await openCapacity(options, { engines, own, life })
  const accessOptions: AccessOptions = {
    state,
    clock,
    own,
    log,
    anonymous: config.auth.anonymous,
    dataFolder: config.data,
    externalUrl: config.externalUrl,
    language: config.language,
    // One table of tokens for many processes.
    ...(config.engines === undefined ? {} : { process: processName(config) }),
    invites: roles.has('console'),
  }
  const access = await patiently(() => openAccess(accessOptions), { clock, log, givenUp })
  const others = [...(alerter?.routes ?? []), ...(capacity?.routes ?? []), ...runbookRoutes(config)]
  const rooms = [
    ...access.routes,
    ...roomRoutes(options, { engines, own, rules, alerter, others }),
    ...others,
    // Where the console is, `/` is its own.
    ...(alerter === undefined || roles.has('console') ? [] : [alerter.frontPage]),
    ...backupRoutes(engines),
  ]
  const checks = checksOf({ bus, store, state: rolesNeed(roles, 'state') ? state : undefined }, log)
  const foreign = alerter === undefined ? {} : { foreign: () => alerter.numbers(own, options.lastReload?.()) }
  const standard = standardRoutes({ ...options, own, ...foreign, checks, version: version(), routes: rooms })
  const { listen, alsoListen, routePrefix, externalUrl } = config
  const { authorise } = access
  const http = await openHttp({
    routes: [...rooms, ...standard],
    listen,
    alsoListen,
    routePrefix,
    authorise,
    log,
    own,
    clock,
    ...(externalUrl === undefined ? {} : { externalUrl }),
  })
  life.use('http', http)
  if (roles.has('gateway') && bus?.carries === 'text') {
    const { table } = engines
    const ingest = await openIngest({ bus, table, clock, own, log, limits: config.limits })
    life.use('ingest', stopping(ingest))
  }
  if (roles.has('agent')) await startAgent({ ...options, engines, own, life })
  return { http, welcome: access.welcome }
}

type Answering = Omit<Around, 'life'> &
  Readonly<{
    rules: ShownRules | undefined
    alerter: RunningAlerter | undefined
    others: readonly Route[]
  }>

// What each role answers over HTTP.
function roomRoutes(
  { config, roles, clock, log }: ServiceOptions,
  { engines, own, rules, alerter, others }: Answering,
): Route[] {
  const { table, bus, store } = engines
  const routes: Route[] = []
  if (roles.has('gateway') && bus !== undefined) {
    // How long another store keeps samples is set there.
    const kept = config.engines === undefined ? { keepMs: config.store.keepMs } : {}
    routes.push(...gatewayRoutes({ table, bus, clock, own, log, limits: config.limits, ...kept }))
  }
  if (roles.has('query') && store !== undefined) {
    const recent = openHeadStore({ store, table, head: () => rules?.head() })
    routes.push(
      ...queryRoutes({ store: recent, clock, own, log, limits: config.limits.query, version: version() }),
    )
    routes.push(...ruleRoutes({ view: rules?.view ?? (async () => []) }))
    routes.push(...backtestRoutes({ store, clock, log, timeZone: config.timezone }))
  }
  if (roles.has('console') && store !== undefined) {
    const startedMs = clock.nowMs()
    routes.push(
      ...frontPageRoutes({
        store,
        table,
        clock,
        startedMs,
        version: version(),
        config: () => config,
        pages: pages.filter(each => others.some(({ path }) => path === each)),
        ...shownAlerts(rules?.view, alerter?.view, clock),
      }),
    )
  }
  return routes
}

// Before the rules, so that it hears all that they say.
async function openAlerter(
  { config, roles, clock, log, onReload }: ServiceOptions,
  { engines, own, life }: Around,
): Promise<RunningAlerter | undefined> {
  const { bus, state, store } = engines
  if (!roles.has('alerter') || bus === undefined) return undefined
  const alerter = life.use(
    'alerter',
    await startAlerter({
      ...{ config, bus, state, store, clock, log, own },
      missesCanaries: canBeMissed(config, roles),
    }),
  )
  onReload(alerter.reload)
  return alerter
}

// What the rules show; on a fleet those of all processes, whatever this one does.
async function openRules(
  { config, roles, clock, log, onReload }: ServiceOptions,
  { engines, own, life }: Around,
): Promise<ShownRules | undefined> {
  const { bus, store, state, table } = engines
  if (!roles.has('rules') || bus === undefined || store === undefined) {
    if (config.engines === undefined) return undefined
    return { view: openStandings({ state, clock }).read, head: () => undefined }
  }
  const rules = life.use('rules', await startRules({ config, bus, store, state, table, clock, log, own }))
  onReload(rules.reload)
  life.use('alert lines', await logAlerts(bus, log, clock))
  return rules
}

async function openCapacity(
  { config, roles, clock, log, onReload }: ServiceOptions,
  { engines, own, life }: Around,
): Promise<RunningCapacity | undefined> {
  const { bus, store, state, table } = engines
  if (!roles.has('capacity') || bus === undefined || store === undefined) return undefined
  const capacity = life.use(
    'capacity',
    await startCapacity({ config, bus, store, state, table, clock, log, own }),
  )
  onReload(capacity.reload)
  return capacity
}

type ShownRules = Pick<RunningRules, 'view' | 'head'>

type Around = Readonly<{ engines: Engines; own: OwnMetrics; life: Life }>

async function openSink({ bus, store }: Engines): Promise<AsyncDisposable> {
  if (bus === undefined || store === undefined) throw new Error('a sink was given no bus or no store')
  return stopping(await sink(bus, store))
}

const stopping = (subscription: Subscription): AsyncDisposable => ({
  [Symbol.asyncDispose]: () => subscription.stop(),
})
