// The capacity room of a process: its history and requests, and what everybody may ask of it; the work that one process at
// a time does is in capacity-work.ts. Called by start.ts.
import { aborted } from '#core/aborted.ts'
import type { Config } from '#core/config.ts'
import { Failure } from '#core/errors.ts'
import type { Route } from '#core/http/route.ts'
import { openLeases } from '#core/lease/leases.ts'
import type { Lease } from '#core/lease.ts'
import type { State } from '#core/state.ts'
import { adviceRoutes } from '../capacity/api/advice-routes.ts'
import { historyRoutes } from '../capacity/api/history-routes.ts'
import { planRoutes } from '../capacity/api/plan-routes.ts'
import { reportRoutes } from '../capacity/api/report-routes.ts'
import { requestRoutes } from '../capacity/api/request-routes.ts'
import { dayOf, monthText, plannedMonth } from '../capacity/days.ts'
import { openForecaster } from '../capacity/forecast/forecaster.ts'
import { beginHistory, memoryDaysFor } from '../capacity/history/open-history.ts'
import { openRecorder } from '../capacity/history/recorder.ts'
import { importRoutes } from '../capacity/import/import-routes.ts'
import { openPlanner } from '../capacity/planner.ts'
import type { CapacitySettings } from '../capacity/pool-settings.ts'
import { keptMonths, keptReport } from '../capacity/report/kept-reports.ts'
import { type Report, reportedRequestsMax, reportOf } from '../capacity/report/report-model.ts'
import { openRequests } from '../capacity/requests.ts'
import {
  type CapacityOptions,
  type CapacityRoom,
  type Desk,
  presentPlan,
  senderOf,
  whileHeld,
  workOn,
} from './capacity-work.ts'
import { processName } from './process-name.ts'

export type RunningCapacity = AsyncDisposable &
  Readonly<{
    routes: readonly Route[]
    reload(config: Config): Promise<void>
    // For whoever fills a history that is new.
    room: CapacityRoom
  }>

export async function startCapacity(options: CapacityOptions): Promise<RunningCapacity> {
  const { config } = options
  const isFleet = config.engines !== undefined
  await using life = new AsyncDisposableStack()
  const desk = await openDesk(options, life)
  // Ends the work under way, so that it begins anew with other settings.
  let renewed = new AbortController()
  const work = async (lease: Lease | undefined, signal: AbortSignal): Promise<void> => {
    desk.lease = lease
    try {
      // Of ten thousand pools it takes seconds to read.
      await Promise.race([desk.room.history.refresh(), aborted(signal)])
      while (!signal.aborted) await workOn(desk, options, AbortSignal.any([signal, renewed.signal]))
    } finally {
      // From then on imports are written as those of every process.
      desk.lease = undefined
    }
  }
  if (isFleet) {
    const leases = life.use(openLeases({ ...options, owner: processName(config) }))
    const campaign = leases.campaign('capacity/turn', work)
    life.defer(() => campaign.stop())
    life.use(refreshing(desk, options))
  } else life.use(working(work, options))
  const running = life.move()
  return {
    room: desk.room,
    routes: routesOf(desk, options),
    async reload(next) {
      desk.settings = settingsOf(next)
      const before = renewed
      renewed = new AbortController()
      before.abort()
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function openDesk(options: CapacityOptions, life: AsyncDisposableStack): Promise<Desk> {
  const { config, state, store, clock } = options
  const { timezone: zone, language, limits } = config
  const desk: Desk = { settings: settingsOf(config), lease: undefined, room: undefined as never }
  const settings = (): CapacitySettings => desk.settings
  const pools = () => desk.settings.pools
  const owner: Pick<State, 'write' | 'transaction'> = {
    write: statements => (desk.lease ?? state).write(statements),
    transaction: work => (desk.lease ?? state).transaction(work),
  }
  const history = beginHistory({
    ...{ state, clock, zone, owner },
    memoryDays: () => memoryDaysFor(pools()),
  })
  life.defer(() => history.close())
  const isShared = config.engines !== undefined
  const partsOf = (pool: string) => history.lines().flatMap(each => (each.pool === pool ? [each.part] : []))
  const asked = { ...options, zone, language, settings, partsOf, isShared }
  const requests = life.use(await openRequests(asked))
  const forecaster = openForecaster()
  life.defer(() => forecaster.close())
  const planner = openPlanner({ pools, history, orders: requests, forecaster, clock, zone })
  const recorder = openRecorder({
    ...options,
    bus: whileHeld(desk, options.bus),
    ...{ history, zone, pools, store, sender: senderOf(config), limits: { samples: limits.query.samples } },
    deliveredUnits: requests.deliveredUnits,
  })
  return Object.assign(desk, { room: { history, requests, planner, recorder } })
}

// Its schema is the room's own.
const settingsOf = ({ capacity }: Config): CapacitySettings => capacity as CapacitySettings

const againMs = 2_000

// Where nobody else could have the turn. What the world refuses is begun again, as on a fleet.
function working(
  work: (lease: undefined, signal: AbortSignal) => Promise<void>,
  { clock, log }: CapacityOptions,
): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  const once = async (): Promise<void> => {
    try {
      await work(undefined, signal)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Failure)) {
        log.error('capacity', 'the work on capacity has ended by a mistake of ours', { error })
        throw error
      }
      log.warn('capacity', 'the work on capacity failed and is begun again', { error })
      await clock.sleep(againMs, signal).catch(() => undefined)
    }
  }
  const run = async (): Promise<void> => {
    while (!signal.aborted) await once()
  }
  const done = run()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await done
    },
  }
}

