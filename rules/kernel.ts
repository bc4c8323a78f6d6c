// Which expressions can be computed for many series at once, without the evaluator, and how? Those whose every result
// is of one series, and depends on that series alone: thresholds, averages and rates with arithmetic around. What they
// find equals what the evaluator finds, bit for bit. Called by the live rules when rules are loaded.
import type { Expr } from '#promql/ast.ts'
import type { Watch } from './head.ts'
import type { Hits } from './kernel/hits.ts'
import { openLinks } from './kernel/link.ts'
import { findAll } from './kernel/node.ts'
import { type Newest, type Plan, planOf, type Windowed } from './kernel/plan.ts'
import type { Sheet } from './kernel/sheet.ts'
import { matchersKey } from './matchers-key.ts'

export { type Hits, openHits } from './kernel/hits.ts'
export { openSheet, type Sheet } from './kernel/sheet.ts'

export type Kernel = Readonly<{
  watch: Watch
  // Whether results keep the metric's name; one that drops it drops __type__ and __unit__ too.
  keepsName: boolean
  // Which positions of sheet.slots have a result, ascending, and the results.
  find(sheet: Sheet, hits: Hits): void
}>

// Undefined: the evaluator has to do it.
export type Kernels = Readonly<{ compile(expr: Expr): Kernel | undefined }>

// All kernels that are opened together share what they have in common.
export function openKernels({ lookbackMs }: Readonly<{ lookbackMs: number }>): Kernels {
  const link = openLinks(lookbackMs)
  return {
    compile(expr) {
      const plan = planOf(expr)
      const watch = plan === undefined ? undefined : watchOf(leavesOf(plan))
      if (plan === undefined || watch === undefined) return undefined
      const node = link(plan)
      return { watch, keepsName: plan.keepsName, find: (sheet, hits) => findAll(node, sheet, hits) }
    },
  }
}

type Leaf = Newest | Windowed

function leavesOf(plan: Plan): Leaf[] {
  switch (plan.kind) {
    case 'newest':
    case 'windowed':
      return [plan]
    case 'joined':
      return [...leavesOf(plan.left), ...leavesOf(plan.right)]
    default:
      return leavesOf(plan.of)
  }
}

// Of one selector only.
function watchOf(leaves: readonly Leaf[]): Watch | undefined {
  const { matchers } = leaves[0]!
  const text = matchersKey(matchers)
  if (leaves.some(each => matchersKey(each.matchers) !== text)) return undefined
  const windows = leaves.flatMap(each => (each.kind === 'windowed' ? each.rangeMs : []))
  const windowsMs = [...new Set(windows)].sort((a, b) => a - b)
  return {
    matchers,
    keepMs: windowsMs.at(-1) ?? 0,
    windowsMs,
    ends: leaves.some(each => each.kind === 'newest'),
  }
}
