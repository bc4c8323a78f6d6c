// Groups that look back further than memory goes: at their times, over the store, one evaluation of each at a time and
// none held up by them. Called by evaluator.ts.
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Log } from '#core/log.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Store } from '#core/store.ts'
import type { Source } from '#promql/source.ts'
import type { Pieces } from '../ask.ts'
import type { TimedGroup } from '../live/timed-group.ts'
import type { LiveRules } from '../live-rules.ts'

export type FarOptions = Readonly<{
  store: Store
  clock: Clock
  log: Log
  own: OwnMetrics
  // A reload may have put others in their place while one was evaluated.
  isPresent(live: LiveRules): boolean
  // Behind what is being done just now, and saves what has come of it.
  do(work: () => Pieces | undefined): Promise<Readonly<{ saved: Promise<void> }>>
}>

export type Far = Readonly<{ evaluate(live: LiveRules, nowMs: number): void; close(): Promise<void> }>

export const nextFarMs = ({ timed }: LiveRules): number =>
  timed.reduce(
    (first, each) => (each.needsStore && !each.isBusy ? Math.min(first, each.nextMs) : first),
    Number.POSITIVE_INFINITY,
  )

export function openFar({ store, clock, log, own, isPresent, do: does }: FarOptions): Far {
  const running = new Set<Promise<void>>()
  const closing = new AbortController()
  // A store that is slow keeps nobody from ending.
  const source: Source = { select: (matchers, range) => store.select(matchers, range, closing.signal) }

  async function over(group: TimedGroup, live: LiveRules): Promise<void> {
    const { name, rules } = group.group
    const atMs = group.nextMs
    group.nextMs += group.intervalMs
    group.isBusy = true
    const beganMs = clock.monotonicMs()
    try {
      const apply = await group.evaluateWaiting({ ...live.world(atMs), source })
      group.tookMs = clock.monotonicMs() - beganMs
      const { saved } = await does(() => {
        if (closing.signal.aborted || !isPresent(live)) return undefined
        apply()
        own.counter('plimsoll_rules_evaluations_total').inc(rules.length, { how: 'store' })
        own.counter('plimsoll_rules_evaluation_seconds_total').inc(group.tookMs / 1_000, { group: name })
        // Rules on arrival see at once what it has recorded.
        return live.changedAsideInPieces()
      })
      await saved
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      log.warn('rules', 'a group could not be evaluated', { group: name, error })
    } finally {
      group.isBusy = false
    }
  }

  return {
    evaluate(live, nowMs) {
      for (const group of live.timed) {
        if (!group.needsStore || group.isBusy || nowMs < group.nextMs) continue
        const missed = group.passBy(nowMs)
        if (missed > 0) own.counter('plimsoll_rules_missed_total').inc(missed, { group: group.group.name })
        const task: Promise<void> = over(group, live).finally(() => running.delete(task))
        running.add(task)
      }
    },
    async close() {
      closing.abort(new Failure('stopping', 'the rules are closed'))
      await Promise.allSettled(running)
    },
  }
}
