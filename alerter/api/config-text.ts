// The configuration as Alertmanager's status shows it, and amtool reads it again to say where an alert goes. Receivers
// stand there by name alone: how they are reached is nobody's business, and much of it is secret. Called by bin/.
import { durationText } from '#core/duration.ts'
import type { AlertmanagerConfig } from '../alertmanager.ts'
import type { Interval, Range } from '../interval.ts'
import { type LabelMatcher, matcherText } from '../matcher.ts'
import type { Route } from '../route.ts'

export function configText(config: AlertmanagerConfig): string {
  const { route, receivers, inhibitions, intervals, resolveTimeoutMs } = config
  return yaml({
    global: { resolve_timeout: durationText(resolveTimeoutMs) },
    route: routeTree(route, true),
    inhibit_rules: inhibitions.map(({ sources, targets, equal }) => ({
      source_matchers: texts(sources),
      target_matchers: texts(targets),
      equal,
    })),
    receivers: [...receivers.keys()].map(name => ({ name })),
    time_intervals: [...intervals].map(([name, several]) => ({
      name,
      time_intervals: several.map(intervalTree),
    })),
  })
}

type Tree = string | boolean | readonly Tree[] | { readonly [name: string]: Tree | undefined }

const texts = (matchers: readonly LabelMatcher[]): readonly string[] => matchers.map(matcherText)

function routeTree(route: Route, isRoot: boolean): Tree {
  const { mutes, actives } = route
  return {
    receiver: route.receiver,
    group_by: route.groupBy === 'all' ? ['...'] : route.groupBy,
    ...(isRoot ? {} : { matchers: texts(route.matchers), continue: route.continues }),
    group_wait: durationText(route.groupWaitMs),
    group_interval: durationText(route.groupIntervalMs),
    repeat_interval: durationText(route.repeatMs),
    mute_time_intervals: mutes,
    active_time_intervals: actives,
    routes: route.routes.map(each => routeTree(each, false)),
  }
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

function intervalTree({ times, daysOfMonth, months, years, zone, ...rest }: Interval): Tree {
  const ranges = (all: readonly Range[] | undefined, textOf: (value: number) => string): Tree | undefined =>
    all?.map(({ from, to }) => (from === to ? textOf(from) : `${textOf(from)}:${textOf(to)}`))
  return {
    times: times?.map(({ from, to }) => ({ start_time: minuteText(from), end_time: minuteText(to) })),
    weekdays: ranges(rest.weekdays, day => weekdays[day]!),
    days_of_month: ranges(daysOfMonth, String),
    months: ranges(months, String),
    years: ranges(years, String),
    location: zone,
  }
}

const two = (value: number): string => String(value).padStart(2, '0')
const minuteText = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`

// Empty lists and what is not there are left out.
function yaml(tree: Tree, indent = ''): string {
  if (typeof tree === 'boolean') return `${tree}\n`
  // Words and durations stand as they are; JSON is YAML for all others.
  if (typeof tree === 'string') return `${isPlain(tree) ? tree : JSON.stringify(tree)}\n`
  if (Array.isArray(tree))
    return tree.map(each => `${indent}- ${yaml(each, `${indent}  `).trimStart()}`).join('')
  return Object.entries(tree)
    .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${indent}${name}:${yamlBehind(value!, indent)}`)
    .join('')
}

const yamlBehind = (value: Tree, indent: string): string =>
  typeof value === 'object' ? `\n${yaml(value, `${indent}  `)}` : ` ${yaml(value)}`

const isPlain = (text: string): boolean =>
  /^[a-zA-Z_][\w-]*$|^\d+[a-z]+$/.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(text)
