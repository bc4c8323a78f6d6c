// Who watches whether alerts would arrive, and others that must be heard of: their addresses, and what is at work while this
// process has the alerter's turn. Called by alerter.ts.
import type { Bus } from '#core/bus.ts'
import { canarySeries } from '#core/canary.ts'
import type { Clock } from '#core/clock.ts'
import type { Config } from '#core/config.ts'
import type { Route } from '#core/http/route.ts'
import type { Lease } from '#core/lease.ts'
import type { Log } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { State } from '#core/state.ts'
import type { Store } from '#core/store.ts'
import type { Alerter } from '../alerter/alerter.ts'
import type { AlerterOptions } from '../alerter/alerter-form.ts'
import { heartbeatRoutes } from '../alerter/api/heartbeat-routes.ts'
import type { Channel } from '../alerter/channel.ts'
import type { AllHeartbeats } from '../alerter/heartbeats/settings.ts'
import { type Judging, openHeartbeats, openJudging } from '../alerter/heartbeats.ts'
import type { Post } from '../alerter/post.ts'
import type { Receiver } from '../alerter/route.ts'
import type { Inside } from '../alerter/watchdog/words.ts'
import { openWatchdog, type Watchdog, type WatchdogSettings } from '../alerter/watchdog.ts'
import { canaryEveryMs } from './canary.ts'

export type Watching = Readonly<{
  routes: readonly Route[]
  // Takes heartbeats out of what was posted, and publishes the rest.
  hear(transitions: readonly AlertTransition[]): Promise<void>
  ofAlerter: Pick<AlerterOptions, 'canary' | 'wrote'>
  // Until it is disposed of.
  atWork(work: AtWork): AsyncDisposable
  reload(config: Config): void
}>

type AtWork = Readonly<{ alerter: Alerter; post: Post; lease: Lease | undefined }>

type Options = Readonly<{
  config: Config
  bus: Bus
  state: State
  clock: Clock
  log: Log
  own: OwnMetrics
  store?: Store | undefined
  // Whether canaries that do not come out may be missed here.
  missesCanaries: boolean
  channels?: Readonly<Record<string, Channel>>
  receivers(): ReadonlyMap<string, Receiver>
}>

export function openWatching(options: Options): Watching {
  const { bus, receivers } = options
  let { config } = options
  let watchdog: Watchdog | undefined
  let judging: Judging | undefined
  const heartbeatsOf = (): AllHeartbeats => config.heartbeats as AllHeartbeats
  const heartbeats = openHeartbeats({
    ...options,
    heartbeats: heartbeatsOf,
    onBeat: (names, outcome) => judging?.heard(names, outcome),
  })
  const { externalUrl = '', language, timezone: timeZone } = config
  const voice = { externalUrl, language, timeZone }
  const settings = (): WatchdogSettings => ({
    ...config.watchdog,
    canaryMs: options.missesCanaries ? canaryEveryMs(config) : undefined,
  })
  return {
    routes: heartbeatRoutes({ ...options, heartbeats }),
    hear: transitions => heartbeats.hear(transitions, others => bus.publish('alerts', others)),
    ofAlerter: {
      canary: transition => watchdog?.came(transition),
      wrote: facts => watchdog?.wrote(facts),
    },
    atWork({ alerter, post, lease }) {
      const inside = (): Promise<Inside> => insideOf(options, settings())
      const [dog, judge] = [
        openWatchdog({ ...options, settings, receivers, alerter, post, voice, inside }),
        openJudging({
          ...options,
          heartbeats: heartbeatsOf,
          speech: voice,
          publish: transitions => bus.publish('alerts', transitions),
          ...(lease && { write: lease.write }),
        }),
      ]
      watchdog = dog
      judging = judge
      return {
        async [Symbol.asyncDispose]() {
          watchdog = undefined
          judging = undefined
          await Promise.all([dog.close(), judge.close()])
        },
      }
    },
    reload(next) {
      config = next
      void judging?.wake()
    },
  }
}

const lookBackMs = 86_400_000
const patienceMs = 5_000

// Where the road is silent: the newest canary that is stored, and how far the rules are behind.
async function insideOf(
  { store, clock, own }: Pick<Options, 'store' | 'clock' | 'own'>,
  { canaryMs = 0, withinMs }: WatchdogSettings,
): Promise<Inside> {
  if (store === undefined) return { kind: 'unknown' }
  const nowMs = clock.nowMs()
  const range = { fromMs: nowMs - lookBackMs, toMs: nowMs }
  const late = new AbortController()
  const tooLate = clock
    .sleep(patienceMs, late.signal)
    .then(() => Promise.reject(new Error(`no answer within ${patienceMs / 1_000} s`)))
  try {
    const found = await Promise.race([
      store.last([{ name: '__name__', op: '=', value: canarySeries.name }], range),
      tooLate,
    ])
    const atMs = found.length === 0 ? undefined : Math.max(...found.map(({ tMs }) => tMs))
    if (atMs === undefined || nowMs - atMs > canaryMs + withinMs) return { kind: 'silence', atMs }
    const lag = own.samples(nowMs).find(({ series }) => series.name === 'plimsoll_rules_behind_seconds')
    return { kind: 'samples', atMs, lagMs: lag === undefined ? undefined : lag.value * 1_000 }
  } catch (error) {
    return { kind: 'store', reason: error instanceof Error ? error.message : String(error) }
  } finally {
    tooLate.catch(() => {})
    late.abort()
  }
}
