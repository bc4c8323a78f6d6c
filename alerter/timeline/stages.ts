// What stands between an alert and whoever would be told of its beginning, in this order, which is Alertmanager's. Read
// this file first. Ends pass all of it: who was told that something broke is told that it works again. What was told
// already is judged for each integration apart, in told-already.ts.
import type { Reason, StageName } from './outcome.ts'
import type { Moment, Stage } from './stage.ts'
import { inactive } from './stages/inactive.ts'
import { inhibited } from './stages/inhibited.ts'
import { moved } from './stages/moved.ts'
import { muted } from './stages/muted.ts'
import { nobody } from './stages/nobody.ts'
import { silenced } from './stages/silenced.ts'
import type { Seat } from './state.ts'

export const stages = { moved, nobody, inhibited, inactive, muted, silenced } satisfies Record<
  StageName,
  Stage
>

const inOrder = Object.keys(stages) as StageName[]

// Those that can be asked of a time that has passed.
const byTime: readonly StageName[] = ['inactive', 'muted', 'silenced']

export const heldByTime = (seat: Seat, moment: Moment): Reason | null => heldBy(seat, moment, byTime)

export function heldBy(seat: Seat, moment: Moment, kinds = inOrder as readonly StageName[]): Reason | null {
  for (const kind of kinds) {
    const by = stages[kind](seat, moment)
    if (by !== undefined) return { kind, by }
  }
  return null
}
