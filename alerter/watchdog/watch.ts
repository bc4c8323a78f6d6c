// What the watchdog waits for, and how that is called: by the numbers, by whoever is told, and in words. Called by watchdog.ts.
import { failoverOf } from '../failover.ts'
import type { Integration, Receiver } from '../route.ts'
import type { Vigil } from './vigil.ts'

// From samples to alerts, or to a receiver.
export type Road = Readonly<{ kind: 'rules' } | { kind: 'receiver'; name: string; way: string }>

// A road that is silent, and since when, by the wall.
export type Alarm = Readonly<{ road: Road; sinceMs: number }>

// One thing that is waited for. `last` is when it was heard of last, or when it was sent, by
// the wall and by the clock that does not jump.
export type Watch = {
  readonly road: Road
  vigil: Vigil
  last: Readonly<{ wallMs: number; monotonicMs: number }>
  // Why it may not have come.
  why: string
}

const rules = 'rules'

export const nameOf = (road: Road): string => (road.kind === 'rules' ? rules : road.name)
export const keyOf = (road: Road): string => (road.kind === 'rules' ? rules : `${road.name} ${road.way}`)

// Those that get a test message of their own.
export const waysOf = (receiver: Receiver | undefined): readonly Integration[] =>
  (receiver?.integrations ?? []).flatMap(each => failoverOf(each)?.order ?? [each])
