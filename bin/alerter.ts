// The alerter of a process: who is told of what, read from the configuration, put to work, and read again when somebody
// asks. On a fleet one process at a time has the turn; all show what is in the state. Called by start.ts.
import { aborted } from '#core/aborted.ts'
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import { addressText, type Config } from '#core/config.ts'
import type { Route } from '#core/http/route.ts'
import { openLeases } from '#core/lease/leases.ts'
import type { Lease } from '#core/lease.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { State } from '#core/state.ts'
import type { Store } from '#core/store.ts'
import { openAcknowledgements } from '../alerter/acknowledged.ts'
import type { AlertsSize } from '../alerter/alert-size.ts'
import { type Alerter, openAlerter } from '../alerter/alerter.ts'
import { alertmanagerNumbers, type LastReload } from '../alerter/api/alertmanager-numbers.ts'
import { alertmanagerRoutes } from '../alerter/api/alertmanager-routes.ts'
import { configText } from '../alerter/api/config-text.ts'
import { factRoutes } from '../alerter/api/fact-routes.ts'
import { frontPageRoute } from '../alerter/api/front-page.ts'
import { incidentRoutes } from '../alerter/api/incident-routes.ts'
import { savedView } from '../alerter/api/saved-view.ts'
import { standingView } from '../alerter/api/standing-view.ts'
import type { AlerterView } from '../alerter/api/view.ts'
import { whyRoutes } from '../alerter/api/why-routes.ts'
import { readPast } from '../alerter/delivery/past.ts'
import { type Delivery, openDelivery } from '../alerter/delivery.ts'
import { type LastHour, openLastHour } from '../alerter/last-hour.ts'
import { openPost } from '../alerter/post.ts'
import { openSilences, type Silences } from '../alerter/silences.ts'
import { openTemplates } from '../alerter/template.ts'
import { type Callbacks, openCallbacks } from './callbacks.ts'
import { type LiveRouting, openLiveRouting } from './live-routing.ts'
import { processName } from './process-name.ts'
import { openPushing, type Pushing } from './pushing.ts'
import { type Routing, routingReader } from './routing.ts'
import { version } from './versions.ts'
import { openWatching, type Watching } from './watching.ts'

export type AlerterOptions = Readonly<{
  config: Config
  bus: Bus
  state: State
  clock: Clock
  log: Log
  own: OwnMetrics
  // Whether canaries that do not come out may be missed here.
  missesCanaries: boolean
  // Where the pictures of the last hour come from. Left out: messages have none.
  store?: Store | undefined
}>

export type RunningAlerter = AsyncDisposable &
  Readonly<{
    routes: readonly Route[]
    view: AlerterView
    // For `/` where nothing else stands there.
    frontPage: Route
    // Under Alertmanager's names, in Prometheus' format.
    numbers(own: OwnMetrics, reload: LastReload | undefined): Promise<string>
    // A bad configuration is refused, and everything stays what it is.
    reload(config: Config): Promise<void>
  }>

