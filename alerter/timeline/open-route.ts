// By which of its routes does a group speak now? Several lead to it where siblings have the same matchers and receiver:
// one by day, say, and one by night. Called by the stages of time and for the interval of repeats.
import type { Route } from '../route.ts'
import type { Moment } from './stage.ts'
import type { Group } from './state.ts'

export const isActive = ({ actives }: Route, { isWithin }: Moment): boolean =>
  actives.length === 0 || actives.some(isWithin)

export const mutesOf = ({ mutes }: Route, { isWithin }: Moment): string[] => mutes.filter(isWithin)

export const openRoute = ({ routes }: Group, moment: Moment): Route | undefined =>
  routes.find(each => isActive(each, moment) && mutesOf(each, moment).length === 0) ?? routes[0]
