// `route`: the tree of who is told of what, with what children take from their parents. Called by the reader of the
// configuration.
import { didYouMean } from '#core/config/problem.ts'
import { foundText, type Tree } from '#core/config/tree.ts'
import { matchersText } from '../matcher.ts'
import type { Route } from '../route.ts'
import { flag } from './bare.ts'
import { type At, below, complain, list, type Part, placeOf, type Reader, readPart } from './form.ts'
import { matchers, oldEqual, oldPattern, together } from './matchers.ts'
import { durationMs, text, word } from './scalars.ts'

const notZero: Reader<number> = (tree, at) => {
  const ms = durationMs(tree, at)
  if (ms !== 0) return ms
  complain(tree.place, at, { wanted: 'more than 0s', found: foundText(tree) })
  return undefined
}

const routeKeys = {
  receiver: text,
  group_by: list(word),
  match: oldEqual,
  match_re: oldPattern,
  matchers,
  mute_time_intervals: list(text),
  active_time_intervals: list(text),
  continue: flag,
  routes: (tree: Tree) => tree,
  group_wait: durationMs,
  group_interval: notZero,
  repeat_interval: notZero,
}
type RoutePart = Part<typeof routeKeys>

// What routes may name.
export type Names = Readonly<{ receivers: ReadonlySet<string>; intervals: ReadonlySet<string> }>

type Inherited = Omit<Route, 'matchers' | 'continues' | 'mutes' | 'actives' | 'routes'>

const minuteMs = 60_000

// Of Alertmanager.
const usual: Inherited = {
  key: '',
  receiver: '',
  groupBy: [],
  groupWaitMs: minuteMs / 2,
  groupIntervalMs: 5 * minuteMs,
  urgentWaitMs: minuteMs / 2,
  urgentIntervalMs: 5 * minuteMs,
  repeatMs: 240 * minuteMs,
}

// Where nobody has stated how long they wait, the first urgent alert of a group waits for nothing, and no later one for
// minutes.
export const urgentFirst = { urgentWaitMs: 0, urgentIntervalMs: minuteMs / 2 }

// `ofOurs`: a tree of plimsoll.yml. What nobody states in a file of Alertmanager's is as it is there.
export type Around = Readonly<{ names: Names; ofOurs: boolean }>

export function readRoot(tree: Tree, at: At, { names, ofOurs }: Around): Route | undefined {
  const part = readPart(tree, routeKeys, at)
  if (part === undefined) return undefined
  refuseAtRoot(part)
  return routeOf(part, { ...usual, ...(ofOurs && urgentFirst) }, names)
}

function refuseAtRoot(part: RoutePart): void {
  const { values, map, at } = part
  const refuse = (key: string, wanted: string): void => {
    complain(placeOf(part, key), below(at, key), { wanted, found: foundText(map.keys.get(key)?.value) })
  }
  if ((values.receiver ?? '') === '') complain(map.place, at, { wanted: 'a receiver', found: 'none' })
  if (values.continue === true) refuse('continue', 'no continue at the root, which has no siblings')
  for (const key of ['match', 'match_re', 'matchers'] as const)
    if ((values[key]?.length ?? 0) > 0)
      refuse(key, 'no matchers at the root, which takes what no other route takes')
  for (const key of ['mute_time_intervals', 'active_time_intervals'] as const)
    if ((values[key]?.length ?? 0) > 0) refuse(key, 'no time intervals at the root')
}

function routeOf(part: RoutePart, above: Inherited, names: Names): Route {
  const { values } = part
  const conditions = together(values.match, values.match_re, values.matchers)
  refuseUnknown(part, names)
  const shared: Inherited = {
    key: `${above.key === '' ? '' : `${above.key}/`}${matchersText(conditions)}`,
    receiver: values.receiver || above.receiver,
    groupBy: groupByOf(part) ?? above.groupBy,
    groupWaitMs: values.group_wait ?? above.groupWaitMs,
    groupIntervalMs: values.group_interval ?? above.groupIntervalMs,
    urgentWaitMs: values.group_wait ?? above.urgentWaitMs,
    urgentIntervalMs: values.group_interval ?? above.urgentIntervalMs,
    repeatMs: values.repeat_interval ?? above.repeatMs,
  }
  return {
    ...shared,
    matchers: conditions,
    continues: values.continue ?? false,
    // Those of the parent do not hold for its children.
    mutes: values.mute_time_intervals ?? [],
    actives: values.active_time_intervals ?? [],
    routes: childrenOf(part).map(child => routeOf(child, shared, names)),
  }
}

const childrenOf = ({ values, at }: RoutePart): readonly RoutePart[] =>
  values.routes === undefined
    ? []
    : (list((tree, below) => readPart(tree, routeKeys, below))(values.routes, below(at, 'routes')) ?? [])

function groupByOf(part: RoutePart): Route['groupBy'] | undefined {
  const names = part.values.group_by
  if (names === undefined) return undefined
  const twin = names.find((name, at) => name !== '...' && names.indexOf(name) !== at)
  const at = below(part.at, 'group_by')
  if (twin !== undefined)
    complain(placeOf(part, 'group_by'), at, { wanted: 'each label once', found: `${twin} twice` })
  if (!names.includes('...')) return names
  const others = names.filter(name => name !== '...')
  if (others.length > 0)
    complain(placeOf(part, 'group_by'), at, {
      wanted: '... alone, which is all labels',
      found: names.join(', '),
    })
  return 'all'
}

function refuseUnknown(part: RoutePart, { receivers, intervals }: Names): void {
  const { values, map, at } = part
  if (values.receiver && !receivers.has(values.receiver))
    complain(placeOf(part, 'receiver'), below(at, 'receiver'), {
      wanted: 'the name of a receiver',
      found: values.receiver,
      hint: didYouMean(values.receiver, [...receivers]),
    })
  for (const key of ['mute_time_intervals', 'active_time_intervals'] as const) {
    const items = map.keys.get(key)?.value
    for (const [nth, name] of (values[key] ?? []).entries()) {
      if (intervals.has(name)) continue
      const place = items?.kind === 'list' ? items.items[nth]?.place : undefined
      complain(place ?? placeOf(part, key), below(at, key), {
        wanted: 'the name of a time interval',
        found: name,
      })
    }
  }
}
