// Prometheus' query API, all of it: one list of routes for the server. Called by bin/.
import type { Clock } from '#core/clock.ts'
import type { Route } from '#core/http/route.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Store } from '#core/store.ts'
import { aboutRoutes } from './about-routes.ts'
import { Desk } from './desk.ts'
import { evaluateRoutes } from './evaluate-routes.ts'
import { defaultLimits, type QueryLimits } from './limits.ts'
import { listRoutes } from './list-routes.ts'

export type QueryOptions = Readonly<{
  store: Store
  clock: Clock
  own?: OwnMetrics
  log?: Log
  limits?: QueryLimits
  // Of this program.
  version?: string
}>

export function queryRoutes(options: QueryOptions): Route[] {
  const { store, clock, own, log, limits = defaultLimits, version = '' } = options
  const { concurrent, timeMs } = limits
  const questions = new Desk({ concurrent, timeMs, clock, own, log })
  // Apart, so that whoever writes a question gets his suggestions while long ones are answered.
  const lookUps = new Desk({ concurrent, timeMs, clock, own, log })
  own?.gauge('plimsoll_query_running').read(() => questions.busy + lookUps.busy)
  own?.gauge('plimsoll_query_waiting').read(() => questions.waiting + lookUps.waiting)
  return [
    ...evaluateRoutes({ store, clock, limits, desk: questions }),
    ...listRoutes({ store, limits, desk: lookUps }),
    ...aboutRoutes({ version }),
  ]
}
