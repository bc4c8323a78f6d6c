// The same time replayed the long way: every group at every step, each writing what it finds before the next one reads.
// Called by the tests of the backtest, which hold their answers against this one.
import { fingerprint, noLabels } from '#core/labels.ts'
import type { MemorySource } from '#promql/memory-source.ts'
import { evaluateGroup, type GroupState } from '../../../rules/group.ts'
import type { RuleGroup } from '../../../rules/rule.ts'

export type Fired = Readonly<{ rule: string; key: string; beginMs: number; endMs: number | null }>
export type Live = Readonly<{ fired: readonly Fired[]; faults: ReadonlyMap<string, number> }>

export type Span = Readonly<{ fromMs: number; toMs: number; stepMs: number }>

// Writes into the source.
export function live(
  groups: readonly RuleGroup[],
  source: MemorySource,
  { fromMs, toMs, stepMs }: Span,
): Live {
  const states = new Map<RuleGroup, GroupState>()
  const open = new Map<string, Fired>()
  const fired: Fired[] = []
  const faults = new Map<string, number>()
  for (let nowMs = Math.ceil(fromMs / stepMs) * stepMs; nowMs <= toMs; nowMs += stepMs) {
    for (const group of groups) {
      const world = { nowMs, source, externalLabels: noLabels, externalUrl: '' }
      const { next, samples, transitions } = evaluateGroup(group, states.get(group) ?? new Map(), world)
      states.set(group, next)
      for (const { series, tMs, value } of samples) source.put(series, tMs, value)
      for (const [id, { health }] of next) if (health === 'err') faults.set(id, (faults.get(id) ?? 0) + 1)
      for (const { rule, fingerprint: key, state, sinceMs } of transitions) {
        const place = `${rule}/${key}`
        if (state === 'firing') open.set(place, { rule, key, beginMs: sinceMs, endMs: null })
        else {
          fired.push({ ...open.get(place)!, endMs: sinceMs })
          open.delete(place)
        }
      }
    }
  }
  return { fired: inOrder([...fired, ...open.values()]), faults }
}

export const inOrder = (fired: readonly Fired[]): Fired[] =>
  [...fired].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

export const keyOf = fingerprint
