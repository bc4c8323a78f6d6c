// What the alerter does for others, and what it is given: where it rests, what it hears, whom it tells of it. Both are
// put together by bin/.
import type { Bus, Place } from '#core/bus.ts'
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { AlertTransition, Labels, Notice } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { State } from '#core/state.ts'
import type { AlertsSize } from './alert-size.ts'
import type { Fact } from './fact.ts'
import type { Outbox, OutboxEntry } from './outbox-entry.ts'
import type { SavePoint } from './scribe.ts'
import type { AlerterConfig } from './timeline/rules-of.ts'
import type { AlertView, GroupView, SeatView } from './timeline/views.ts'

export interface Alerter {
  // Resolves when what was reported, and all that came of it, is durable. When the state refuses, it is rejected with
  // its Failure: again, please. What was taken is not forgotten meanwhile.
  // `place`: of a bus that keeps them. What was published before the beginning is taken before anything is decided.
  take(transitions: readonly AlertTransition[], place?: Place): Promise<void>
  // The same of words for people.
  notice(notices: readonly Notice[]): Promise<void>
  // A test message by each way to a receiver, once for each id. Answers with what is in the outbox then.
  test(receiver: string, id: string): Promise<readonly OutboxEntry[]>
  // What others have done. Resolves when it is durable.
  record(facts: readonly Fact[]): Promise<void>
  readonly outbox: Outbox
  alerts(): Iterable<AlertView>
  // How much that is, ended ones of which something is still to be told included.
  size(): AlertsSize
  alert(fingerprint: string): AlertView | undefined
  groups(): Iterable<GroupView>
  // Where an alert stands in each of its groups, and what holds it there.
  seats(fingerprint: string): readonly SeatView[]
  // What is still to be told of an alert, on its way or not.
  untold(fingerprint: string): readonly OutboxEntry[]
  // The short number of what is going on in a group.
  incidentOf(group: string): number | null
  // With the same tree, groups go on as they are. Silences need no reload: they are asked whenever a group is due.
  reload(config: AlerterConfig): Promise<void>
  // Saves what is not saved yet. Delivery is closed before.
  close(): Promise<void>
}

export type AlerterOptions = Readonly<{
  state: State
  // Left out: only take() brings anything.
  bus?: Bus
  // How people reach this service, for links to what our own rules have found.
  externalUrl?: string
  clock: Clock
  log: Log
  own: OwnMetrics
  config: AlerterConfig
  // How long it can be looked up what happened. Left out: 400 days.
  factsKeptMs?: number
  // Ids of the silences that hold now.
  silencedBy(labels: Labels, nowMs: number): readonly string[]
  // That of a lease, where there may be another owner.
  write?: State['write']
  // A canary of ours has come through, and could be written down if it were an alert.
  canary?: (transition: AlertTransition) => void
  // What became of messages, once it is durable.
  wrote?: (facts: readonly Fact[]) => void
  // Where tests end the process, or wait.
  reach?: (point: SavePoint) => void | Promise<void>
}>
