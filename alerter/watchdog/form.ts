// What the watchdog does for others, and what it is given: where it keeps whom it told, and what it hears. Both are put
// together by bin/.
import type { Clock } from '#core/clock.ts'
import type { Log } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import type { Secret } from '#core/secret.ts'
import type { State } from '#core/state.ts'
import type { Alerter } from '../alerter.ts'
import type { Fact } from '../fact.ts'
import type { Receiver } from '../route.ts'
import type { DirectOptions } from './direct.ts'
import type { Inside } from './words.ts'

export type WatchdogSettings = Readonly<{
  withinMs: number
  tell: readonly string[]
  receivers: ReadonlyMap<string, Readonly<{ everyMs: number; at: string | undefined; withinMs: number }>>
  ping?: Secret | undefined
  // How often a canary is written; nothing where none is expected.
  canaryMs: number | undefined
}>

export interface Watchdog {
  // A canary has come out of the rules.
  came(transition: AlertTransition): void
  // What became of messages.
  wrote(facts: readonly Fact[]): void
  close(): Promise<void>
}

export type WatchdogOptions = Omit<DirectOptions, 'receivers' | 'onTold'> &
  Readonly<{
    // Those of now.
    settings(): WatchdogSettings
    receivers(): ReadonlyMap<string, Receiver>
    alerter: Pick<Alerter, 'test' | 'outbox' | 'record'>
    state: Pick<State, 'db'>
    // What is known of the road while nothing comes out of it.
    inside(): Promise<Inside>
    clock: Clock
    log: Log
    own: OwnMetrics
  }>
