// Which samples does an expression need? Every selector with the range that all its steps together look at; equal
// ones share what they read. Then they are read, some at the same time. Called by evaluate.ts.
import { Failure } from '#core/errors.ts'
import type { Matcher } from '#core/model.ts'
import type { Range, SeriesSamples } from '#core/store.ts'
import type { Expr, VectorSelector } from '../ast.ts'
import { childrenOf } from '../children.ts'
import type { Source } from '../source.ts'
import { isFixed } from './fixed.ts'
import { type Ends, endOf, type Grid, innerGrid, shifted } from './grid.ts'
import type { Budget } from './limits.ts'

// One read, by one selector or several.
export type Slot = {
  readonly matchers: readonly Matcher[]
  fromMs: number
  toMs: number
  // No more than the newest sample of each series is looked at.
  onlyNewest: boolean
  found: readonly SeriesSamples[]
}

export type Slots = ReadonlyMap<VectorSelector, Slot>

export type Reach = Readonly<{ lookbackMs: number; defaultStepMs: number; ends: Ends; depth: number }>

export function plan(expr: Expr, grid: Grid, reach: Reach): Slots {
  const slots = new Map<VectorSelector, Slot>()
  const byText = new Map<string, Slot[]>()

  const need = (selector: VectorSelector, grid: Grid, backMs: number, isWindow: boolean): void => {
    const looked = shifted(grid, selector, reach.ends)
    // A window is open at its left end.
    const [fromMs, toMs] = [looked.startMs - backMs + 1, endOf(looked)]
    const onlyNewest = !isWindow && looked.count === 1
    const text = selector.matchers.flatMap(({ name, op, value }) => [name, op, value]).join('\ud800')
    const equal = byText.get(text) ?? []
    let slot = equal.find(each => each.fromMs <= toMs && each.toMs >= fromMs)
    if (slot === undefined) {
      slot = { matchers: selector.matchers, fromMs, toMs, onlyNewest, found: [] }
      byText.set(text, [...equal, slot])
    }
    // Whoever looks at another time needs another sample.
    if (!onlyNewest || slot.toMs !== toMs) slot.onlyNewest = false
    slot.fromMs = Math.min(slot.fromMs, fromMs)
    slot.toMs = Math.max(slot.toMs, toMs)
    slots.set(selector, slot)
  }

  const walk = (expr: Expr, wide: Grid, depth: number): void => {
    if (depth > reach.depth) {
      throw new Failure('bad_query', `the expression is nested more than ${reach.depth} deep`)
    }
    const grid = wide.count > 1 && isFixed(expr) ? { ...wide, count: 1 } : wide
    switch (expr.kind) {
      case 'selector':
        need(expr, grid, reach.lookbackMs, false)
        break
      case 'range':
        need(expr.selector, grid, expr.rangeMs, true)
        break
      case 'subquery': {
        const looked = shifted(grid, expr, reach.ends)
        const inner = innerGrid(looked, expr.rangeMs, expr.stepMs ?? reach.defaultStepMs)
        if (inner.count > 0) walk(expr.expr, inner, depth + 1)
        break
      }
      default:
        for (const part of childrenOf(expr)) walk(part, grid, depth + 1)
    }
  }
  walk(expr, grid, 0)
  return slots
}

export function readNow(slots: Slots, source: Source, budget: Budget): void {
  for (const slot of new Set(slots.values())) {
    const answer = source.select(slot.matchers, rangeOf(slot))
    if (answer instanceof Promise) throw new Error('this source does not answer at once: use evaluate()')
    take(slot, answer, budget)
  }
}

export async function read(slots: Slots, source: Source, by: Reader): Promise<void> {
  const waiting = [...new Set(slots.values())]
  const readOn = async (): Promise<void> => {
    try {
      for (let slot = waiting.shift(); slot !== undefined; slot = waiting.shift()) {
        take(slot, await source.select(slot.matchers, rangeOf(slot), by.signal), by.budget)
      }
    } catch (error) {
      // What nobody will look at is not read any more.
      waiting.length = 0
      throw error
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, readOn))
}

// A hundred at once would hold what they find before any limit could end them.
const atOnce = 8

const rangeOf = ({ fromMs, toMs, onlyNewest }: Slot): Range =>
  onlyNewest ? { fromMs, toMs, onlyNewest } : { fromMs, toMs }

type Reader = Readonly<{ budget: Budget; signal: AbortSignal | undefined }>

function take(slot: Slot, found: readonly SeriesSamples[], budget: Budget): void {
  let samples = 0
  for (const { tMs } of found) samples += tMs.length
  budget.read(found.length, samples)
  slot.found = found
}
