// Two messages of one group to one integration become one while the first is not delivered: nothing that was to be
// told is lost, and of each alert the newest state wins. Called by outbox/line.ts; merging is associative.
import type { Telling } from './outcome.ts'
import { moreUrgent } from './urgency.ts'

const reasons = ['repeat', 'resolved', 'more', 'first'] as const satisfies readonly Telling['reason'][]

export function mergeTellings(earlier: Telling, later: Telling): Telling {
  // The later one is silent of what it holds back by now: that stays said. What ended was told as begun, in `begun`.
  const ended = new Set(later.resolved)
  const firing = new Set([...earlier.firing.filter(each => !ended.has(each)), ...later.firing])
  const resolved = [...earlier.resolved.filter(each => !firing.has(each)), ...later.resolved]
  return {
    // Of the later, because a service may have seen the earlier one's without our knowing.
    ...later,
    reason: higher(earlier.reason, later.reason),
    urgency: moreUrgent(earlier.urgency, later.urgency),
    firing: sortedSet(firing),
    resolved: sortedSet(resolved),
    begun: sortedSet([...earlier.begun, ...later.begun]),
  }
}

const sortedSet = (fingerprints: Iterable<string>): string[] => [...new Set(fingerprints)].sort()

const higher = (one: Telling['reason'], other: Telling['reason']): Telling['reason'] =>
  reasons.indexOf(one) > reasons.indexOf(other) ? one : other
