// From plans to nodes: equal parts become one node, whichever expression they stand in. Called by kernel.ts.
import { rangeFunctions } from '#promql/evaluate/range-functions.ts'
import { changed, joined, operator, sets } from './joins.ts'
import { newest, overWindow } from './leaves.ts'
import { type Fill, type Node, openNode } from './node.ts'
import type { Joined, Plan, Windowed } from './plan.ts'
import { threshold } from './threshold.ts'

export type Link = (plan: Plan) => Node

export function openLinks(lookbackMs: number): Link {
  const known = new Map<string, Node>()
  const link = (plan: Plan): Node => {
    const node = known.get(plan.text) ?? openNode(fillOf(plan))
    known.set(plan.text, node)
    node.users++
    return node
  }
  const fillOf = (plan: Plan): Fill => {
    switch (plan.kind) {
      case 'newest':
        return newest(lookbackMs)
      case 'windowed':
        return windowed(plan)
      case 'changed':
        return changed(link(plan.of), plan.change)
      case 'threshold':
        return threshold(link(plan.of), plan.op, plan.than)
      case 'joined':
        return joined(link(plan.left), link(plan.right), joinOf(plan))
    }
  }
  return link
}

// NaN gives way to any number, or makes the result NaN.
const sure = new Set([
  ...['avg', 'first', 'last', 'mad', 'max', 'min', 'stddev', 'stdvar', 'sum'].map(
    each => `${each}_over_time`,
  ),
  ...['deriv', 'idelta', 'irate'],
])

const windowed = ({ name, rangeMs, p, q }: Windowed): Fill =>
  overWindow({ does: rangeFunctions[name]!, rangeMs, p, q, isSure: sure.has(name) })

function joinOf({ op, bool }: Joined): ReturnType<typeof operator> {
  return op === 'and' || op === 'or' || op === 'unless' ? sets[op] : operator(op, bool)
}