const lookEveryMs = 1_000
// By its own clock a process of an older version may have written behind what was seen.
const refreshEvery = 60

// What one process has written, an import or the days of the owner, seen by all.
function refreshing({ room }: Desk, { clock, log }: CapacityOptions): AsyncDisposable {
  const stopping = new AbortController()
  const { signal } = stopping
  const run = async (): Promise<void> => {
    let isTold = false
    for (let nth = 1; !signal.aborted; nth++) {
      await clock.sleep(lookEveryMs, signal).catch(() => undefined)
      if (signal.aborted) return
      try {
        await (nth % refreshEvery === 0 ? room.history.refresh() : room.history.look())
        isTold = false
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        if (!isTold) log.warn('capacity', 'the days of pools cannot be read just now', { error })
        isTold = true
      }
    }
  }
  const running = run()
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

function routesOf(desk: Desk, options: CapacityOptions): readonly Route[] {
  const { config, state, store, clock } = options
  const { timezone: zone, language } = config
  const { history, requests, planner } = desk.room
  const pools = () => desk.settings.pools
  const run = async (who: string, signal: AbortSignal) => {
    const again = () => presentPlan(desk.room, signal)
    const plan = await again()
    const atMs = clock.nowMs()
    const dueMonth = monthText(dayOf(zone, atMs))
    const judgement = await requests.judged(history)
    const asked = { trigger: 'person' as const, dueMs: atMs, dueMonth, who, atMs, judgement, again }
    const made = await requests.draft(plan, asked)
    if (made === undefined) throw new Error('a run that a person asked for was there already')
    return made
  }
  const report = async (month: string | undefined, signal: AbortSignal): Promise<Report> => {
    const present = plannedMonth(dayOf(zone, clock.nowMs()))
    if (month !== undefined && month !== present) return keptReport(state.db, month, present)
    const plan = await planner.present({ signal })
    const [found, judgement, before] = await Promise.all([
      requests.list({ limit: reportedRequestsMax }),
      requests.judged(history),
      requests.plannedBefore(plan.month),
    ])
    return reportOf({ plan, requests: found, before, judgement })
  }
  const routes = [
    ...planRoutes({ planner }),
    ...historyRoutes({ pools, history, store, troubles: () => desk.room.recorder.troubles(), clock, zone }),
    ...reportRoutes({ report, months: () => keptMonths(state.db), planner, clock, zone, language }),
    ...requestRoutes({ requests, history, clock, run, language }),
    ...importRoutes({ state, pools, history, clock, zone }),
    ...adviceRoutes({ ...options, pools, state, source: store, language }),
  ]
  // A start does not wait for the days of pools; whoever asks for them does.
  return routes.map(route => ({
    ...route,
    async handle(call) {
      await history.ready()
      return route.handle(call)
    },
  }))
}
