// What the alerter hears from the bus: alerts, from where the book has them to; notices; and canaries that have come
// through. Brokers that are away are asked again for as long as it takes. Called by the alerter.
import type { Bus, Place, Subscription } from '#core/bus.ts'
import { isCanary } from '#core/canary.ts'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { AlertTransition, Notice } from '#core/model.ts'
import type { Starts } from './backlog.ts'

export type ListeningOptions = Readonly<{
  bus: Bus
  clock: Clock
  log: Log
  // By partition, where reading goes on.
  places: ReadonlyMap<number, number>
  // What was published before. Called before anything of it is taken.
  onBegin(starts: Starts): void
  canary?: ((transition: AlertTransition) => void) | undefined
}>

// Each resolves when what was heard is durable.
type Listener = Readonly<{
  take(transitions: readonly AlertTransition[], place?: Place): Promise<void>
  notice(notices: readonly Notice[]): Promise<void>
}>

export type Listening = Readonly<{
  // Resolves when everything that is published from now on will be heard.
  begun: Promise<void>
  stop(): Promise<void>
}>

const againMs = 1_000

export function listen(listener: Listener, options: ListeningOptions): Listening {
  const { bus, clock, log, places, onBegin, canary = () => {} } = options
  const stopping = new AbortController()
  const open: Subscription[] = []

  const hear = async (transitions: readonly AlertTransition[], place?: Place): Promise<void> => {
    // Also where there are canaries only: while the state refuses what others report, none of them has come through.
    const alerts = transitions.filter(({ alert }) => !isCanary(alert))
    await listener.take(alerts, place)
    for (const each of transitions) if (isCanary(each.alert)) canary(each)
  }
  async function attempt(): Promise<void> {
    const [oldest, ends] = [await bus.places('alerts', 'beginning'), await bus.places('alerts', 'end')]
    onBegin({ oldest, ends })
    const own = { from: { positions: places } }
    await keep(bus.subscribe('alerts', 'alerter', hear, own))
    await keep(bus.subscribe('notices', 'alerter', found => listener.notice(found)))
  }
  async function keep(subscribing: Promise<Subscription>): Promise<void> {
    const subscription = await subscribing
    if (stopping.signal.aborted) await subscription.stop()
    else open.push(subscription)
  }
  async function begin(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        return await attempt()
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        log.warn('alerter', 'cannot hear what is published of alerts, and tries again', { error })
      }
      await stop()
      await clock.sleep(againMs, stopping.signal).catch(() => {})
    }
  }
  const stop = async (): Promise<void> => {
    await Promise.all(open.splice(0).map(each => each.stop()))
  }
  const begun = begin()
  // Whoever stopped waiting for it would swallow a fault of ours.
  void begun.then(() => {})
  return {
    begun,
    async stop() {
      stopping.abort()
      await stop()
    },
  }
}
