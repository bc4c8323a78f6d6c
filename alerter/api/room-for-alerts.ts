// How many alerts others may make us know, and how long all of them together: whoever posts ever new labels would fill
// memory and state, and a restart would read all of it again. What is known already is always heard, and so is its end.
// Called by alert-routes.ts.
import { noLabels } from '#core/labels.ts'
import type { AlertTransition } from '#core/model.ts'
import { type AlertsSize, charactersOf } from '../alert-size.ts'

// Twice the largest storm that is planned for.
export const alertsMax: AlertsSize = { alerts: 100_000, characters: 128 * 1_024 * 1_024 }

export type Known = Readonly<{
  // So much is known; what another process knows counts there.
  size: AlertsSize
  isKnown(fingerprint: string): Promise<boolean>
}>

// How many beginnings had no room, and how many ends of what nobody knows: of those nobody would have been told.
type Room = Readonly<{ taken: readonly AlertTransition[]; left: number; leftEnds: number }>

export async function withRoom(
  transitions: readonly AlertTransition[],
  { size, isKnown }: Known,
  max = alertsMax,
): Promise<Room> {
  let [alerts, characters] = [max.alerts - size.alerts, max.characters - size.characters]
  const all = transitions.reduce((sum, { alert }) => sum + charactersOf(alert), 0)
  if (transitions.length <= alerts && all <= characters) return { taken: transitions, left: 0, leftEnds: 0 }
  const taken: AlertTransition[] = []
  // An alert may be said several times, and its end together with its beginning.
  const begun = new Set<string>()
  let leftEnds = 0
  for (const each of transitions) {
    const { alert } = each
    const isNews = !begun.has(alert.fingerprint) && !(await isKnown(alert.fingerprint))
    const needed = charactersOf(alert)
    if (isNews && (alerts < 1 || characters < needed)) {
      if (alert.state === 'resolved') leftEnds += 1
      continue
    }
    if (isNews) begun.add(alert.fingerprint)
    if (isNews) alerts -= 1
    characters -= needed
    // It goes on, or ends, and that is heard; it does not get longer.
    taken.push(characters < 0 ? { ...each, alert: { ...alert, annotations: noLabels } } : each)
  }
  return { taken, left: transitions.length - taken.length - leftEnds, leftEnds }
}

// What there is no room for any more.
export const fullText = ({ alerts }: AlertsSize): string =>
  `${alerts} alerts are known, and at most ${alertsMax.alerts} may be, with ${alertsMax.characters} characters of labels and annotations`
