// A rule whose results may depend on every series that it sees: all of it is evaluated, at once on a first change and
// then as often as leaves time for others. Opened by live-rules.ts.
import { inPieces, type Pieces } from '../ask.ts'
import { evaluateRule, type RuleState, unknown } from '../evaluate-rule.ts'
import type { Rule, RuleGroup } from '../rule.ts'
import type { Keeper } from './keeper.ts'
import type { Pen } from './pen.ts'
import type { Failed, LiveRule, Round, Site } from './site.ts'

export type WholeParts = Readonly<{
  rule: Rule
  group: RuleGroup
  site: Site
  keeper: Keeper | undefined
  failed: Failed
}>

export class WholeRule implements LiveRule {
  readonly #parts: WholeParts
  readonly #pen: Pen
  #state: RuleState

  constructor(parts: WholeParts, written: RuleState['written'] = new Map()) {
    this.#parts = parts
    this.#pen = parts.site.pen(parts.rule)
    this.#state = { ...unknown, written }
  }

  get state(): RuleState {
    return this.#state
  }

  all(round: Round): Pieces {
    return this.#evaluate(round)
  }

  changed(round: Round): Pieces {
    return this.#evaluate(round)
  }

  woken(_keys: readonly string[], round: Round): Pieces {
    return this.#evaluate(round)
  }

  *#evaluate({ world, nowMs }: Round): Pieces {
    const { rule, group, keeper } = this.#parts
    const before = { ...this.#state, ...(keeper === undefined ? {} : { alerts: keeper.alerts }) }
    const stepped = yield* inPieces(evaluateRule(rule, before, world, { ...group, isQuiet: true }))
    this.#state = stepped.state
    const hasFailed = stepped.state.health === 'err'
    if (hasFailed) this.#parts.failed(group)
    this.#pen.failed(hasFailed, nowMs)
    if (keeper !== undefined) yield* keeper.adopt(stepped, nowMs)
    else this.#pen.write(stepped.samples)
  }
}
