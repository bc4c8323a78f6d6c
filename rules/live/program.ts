// How each rule is evaluated while samples arrive, decided once when rule files are read: compiled over one selector,
// by label sets that belong together, as a whole, over the store, or at the times of its group. Called by
// live-rules.ts and by the engine.

import type { Signature } from '#promql/classify/signature.ts'
import type { Watch } from '../head.ts'
import { type Kernel, openKernels } from '../kernel.ts'
import { matchersKey } from '../matchers-key.ts'
import type { Rule, RuleGroup } from '../rule.ts'
import { type Needs, needsOf } from './needs.ts'

export type ProgramOptions = Readonly<{
  lookbackMs: number
  // What looks back further is evaluated over the store.
  headWindowMs: number
  // Labels that a signature must keep for its label sets to be evaluated apart: on a fleet those that decide where a
  // series travels.
  keeps?: readonly string[]
}>

// `watches` are numbers in the program's list, `windows` the shortest ones through which the rule looks at each.
type Reading = Readonly<{ watches: readonly number[]; windows: ReadonlyMap<number, number> }>

export type Plan = Readonly<{ rule: Rule; group: RuleGroup }> &
  Reading &
  Readonly<
    | { kind: 'kernel'; kernel: Kernel }
    | { kind: 'sets'; signature: Signature }
    | { kind: 'whole'; isTimely: boolean }
  >

// At fixed times: all of a group with an interval, or one rule that looks back too far for memory.
export type Timed = Readonly<{ group: RuleGroup; intervalMs: number; needsStore: boolean }>

export type Program = Readonly<{
  groups: readonly RuleGroup[]
  watches: readonly Watch[]
  // The short windows through which rules look at something.
  windows: readonly Watch[]
  // On arrival, in their order.
  plans: readonly Plan[]
  timed: readonly Timed[]
}>

const farEachMs = 60_000

export function programOf(groups: readonly RuleGroup[], options: ProgramOptions): Program {
  const { lookbackMs, headWindowMs } = options
  const watches = openWatches()
  const windows = openWatches()
  const kernels = openKernels({ lookbackMs })
  const plans: Plan[] = []
  const timed: Timed[] = []
  for (const group of groups) {
    const { intervalMs, queryOffsetMs } = group
    const all = group.rules.map(rule => needsOf(rule, { lookbackMs, queryOffsetMs }))
    for (const needs of all) windows.add(needs.windows)
    const isFar = ({ farMs, isFixed }: Needs): boolean => isFixed || farMs > headWindowMs
    if (intervalMs !== undefined) {
      const needsStore = all.some(isFar)
      if (!needsStore) for (const needs of all) watches.add([...needs.watches, ...needs.asked])
      timed.push({ group, intervalMs, needsStore })
      continue
    }
    for (const [at, needs] of all.entries()) {
      const rule = group.rules[at]!
      if (isFar(needs)) {
        timed.push({ group: { ...group, rules: [rule] }, intervalMs: farEachMs, needsStore: true })
        continue
      }
      plans.push(planOf({ rule, group, needs, kernels, watches }, options))
    }
  }
  return { groups, watches: watches.all, windows: windows.all, plans, timed }
}

type Given = Readonly<{
  rule: Rule
  group: RuleGroup
  needs: Needs
  kernels: ReturnType<typeof openKernels>
  watches: Watches
}>

function planOf({ rule, group, needs, kernels, watches }: Given, { keeps = [] }: ProgramOptions): Plan {
  const base = { rule, group, ...readingOf(needs, watches) }
  watches.add(needs.asked)
  const { scope, signature } = needs.class
  const isApart = scope === 'local' && group.limit === 0 && !needs.isTimely && carries(signature, keeps)
  if (!isApart || collides(rule)) return { ...base, kind: 'whole', isTimely: needs.isTimely }
  const kernel = kernels.compile(rule.expr)
  if (kernel === undefined) return { ...base, kind: 'sets', signature }
  return { ...base, kind: 'kernel', kernel, watches: watches.add([kernel.watch]) }
}

function readingOf(needs: Needs, watches: Watches): Reading {
  const windows = new Map<number, number>()
  for (const watch of needs.watches) {
    const [number] = watches.add([watch])
    for (const each of watch.windowsMs) {
      windows.set(number!, Math.min(windows.get(number!) ?? Number.POSITIVE_INFINITY, each))
    }
  }
  return { watches: watches.add(needs.watches), windows }
}

const carries = ({ kind, labels }: Signature, keeps: readonly string[]): boolean =>
  keeps.every(each => labels.includes(each) === (kind === 'by'))

// A label that a template fills may make two results one alert, which is an error of the whole rule.
const collides = (rule: Rule): boolean =>
  rule.kind === 'alert' && [...rule.labels.values()].some(({ template }) => !('plain' in template))

type Watches = ReturnType<typeof openWatches>

// Rules that read the same selector share a watch.
function openWatches() {
  const all: Watch[] = []
  const numbers = new Map<string, number>()
  const one = (watch: Watch): number => {
    const key = matchersKey(watch.matchers)
    const known = numbers.get(key)
    if (known === undefined) {
      numbers.set(key, all.length)
      return all.push(watch) - 1
    }
    all[known] = joined(all[known]!, watch)
    return known
  }
  return { all, add: (watches: readonly Watch[]): number[] => [...new Set(watches.map(one))] }
}

const joined = (a: Watch, b: Watch): Watch => ({
  matchers: a.matchers,
  keepMs: Math.max(a.keepMs, b.keepMs),
  windowsMs: [...new Set([...a.windowsMs, ...b.windowsMs])].sort((x, y) => x - y),
  ends: a.ends || b.ends,
})
