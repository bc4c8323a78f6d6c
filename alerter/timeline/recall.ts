// What was decided and waits to be told is looked at again right before it leaves: a person may have made a silence since.
// What is silenced by now is left out, and told when nothing holds it any more. Ends go. Called by timeline.ts, and by
// outbox.ts for the rest of the message.
import type { KnownAlert } from '../alert.ts'
import type { Reason, Telling } from './outcome.ts'
import type { Group, Known, Seat, Told } from './state.ts'

export type Recalled = Readonly<{
  // Fingerprints that the message leaves out.
  left: ReadonlySet<string>
  // Those of them whose beginning nobody has been told.
  held: readonly (readonly [Seat, Reason])[]
  // What the integration has been told; nothing where that is as it was.
  told: Told | undefined
}>

export type Recall = Readonly<{
  telling: Telling
  // A service may have had it without our knowing.
  wasTried: boolean
  group: Group | undefined
  alerts: ReadonlyMap<string, Known>
  silencedBy(alert: KnownAlert): readonly string[]
}>

// Instead of a time: perhaps it was told. Then its end is told, and its beginning too when nothing holds it any more.
export const perhapsMs = -1

export function recall({ telling, wasTried, group, alerts, silencedBy }: Recall): Recalled {
  const left = new Set<string>()
  const held: [Seat, Reason][] = []
  // Mostly nothing is silenced, and nobody asks.
  let begun: ReadonlySet<string> | undefined
  for (const name of telling.firing) {
    const known = alerts.get(name)
    const by = known === undefined ? [] : silencedBy(known.alert)
    if (by.length === 0) continue
    // What has left its group has ended, and that is told.
    const seat = known?.seats.find(each => each.group === group)
    if (seat === undefined) continue
    left.add(name)
    begun ??= new Set(telling.begun)
    if (begun.has(name)) held.push([seat, { kind: 'silenced', by }])
  }
  const before = group?.told.get(telling.integration)
  if (before === undefined || held.length === 0) return { left, held, told: undefined }
  const firing = new Map(before.firing)
  for (const [{ known }] of held) {
    if (wasTried) firing.set(known.alert.fingerprint, perhapsMs)
    else firing.delete(known.alert.fingerprint)
  }
  return { left, held, told: { ...before, firing } }
}

// Nothing where nothing new is left to be told.
export function without(telling: Telling, left: ReadonlySet<string>): Telling | undefined {
  const [firing, begun] = [telling.firing, telling.begun].map(all => all.filter(each => !left.has(each)))
  const news = telling.reason === 'repeat' ? firing! : begun!
  if (news.length + telling.resolved.length === 0) return undefined
  return { ...telling, firing: firing!, begun: begun! }
}
