// Which ways there are to tell somebody, and which of them an integration takes in what order. Looked at anew whenever
// the configuration is another one. Called by delivery and by the watchdog.
import type { Budget, Channel } from '../channel.ts'
import { channels } from '../channels/index.ts'
import { failoverOf } from '../failover.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import type { Integration } from '../route.ts'
import { settingsDigest } from '../settings-digest.ts'
import { channelOf } from '../unready.ts'

export type Way = Readonly<{
  id: string
  channel: Channel
  settings: unknown
  // Of each number that is asked for itself; one list where a message counts as one.
  budgets: readonly (readonly Budget[])[]
  // The numbers that it tells, in the order in which they are asked; empty where it tells none.
  who: readonly string[]
  // Another one where the settings are others.
  digest: string
  tellsEnds: boolean
}>

// Nothing to fall over to: one way, and all the time in the world.
export type Course = Readonly<{
  ways: readonly string[]
  withinMs: number
  receiptMs: number | null
}>

export interface Ways {
  // Whether they may be others than before.
  refresh(): boolean
  way(id: string): Way | undefined
  // Of an integration; nothing where it is gone. Nobody is called at night to be told that it works again, where another
  // way of a failover can say so.
  course(integration: string, telling?: OutboxEntry['telling']): Course | undefined
  all(): Iterable<Way>
}

export function openWays(
  integrations: () => ReadonlyMap<string, Integration>,
  table: Readonly<Record<string, Channel>> = channels,
): Ways {
  let seen: ReadonlyMap<string, Integration> | undefined
  const ways = new Map<string, Way>()
  const courses = new Map<string, Course>()

  const add = (integration: Integration): string[] => {
    const { id } = integration
    const channel = channelOf(integration, table)
    if (channel === undefined) return []
    if (!ways.has(id)) ways.set(id, wayOf(integration, channel))
    return [id]
  }
  return {
    refresh() {
      const found = integrations()
      if (found === seen) return false
      seen = found
      ways.clear()
      courses.clear()
      for (const integration of found.values()) {
        const { order, withinMs, receiptMs } = failoverOf(integration) ?? alone(integration)
        courses.set(integration.id, { ways: order.flatMap(add), withinMs, receiptMs })
      }
      return true
    },
    way: id => ways.get(id),
    course(integration, telling) {
      const found = courses.get(integration)
      if (found === undefined || found.ways.length === 0) return undefined
      if (telling === undefined || !isEnd(telling)) return found
      const quiet = found.ways.filter(id => ways.get(id)!.tellsEnds)
      return quiet.length === 0 ? found : { ...found, ways: quiet }
    },
    all: () => ways.values(),
  }
}

// Each of its numbers has budgets of its own, and may be told while others wait.
export const asksApart = ({ budgets }: Way): boolean => budgets.length > 1

// Of some of those numbers, as missing.ts counts them.
export const budgetsOf = ({ budgets }: Way, numbers: readonly number[]): readonly Budget[] =>
  numbers.flatMap(nth => budgets[nth] ?? [])

export const wayOf = ({ id, settings, tellsEnds }: Integration, channel: Channel): Way => ({
  ...{ id, channel, settings, tellsEnds },
  budgets: apart(channel.budgets(settings)),
  who: channel.phones?.(settings) ?? [],
  digest: settingsDigest(withoutLimits(settings)),
})

// Who may be told more has not to be told again.
const limits = new Set(['per_hour', 'per_day', 'per_month'])
const withoutLimits = (settings: unknown): unknown =>
  typeof settings !== 'object' || settings === null
    ? settings
    : Object.fromEntries(Object.entries(settings).filter(([name]) => !limits.has(name)))

function apart(budgets: readonly Budget[]): Way['budgets'] {
  const last = Math.max(...budgets.map(({ nth = -1 }) => nth))
  if (last <= 0) return [budgets]
  return Array.from({ length: last + 1 }, (_, at) => budgets.filter(({ nth = at }) => nth === at))
}

const isEnd = ({ firing, resolved }: OutboxEntry['telling']): boolean =>
  firing.length === 0 && resolved.length > 0

const alone = (integration: Integration) => ({
  order: [integration],
  withinMs: Number.POSITIVE_INFINITY,
  receiptMs: null,
})
