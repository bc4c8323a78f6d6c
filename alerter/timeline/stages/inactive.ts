// Its route is active at certain times only, and now is none of them. The names are of all those times. A group that no
// route leads to any more has only ends to tell, and those pass.
import { isActive } from '../open-route.ts'
import type { Stage } from '../stage.ts'

export const inactive: Stage = ({ group: { routes } }, moment) => {
  if (routes.length === 0 || routes.some(each => isActive(each, moment))) return undefined
  return routes.flatMap(({ actives }) => actives)
}
