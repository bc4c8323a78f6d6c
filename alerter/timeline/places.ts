// Where do an alert's labels lead? To one group for each route that takes it, named as Alertmanager names them. Called
// for each alert that is taken, and for all of them after a reload.
import { labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { quote } from '#promql/string-literal.ts'
import { type Route, routesFor } from '../route.ts'

export type Place = Readonly<{
  id: string
  groupKey: string
  receiver: string
  labels: Labels
  // More than one where siblings have the same matchers and the same receiver: Alertmanager lets these share what was
  // told, so they share a group here.
  routes: readonly Route[]
}>

// What it has found it remembers, so nobody keeps it for long: alerts that come together share groups.
export function openPlaces(root: Route): (labels: Labels) => readonly Place[] {
  const memory = new Map<Route, Map<string, Place>>()
  const placeBy = (route: Route, labels: Labels): Place => {
    if (route.groupBy === 'all') return placeOf(route, labels)
    const ofRoute = memory.get(route) ?? new Map<string, Place>()
    memory.set(route, ofRoute)
    let key = ''
    for (const name of route.groupBy) key += `${labels[name] ?? ''}\ud800`
    const place = ofRoute.get(key) ?? placeOf(route, labels)
    ofRoute.set(key, place)
    return place
  }
  return labels => {
    const routes = routesFor(root, labels)
    return routes.length === 1
      ? [placeBy(routes[0]!, labels)]
      : together(routes.map(each => placeBy(each, labels)))
  }
}

function placeOf(route: Route, labels: Labels): Place {
  const { groupBy, receiver } = route
  const ofGroup = groupBy === 'all' ? labels : labelsOf(groupBy.map(name => [name, labels[name] ?? '']))
  const groupKey = `${route.key}:${labelsText(ofGroup)}`
  // The name of a receiver is one line, so no two pairs make one id.
  return { id: `${receiver}\n${groupKey}`, groupKey, receiver, labels: ofGroup, routes: [route] }
}

function together(places: readonly Place[]): Place[] {
  const byId = new Map<string, Place>()
  for (const place of places) {
    const { routes = [] } = byId.get(place.id) ?? {}
    byId.set(place.id, { ...place, routes: [...routes, ...place.routes] })
  }
  return [...byId.values()]
}

const plain = /^[ !#-[\]-~]*$/

function labelsText(labels: Labels): string {
  let text = ''
  for (const name in labels) {
    const value = labels[name]!
    text += `${text === '' ? '' : ', '}${name}=${plain.test(value) ? `"${value}"` : quote(value)}`
  }
  return `{${text}}`
}
