// A rule whose results may depend on every series that it sees: all of it is evaluated, at once on a first change and
// then as often as leaves time for others. Opened by live-rules.ts.
import { atOnce } from '../ask.ts'
import { evaluateRule, type RuleState, unknown } from '../evaluate-rule.ts'
import type { Rule, RuleGroup } from '../rule.ts'
import type { Keeper } from './keeper.ts'
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
  #state: RuleState

  constructor(parts: WholeParts, written: RuleState['written'] = new Map()) {
    this.#parts = parts
    this.#state = { ...unknown, written }
  }

  get state(): RuleState {
    return this.#state
  }

  all(round: Round): void {
    this.#evaluate(round)
  }

  changed(round: Round): void {
    this.#evaluate(round)
  }

  woken(_keys: readonly string[], round: Round): void {
    this.#evaluate(round)
  }

  #evaluate({ world, nowMs }: Round): void {
    const { rule, group, site, keeper } = this.#parts
    const before = { ...this.#state, ...(keeper === undefined ? {} : { alerts: keeper.alerts }) }
    const stepped = atOnce(evaluateRule(rule, before, world, group))
    this.#state = stepped.state
    if (stepped.state.health === 'err') this.#parts.failed(group)
    if (keeper !== undefined) keeper.adopt(stepped, nowMs)
    else site.recorder.write(stepped.samples)
  }
}
