// What the one process that has the turn does for capacity: it measures, drafts the month's requests, advises each minute,
// and writes the numbers of the plan as samples. Called by capacity.ts.
import { aborted } from '#core/aborted.ts'
import { Breath } from '#core/breath.ts'
import type { Bus } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import type { Config } from '#core/config.ts'
import { Failure } from '#core/errors.ts'
import type { Lease } from '#core/lease.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { SeriesTable } from '#core/series.ts'
import type { State } from '#core/state.ts'
import type { Store } from '#core/store.ts'
import { openAdvice } from '../capacity/advice.ts'
import type { OpenHistory } from '../capacity/history/open-history.ts'
import type { Recorder } from '../capacity/history/recorder.ts'
import { openMonthly } from '../capacity/monthly.ts'
import { openOutlet } from '../capacity/outlet.ts'
import type { Plan } from '../capacity/plan.ts'
import type { Planner } from '../capacity/planner.ts'
import type { CapacitySettings } from '../capacity/pool-settings.ts'
import type { Requests } from '../capacity/requests.ts'
import { samplesOf } from '../capacity/samples.ts'

export type CapacityOptions = Readonly<{
  config: Config
  bus: Bus
  store: Store
  state: State
  table: SeriesTable
  clock: Clock
  log: Log
  own: OwnMetrics
}>

export type CapacityRoom = Readonly<{
  history: OpenHistory
  requests: Requests
  planner: Planner
  recorder: Recorder
}>

export type Desk = {
  settings: CapacitySettings
  // Of this process while it has the turn.
  lease: Lease | undefined
  readonly room: CapacityRoom
}

export const senderOf = ({ agent }: Config): string => `capacity@${agent.host}`

// Until the turn is lost, or somebody has changed the settings.
export async function workOn(desk: Desk, options: CapacityOptions, signal: AbortSignal): Promise<void> {
  const { config, clock, log, bus, store, state } = options
  const { timezone: zone, language } = config
  const { settings, lease, room } = desk
  if (settings.pools.length === 0) return aborted(signal)
  const outlet = openOutlet({ ...options, bus: whileHeld(desk, bus), sender: senderOf(config) })
  await using life = new AsyncDisposableStack()
  const monthly = openMonthly({
    ...{ schedule: settings.schedule, zone, clock, log, own: options.own },
    ...{ requests: room.requests, owner: lease ?? state },
    // Of a schedule that was missed, as of now: what was needed then is in it. After what is missing of the days was made.
    async plan(_, stop) {
      await room.recorder.catchUp({ signal: stop })
      return presentPlan(room, stop)
    },
    judged: () => room.requests.judged(room.history),
  })
  life.defer(() => monthly.close())
  const advice = await openAdvice({
    ...options,
    ...{ pools: settings.pools, source: store, state, bus, language },
    ...(lease && { lease }),
    write: samples => outlet(samples, clock.nowMs()),
  })
  await together(signal, [
    stop => room.recorder.run(stop),
    stop => advice.run(stop),
    stop => publishing(room.planner, { ...options, outlet, signal: stop }),
    aborted,
  ])
}

// With what other processes have taken in the meantime, of days and of requests.
export async function presentPlan(
  { history, requests, planner }: CapacityRoom,
  signal: AbortSignal,
): Promise<Plan> {
  await Promise.all([history.refresh(), requests.refresh()])
  return planner.present({ signal })
}

// What is sent cannot be refused, so whoever has slept through the end of his turn is asked right before.
export const whileHeld = (desk: Pick<Desk, 'lease'>, bus: Bus): Pick<Bus, 'publish'> => ({
  async publish(topic, items) {
    if (desk.lease?.isHeld() === false)
      throw new Failure('lease_lost', `${desk.lease.name}: what was measured is not sent`)
    await bus.publish(topic, items)
  },
})

type Work = (signal: AbortSignal) => Promise<void>

// Where one fails, the others end too: none goes on when the turn has been given back.
async function together(signal: AbortSignal, works: readonly Work[]): Promise<void> {
  const failing = new AbortController()
  const either = AbortSignal.any([signal, failing.signal])
  await Promise.all(works.map(work => work(either).catch(error => failing.abort(error))))
  if (failing.signal.aborted) throw failing.signal.reason
}

type Publishing = Pick<CapacityOptions, 'clock' | 'log'> &
  Readonly<{ outlet: ReturnType<typeof openOutlet>; signal: AbortSignal }>

const publishEveryMs = 300_000
// After what is measured, so that it is of the same five minutes.
const publishLaterMs = 60_000

// What is published at once: of thousands of pools it is half a second's work.
const poolsTogether = 100

// The numbers of the plan, each five minutes: rules look back no further.
async function publishing(planner: Planner, { clock, log, outlet, signal }: Publishing): Promise<void> {
  while (!signal.aborted) {
    const nowMs = clock.nowMs()
    const nextMs = Math.floor((nowMs - publishLaterMs) / publishEveryMs + 1) * publishEveryMs + publishLaterMs
    await clock.sleep(nextMs - nowMs, signal).catch(() => undefined)
    if (signal.aborted) return
    try {
      const atMs = clock.nowMs()
      const plan = await planner.present({ signal })
      const breath = new Breath()
      for (let at = 0; at < plan.pools.length; at += poolsTogether) {
        const pools = plan.pools.slice(at, at + poolsTogether)
        await outlet(samplesOf({ ...plan, pools }, atMs), atMs)
        if (breath.isDue) await breath.taken()
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Failure)) throw error
      log.warn('capacity', 'cannot write the numbers of the plan, and tries again in five minutes', { error })
    }
  }
}
