// Two versions of the same rules over the same time: which firings are gone, which are new, which are the same? Rules are
// matched by their id, else by group and name; firings by label set, without the labels that the rule sets, and by time
// that they share. Called by backtest.ts.
import type { Change, Episode, RemovedReport } from './report.ts'
import { type AlertResult, identityOf } from './rule-replay.ts'

export type Compared = Readonly<{
  // By the id of the newer rule.
  changes: ReadonlyMap<string, Change>
  removed: readonly RemovedReport[]
}>

export function compare(now: readonly AlertResult[], before: readonly AlertResult[]): Compared {
  const left = new Map(before.map(each => [each.rule.id, each]))
  const pairs = new Map<AlertResult, AlertResult>()
  const match = (found: (one: AlertResult) => AlertResult | undefined): void => {
    for (const one of now) {
      const old = pairs.has(one) ? undefined : found(one)
      if (old === undefined) continue
      pairs.set(one, old)
      left.delete(old.rule.id)
    }
  }
  match(({ rule }) => left.get(rule.id))
  match(one => [...left.values()].find(old => titleOf(old) === titleOf(one)))
  const changes = new Map(now.map(one => [one.rule.id, changeOf(one, pairs.get(one))]))
  const removed = [...left.values()].map(({ rule, group, tallied }) => ({
    id: rule.id,
    group: group.name,
    name: rule.alert,
    firings: tallied.firings,
  }))
  return { changes, removed }
}

const titleOf = ({ group, rule }: AlertResult): string => JSON.stringify([group.name, rule.alert])

function changeOf(now: AlertResult, old: AlertResult | undefined): Change {
  const { firings } = now.tallied
  if (old === undefined) return { kind: 'added', was: 0, gone: 0, new: firings, same: 0 }
  const [mine, theirs] = [byIdentity(now), byIdentity(old)]
  const without = (all: ByIdentity, others: ByIdentity): number =>
    [...all].reduce((sum, [key, episodes]) => sum + lonely(episodes, others.get(key) ?? []), 0)
  const fresh = without(mine, theirs)
  return {
    kind: 'known',
    was: old.tallied.firings,
    gone: without(theirs, mine),
    new: fresh,
    same: now.tallied.episodes.length - fresh,
  }
}

type ByIdentity = ReadonlyMap<string, readonly Episode[]>

function byIdentity({ rule, tallied }: AlertResult): ByIdentity {
  const all = new Map<string, Episode[]>()
  for (const each of tallied.episodes) {
    const key = identityOf(each.labels, rule)
    const known = all.get(key)
    if (known === undefined) all.set(key, [each])
    else known.push(each)
  }
  for (const episodes of all.values()) episodes.sort((a, b) => a.beginMs - b.beginMs)
  return all
}

const endOf = ({ endMs }: Episode): number => endMs ?? Number.POSITIVE_INFINITY

// Those of the first list that share no time with any of the second; both ascend, and none overlaps its neighbour.
function lonely(episodes: readonly Episode[], others: readonly Episode[]): number {
  let [count, at] = [0, 0]
  for (const each of episodes) {
    while (at < others.length && endOf(others[at]!) <= each.beginMs) at++
    const other = others[at]
    if (other === undefined || other.beginMs >= endOf(each)) count += 1
  }
  return count
}
