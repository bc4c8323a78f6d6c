// Its route is mute at certain times, and now is one of them. Of several routes, all that are active must be mute; that
// one of them is active, the stage before this one has seen to.
import { isActive, mutesOf } from '../open-route.ts'
import type { Stage } from '../stage.ts'

export const muted: Stage = ({ group: { routes } }, moment) => {
  const by: string[] = []
  for (const route of routes) {
    if (!isActive(route, moment)) continue
    const mutes = mutesOf(route, moment)
    if (mutes.length === 0) return undefined
    by.push(...mutes)
  }
  return by.length === 0 ? undefined : by
}
