// One rule in its place: how it is evaluated just now, its alerts, and how it fares. A rule that fails is from then on
// evaluated as a whole, which says what is wrong as Prometheus says it, and its alerts stay as they are; once it has been
// healthy for a while it goes its quick way again. Opened by seats.ts.
import { Failure } from '#core/errors.ts'
import type { Series } from '#core/model.ts'
import type { Pieces } from '../ask.ts'
import type { RuleView } from '../view.ts'
import { type Effect, RecordEffect } from './effects.ts'
import type { Keeper } from './keeper.ts'
import { openPatience } from './patience.ts'
import type { Plan } from './program.ts'
import type { Failed, LiveRule, Round, Site } from './site.ts'
import { WholeRule } from './whole-rule.ts'

// A rule that looks at what changed, and what becomes of what it finds.
export type Quick = Readonly<{ effect: Effect; live: LiveRule }>

export type SeatParts = Readonly<{
  plan: Plan
  number: number
  site: Site
  keeper: Keeper | undefined
  failed: Failed
  // Nothing where it is always evaluated as a whole.
  openQuick: (() => Quick) | undefined
}>

export class LiveSeat {
  readonly #parts: SeatParts
  readonly #patience = openPatience()
  #live: LiveRule
  #effect: Effect | undefined
  #evaluatedAtMs: number | undefined
  tookMs = 0
  evaluations = 0
  // Of these, those that looked at little.
  smallOnes = 0
  restUntilMs = 0

  constructor(parts: SeatParts) {
    this.#parts = parts
    const quick = parts.openQuick?.()
    this.#effect = quick?.effect
    this.#live = quick?.live ?? new WholeRule(this.#wholeParts)
  }

  get plan(): Plan {
    return this.#parts.plan
  }

  get live(): LiveRule {
    return this.#live
  }

  get keeper(): Keeper | undefined {
    return this.#parts.keeper
  }

  get how(): Plan['kind'] {
    return this.isWhole ? 'whole' : this.#parts.plan.kind
  }

  get isWhole(): boolean {
    return this.#live instanceof WholeRule
  }

  succeeded(nowMs: number): void {
    this.#evaluatedAtMs = nowMs
  }

  // Of a recording rule, by key.
  get written(): ReadonlyMap<string, Series> {
    if (this.#live instanceof WholeRule) return this.#live.state.written
    return this.#effect instanceof RecordEffect ? this.#effect.written : new Map()
  }

  *becomeWhole(round: Round): Pieces {
    const effect = this.#effect
    const { written } = this
    this.#live = new WholeRule(this.#wholeParts, written)
    effect?.close()
    this.#effect = undefined
    this.#patience.failed(round.nowMs)
    yield* this.#live.all(round) ?? []
    this.#evaluatedAtMs = round.nowMs
  }

  // It has just been evaluated as a whole, so that what the quick way finds is what there is.
  *recover(round: Round): Pieces {
    const { openQuick, site, plan } = this.#parts
    const whole = this.#live
    if (openQuick === undefined || !(whole instanceof WholeRule)) return
    if (!this.#patience.isOver(whole.state.health === 'ok', round.nowMs)) return
    const { effect, live } = openQuick()
    try {
      yield* live.all(round) ?? []
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      // Nothing has been made of what it found.
      effect.close()
      this.#patience.failed(round.nowMs)
      return
    }
    const written = effect instanceof RecordEffect ? effect.written : undefined
    for (const [key, series] of whole.state.written) {
      if (written?.has(key) === false) site.pen(plan.rule).endSeries(series, round.nowMs)
    }
    this.#patience.recovered(round.nowMs)
    this.#live = live
    this.#effect = effect
    this.restUntilMs = 0
  }

  // Those of an earlier run that nothing was found for: at once, or when they have waited for long enough.
  missOrphans(): void {
    const { site, number, keeper } = this.#parts
    for (const key of this.#effect?.orphans ?? []) {
      site.wakes.add({ atMs: keeper?.waitsUntilMs(key) ?? 0, rule: number, key })
    }
  }

  // Keys of alerts that go on.
  get active(): string[] {
    const alerts = this.#parts.keeper?.alerts ?? new Map()
    return [...alerts].flatMap(([key, { phase }]) => (phase === 'resolved' ? [] : key))
  }

  view(): RuleView {
    const { plan, keeper } = this.#parts
    const state = this.#live instanceof WholeRule ? this.#live.state : undefined
    const evaluatedAtMs = this.#evaluatedAtMs
    return {
      rule: plan.rule,
      alerts: new Map([...(keeper?.alerts ?? [])].filter(([, { phase }]) => phase !== 'resolved')),
      health: state?.health ?? (evaluatedAtMs === undefined ? 'unknown' : 'ok'),
      ...(state?.error === undefined ? {} : { error: state.error }),
      ...(evaluatedAtMs === undefined ? {} : { evaluatedAtMs }),
      tookMs: this.tookMs,
    }
  }

  get #wholeParts() {
    const { plan, site, keeper, failed } = this.#parts
    return { rule: plan.rule, group: plan.group, site, keeper, failed }
  }
}
