// What services tell back to the channels of a process: their addresses, and who hears it while this process has the turn
// and while it has not. Called by alerter.ts.
import { isIP } from 'node:net'
import type { Clock } from '#core/clock.ts'
import { addressText, type Config } from '#core/config.ts'
import { Failure } from '#core/errors.ts'
import { refusalOf } from '#core/guard.ts'
import type { Route } from '#core/http/route.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { State } from '#core/state.ts'
import type { Acknowledgements } from '../alerter/acknowledged.ts'
import type { Alerter } from '../alerter/alerter.ts'
import { callbackRoutes, callbackUrl } from '../alerter/api/callback-routes.ts'
import { writeApart } from '../alerter/book/apart.ts'
import type { Delivery, DeliveryOptions } from '../alerter/delivery.ts'
import type { Fact } from '../alerter/fact.ts'
import { incidentOf } from '../alerter/facts.ts'
import { openHearing } from '../alerter/inbound/hearing.ts'
import type { Integration } from '../alerter/route.ts'

export type Callbacks = Readonly<{
  routes: readonly Route[]
  ofDelivery: Pick<DeliveryOptions, 'hear' | 'callbackOf'>
  // Until it is disposed of, these know what was sent and write down what came of it. Resolves when what was written apart
  // before is known to them.
  atWork(work: AtWork): Promise<Disposable>
}>

type AtWork = Readonly<{
  delivery: Pick<Delivery, 'receipt' | 'incidentOf'>
  alerter: Pick<Alerter, 'record'>
  acknowledged: Pick<Acknowledgements, 'hear' | 'readAgain'>
}>

type Options = Readonly<{
  config: Config
  state: State
  clock: Clock
  log: Log
  own: OwnMetrics
  integrations(): ReadonlyMap<string, Integration>
}>

export function openCallbacks(options: Options): Callbacks {
  const { config, state, clock, log } = options
  const { externalUrl, listen, language } = config
  const publicUrl = externalUrl !== undefined && isPublic(externalUrl) ? externalUrl : undefined
  let work: AtWork | undefined
  // Who has the turn knows what was sent, and may have to tell it by another way, so this is nothing that just anybody
  // writes down. Services ask again.
  const delivery = (): AtWork['delivery'] => {
    if (work === undefined) throw new Failure('overloaded', 'another process has the turn of the alerter')
    return work.delivery
  }
  const record = async (facts: readonly Fact[]): Promise<void> => {
    await (work === undefined ? writeApart(state, facts, clock.nowMs()) : work.alerter.record(facts))
    // The turn may have come meanwhile, and been too early to read this.
    work?.acknowledged.hear(facts)
  }
  const hearing = openHearing({
    ...options,
    incident: number => incidentOf(state.db, number),
    receipt: async (receipt, way) => delivery().receipt(receipt, way),
    incidentOf: (receipt, way) => delivery().incidentOf(receipt, way),
    record,
  })
  return {
    routes: callbackRoutes({
      ...options,
      hearing,
      externalUrl: externalUrl ?? `http://${addressText(listen)}`,
      language,
    }),
    ofDelivery: {
      hear: (inbound, way) =>
        void hearing
          .hear(inbound, way)
          .catch(error =>
            log.warn('alerter', 'what a service told us could not be written down', { way, error }),
          ),
      callbackOf: way => (publicUrl === undefined ? undefined : callbackUrl(publicUrl, way)),
    },
    async atWork(begun) {
      using life = new DisposableStack()
      life.defer(() => {
        work = undefined
      })
      work = begun
      await begun.acknowledged.readAgain()
      return life.move()
    },
  }
}

// A service that is told of an address that it cannot reach refuses the message. A name without a dot is one of this
// network.
function isPublic(url: string): boolean {
  const { hostname } = new URL(url)
  const isName = isIP(hostname.replace(/^\[|\]$/g, '')) === 0
  return refusalOf(hostname, 'outsider') === undefined && (!isName || hostname.includes('.'))
}
