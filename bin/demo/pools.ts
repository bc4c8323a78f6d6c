// The twenty pools of the demonstration, in the order of the report's questions: what grows, what jumps, what cannot be
// believed. Called by fill.ts and settings-text.ts.
import { dayOf, dayText } from '../../capacity/days.ts'
import { dataPools } from './data-pools.ts'
import type { DemoPool } from './parts.ts'
import { quietPools } from './quiet-pools.ts'
import { servicePools } from './service-pools.ts'

// The same pools and numbers for all of one day.
export function demoPools(nowMs: number, zone: string): DemoPool[] {
  const today = dayOf(zone, nowMs)
  return [...servicePools({ dayText: days => dayText(today + days) }), ...quietPools(), ...dataPools()]
}
