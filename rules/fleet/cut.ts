// Which groups may be evaluated host by host, and which need to see everything? A group stays together: one rule that
// looks at more than one host's samples takes the others with it. Called by fleet.ts when rule files were read.
import type { Labels } from '#core/model.ts'
import { partitionOf } from '#core/partition.ts'
import { programOf } from '../live/program.ts'
import { lookbackMs } from '../lookback.ts'
import type { RuleGroup } from '../rule.ts'
import { type Share, shareOfGroup } from './shares.ts'

// The labels by which a series travels: who keeps both finds all it joins in one partition.
export const keeps = ['host', 'instance'] as const

export function groupsOf(
  { kind, number }: Share,
  groups: readonly RuleGroup[],
  headWindowMs: number,
): readonly RuleGroup[] {
  return groups.filter(each =>
    isByHost(each, headWindowMs) ? kind === 'hosts' : kind === 'groups' && shareOfGroup(each.name) === number,
  )
}

// Where a series travels that names a host or an instance; those that name none are found nowhere again.
export function liesIn({ kind, partitions }: Share, { host, instance }: Labels): boolean {
  const key = host ?? instance
  return kind === 'groups' || (key !== undefined && partitions.includes(partitionOf(key)))
}

// Whether a share notices that this host falls silent. Shares of groups read what those of hosts say of it.
export const hears = (share: Share, host: string): boolean =>
  share.kind === 'hosts' && liesIn(share, { host })

// Asked for each share, and dear for thousands of rules.
const byHost = new WeakMap<RuleGroup, boolean>()

function isByHost(group: RuleGroup, headWindowMs: number): boolean {
  const known = byHost.get(group) ?? looksAtOneHost(group, headWindowMs)
  byHost.set(group, known)
  return known
}

function looksAtOneHost(group: RuleGroup, headWindowMs: number): boolean {
  const untimed = { ...group, intervalMs: undefined }
  const { plans, timed } = programOf([untimed], { lookbackMs, headWindowMs, keeps })
  return timed.length === 0 && plans.every(({ kind }) => kind !== 'whole')
}
