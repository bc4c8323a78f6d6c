// How many alerts others may make us know: whoever posts ever new labels would fill memory and state, and a restart would
// read all of it again. What is known already is always heard, and so is every end. Called by alert-routes.ts.
import type { AlertTransition } from '#core/model.ts'

// Twice the largest storm that is planned for.
export const alertsMax = 100_000

export type Known = Readonly<{
  // So many are known; those of another process count there.
  count: number
  isKnown(fingerprint: string): Promise<boolean>
}>

type Room = Readonly<{ taken: readonly AlertTransition[]; left: number }>

export async function withRoom(
  transitions: readonly AlertTransition[],
  { count, isKnown }: Known,
  max = alertsMax,
): Promise<Room> {
  if (count + transitions.length <= max) return { taken: transitions, left: 0 }
  let free = max - count
  const taken: AlertTransition[] = []
  for (const each of transitions) {
    const { state, fingerprint } = each.alert
    const isNews = state !== 'resolved' && !(await isKnown(fingerprint))
    if (isNews && --free < 0) continue
    taken.push(each)
  }
  return { taken, left: transitions.length - taken.length }
}
