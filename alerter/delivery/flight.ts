// What happens to entries from the moment they are taken until it is written down what became of them. Called by
// loop.ts, which decides when and by which way.
import { Breath } from '#core/breath.ts'
import type { Fact } from '../fact.ts'
import type { Composer, Part } from './compose.ts'
import type { Item } from './item.ts'
import { type Landing, type LandingOptions, Landings } from './landing.ts'
import { mention, note } from './note.ts'
import { noteFailed, type Pictured } from './pictured.ts'
import { type TellOptions, tell } from './tell.ts'
import { failedFact } from './told-facts.ts'
import type { Departure } from './traffic.ts'

// Where tests end the process, or wait.
export type Point = 'before_send' | 'after_send' | 'after_done'

export type FlightOptions = LandingOptions &
  TellOptions &
  Readonly<{
    composer: Composer
    isHeld(): boolean
    pictured: Pictured
    reach(point: Point): void | Promise<void>
  }>

export type Flights = Readonly<{
  // By its one message; the answer is in the order of the items. `answered` is called when its service has it.
  fly(departure: Departure, answered: () => void): Promise<readonly Landing[]>
  // Nobody will be told.
  fail(item: Item, reason: string): Promise<Landing>
  // It was told before.
  end(item: Item, facts: readonly Fact[]): Promise<Landing>
}>

export function openFlights(options: FlightOptions): Flights {
  const { outbox, composer, numbers, clock } = options
  const landings = new Landings(options)
  const fail = (item: Item, reason: string): Promise<Landing> => {
    const way = item.way ?? item.entry.integration
    numbers.failed(way.split('/').at(-2) ?? way, item)
    const about = { entry: item.entry, way, atMs: clock.nowMs() }
    return landings.end(item, [failedFact(about, { reason, isFinal: true })])
  }
  return {
    async fly({ lane, items, room }, answered) {
      const breath = new Breath()
      const parts = items.map(({ entry }): Part => ({ entry, alerts: outbox.alertsOf(entry) }))
      const nowMs = clock.nowMs()
      if (parts.every(({ entry, alerts }) => entry.said === undefined && alerts.length === 0)) {
        lane.breaker.giveBack()
        const reason = 'nothing is known of its alerts any more'
        return Promise.all(items.map(item => fail(item, reason)))
      }
      const [first] = parts
      const bare = parts.length === 1 ? composer.message(first!, nowMs) : composer.digest(parts, nowMs)
      // Very large groups take a while.
      if (breath.isDue) await breath.taken()
      const message = await options.pictured(bare, lane.way, items[0]!)
      await options.reach('before_send')
      const beganMs = clock.monotonicMs()
      const { heard, isRestLeft } = await tell(options, { lane, items, room, message })
      const result = heard[0]?.result
      const isTold = heard.some(each => each.result.kind === 'told')
      const isTaken = isTold || (result?.kind === 'later' && result.told === 'now')
      await options.reach('after_send')
      if (result === undefined || (options.signal.aborted && !isTaken))
        return items.map(() => ({ kind: 'stopped' }))
      // Whoever has lost the turn has asked nobody.
      if (isTaken || options.isHeld()) {
        note(options, { lane, items, result, tookMs: clock.monotonicMs() - beganMs })
        mention(options, lane, result)
        noteFailed(items[0]!, { message, way: lane.way, result })
      } else lane.breaker.giveBack()
      if (isTold) answered()
      // One for all: by it a digest is known as one message.
      const atMs = clock.nowMs()
      const common = { lane, message, atMs, groups: items.length, isRestLeft }
      const landed = await Promise.all(
        items.map((item, nth) => landings.land({ ...common, item, ...heard[nth]! })),
      )
      await options.reach('after_done')
      return landed
    },
    fail,
    end: (item, facts) => landings.end(item, facts),
  }
}
