// Who is told of what: the tree of routes and the receivers at its leaves, as Alertmanager means them. Made from its
// file by alertmanager/, walked by the timeline.
import type { Labels } from '#core/model.ts'
import { type LabelMatcher, matchAll } from './matcher.ts'
import { openMatcherIndex } from './matcher-index.ts'

export type Route = Readonly<{
  // Its place in the tree, as Alertmanager writes it: `{}/{team="a"}`. The same after a reload that does not touch it.
  key: string
  matchers: readonly LabelMatcher[]
  receiver: string
  // All labels (`...`), or these.
  groupBy: 'all' | readonly string[]
  groupWaitMs: number
  groupIntervalMs: number
  // The same for urgent alerts. They are shorter in a tree of plimsoll.yml where neither it nor a route above states one.
  urgentWaitMs: number
  urgentIntervalMs: number
  repeatMs: number
  continues: boolean
  // Names of time intervals.
  mutes: readonly string[]
  actives: readonly string[]
  routes: readonly Route[]
}>

// A way to tell somebody.
export type Integration = Readonly<{
  // The same after a reload: the receiver, the channel, and its number there.
  id: string
  // A folder in channels/.
  channel: string
  // As the schema of the channel has read them.
  settings: unknown
  tellsEnds: boolean
  // Why nobody is told by it just now.
  unready?: Unready
}>

// `file` holds a secret of it and cannot be used as it is. Left out: its settings are not ours, which only others change.
export type Unready = Readonly<{ file?: string; reason: string }>

export type Receiver = Readonly<{ name: string; integrations: readonly Integration[] }>

// Depth first: a child that matches takes the alert from its parent; siblings after it see it only where it `continues`.
export function routesFor(route: Route, labels: Labels): readonly Route[] {
  return matchAll(route.matchers, labels) ? finderOf(route)(labels) : []
}

// The routes at or below one that matches.
type Finder = (labels: Labels) => readonly Route[]

// A tree never changes, so what finds the way in it is made once. Without it each alert of a storm would be held against
// every route of a large tree.
const finders = new WeakMap<Route, Finder>()

function finderOf(route: Route): Finder {
  const known = finders.get(route)
  if (known !== undefined) return known
  const finder = openFinder(route)
  finders.set(route, finder)
  return finder
}

function openFinder(route: Route): Finder {
  const itself = [route]
  if (route.routes.length === 0) return () => itself
  const children = openMatcherIndex(route.routes.map(item => ({ matchers: item.matchers, item })))
  return labels => {
    const matching = children(labels)
    const last = matching.findIndex(({ continues }) => !continues)
    const taking = last === -1 ? matching : matching.slice(0, last + 1)
    return taking.length === 0 ? itself : taking.flatMap(child => finderOf(child)(labels))
  }
}