export async function startAlerter(options: AlerterOptions): Promise<RunningAlerter> {
  const { config, state, clock, log } = options
  const { keep } = config
  const isFleet = config.engines !== undefined
  await using life = new AsyncDisposableStack()
  const silences = life.use(
    await openSilences({ state, clock, log, isShared: isFleet, retentionMs: keep.silencesMs }),
  )
  const lastHour = lastHourOf(options)
  const routingOf = routingReader(log)
  const room = new Room(options, { silences, lastHour }, routingOf(config))
  life.use(room.pushing)
  if (isFleet) {
    const leases = life.use(openLeases({ ...options, owner: processName(config) }))
    const campaign = leases.campaign('alerter/turn', async (lease, signal) => {
      await using turn = new AsyncDisposableStack()
      turn.use(await room.work(lease))
      await aborted(signal)
    })
    life.defer(() => campaign.stop())
  } else life.use(await room.work())
  const view = room.view()
  const parts = { view, silences, clock, language: config.language, timeZone: config.timezone, lastHour }
  const ofAlertmanager = {
    ...parts,
    own: options.own,
    publish: room.watching.hear,
    bodyMaxBytes: config.limits.bodyBytes,
    known: () => room.known(),
    startedAtMs: clock.nowMs(),
    version: version(),
  }
  const running = life.move()
  return {
    view,
    routes: [
      ...alertmanagerRoutes(ofAlertmanager),
      ...whyRoutes(parts),
      ...incidentRoutes(parts),
      ...factRoutes(parts),
      ...room.callbacks.routes,
      ...room.pushing.routes,
      ...room.watching.routes,
    ],
    frontPage: frontPageRoute({ ...parts, version: version() }),
    numbers: (own, reload) =>
      alertmanagerNumbers({ ...parts, samples: own.samples(clock.nowMs()), reload, version: version() }),
    reload: next => room.reload(routingOf(next), next),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function lastHourOf({ config, store, clock, log, own }: AlerterOptions): LastHour | undefined {
  if (store === undefined || !config.pictures) return undefined
  return openLastHour({ source: store, clock, log, own })
}

type Shared = Readonly<{ silences: Silences; lastHour: LastHour | undefined }>

// What is at work while this process has the turn, and what everybody sees.
class Room {
  readonly callbacks: Callbacks
  readonly watching: Watching
  readonly pushing: Pushing
  readonly #options: AlerterOptions
  readonly #silences: Silences
  readonly #lastHour: LastHour | undefined
  readonly #live: LiveRouting
  #templates: ReturnType<typeof openTemplates>
  #atWork: Readonly<{ alerter: Alerter; delivery: Delivery }> | undefined

  constructor(options: AlerterOptions, { silences, lastHour }: Shared, routing: Routing) {
    this.#options = options
    this.#silences = silences
    this.#lastHour = lastHour
    this.#live = openLiveRouting(routing, options)
    this.#templates = openTemplates(routing.templates)
    const receivers = () => this.#live.routing().config.receivers
    this.pushing = openPushing({ ...options, receivers })
    this.watching = openWatching({ ...options, channels: this.pushing.channels, receivers })
    this.callbacks = openCallbacks({ ...options, integrations: this.#live.integrations })
  }

  async work(lease?: Lease): Promise<AsyncDisposable> {
    const { config, clock, state } = this.#options
    await using life = new AsyncDisposableStack()
    const acknowledged = await openAcknowledgements({ ...this.#options, isShared: lease !== undefined })
    life.defer(() => acknowledged.close())
    const alerter = await openAlerter({
      ...this.#options,
      config: this.#live.routing().config,
      externalUrl: reachedAt(config),
      factsKeptMs: config.keep.factsMs,
      silencedBy: (labels, nowMs) => this.#silences.silencedBy(labels, nowMs),
      ...this.watching.ofAlerter,
      wrote: facts => {
        acknowledged.hear(facts)
        this.watching.ofAlerter.wrote?.(facts)
      },
      ...(lease && { write: lease.write }),
    })
    life.defer(async () => {
      this.#atWork = undefined
      await alerter.close()
    })
    const post = openPost({ clock, environment: process.env })
    life.defer(() => post.close())
    const past = await readPast(state.db, this.#live.integrations(), clock.nowMs(), config.timezone)
    const delivery = openDelivery({
      ...this.#options,
      ...this.callbacks.ofDelivery,
      channels: this.pushing.channels,
      past,
      outbox: alerter.outbox,
      integrations: this.#live.integrations,
      post,
      templates: () => this.#templates,
      lastHour: this.#lastHour,
      acknowledged: acknowledged.of,
      ...(lease && { isHeld: () => lease.isHeld() }),
      note: facts => alerter.record(facts),
      // An address that only this machine reaches is of no use on a phone.
      externalUrl: config.externalUrl ?? '',
      language: config.language,
      timeZone: config.timezone,
    })
    life.defer(() => delivery.close())
    life.use(await this.callbacks.atWork({ delivery, alerter, acknowledged }))
    life.use(this.watching.atWork({ alerter, post, lease }))
    this.#atWork = { alerter, delivery }
    const running = life.move()
    return { [Symbol.asyncDispose]: () => running.disposeAsync() }
  }

  async reload(routing: Routing, config: Config): Promise<void> {
    // What it decides at once is told at once, by ways that are new; also where that can be saved only later.
    await this.#live.replace(routing, () => this.#atWork?.alerter.reload(routing.config))
    this.#templates = openTemplates(routing.templates)
    this.watching.reload(config)
  }

  known = (): AlertsSize => this.#atWork?.alerter.size() ?? { alerts: 0, characters: 0 }

  // Of this process while it has the turn, else of what whoever has it has saved.
  view(): AlerterView {
    const { state, clock } = this.#options
    const config = () => {
      const { config: found } = this.#live.routing()
      return { ...found, text: () => configText(found) }
    }
    const saved = savedView({ state, clock, silences: this.#silences, config })
    const now = (): AlerterView =>
      this.#atWork === undefined ? saved : standingView({ ...this.#atWork, state, config })
    return {
      config,
      alerts: () => now().alerts(),
      alert: fingerprint => now().alert(fingerprint),
      groups: () => now().groups(),
      seats: fingerprint => now().seats(fingerprint),
      waiting: fingerprint => now().waiting(fingerprint),
      waitOf: entry => now().waitOf(entry),
      readFacts: asked => now().readFacts(asked),
      silenceFacts: asked => now().silenceFacts(asked),
      incidents: asked => now().incidents(asked),
      incident: number => now().incident(number),
    }
  }
}

const reachedAt = ({ externalUrl, listen, routePrefix }: Config): string =>
  externalUrl ?? `http://${addressText(listen)}${routePrefix}`
