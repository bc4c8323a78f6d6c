// One rule in its place: how it is evaluated just now, its alerts, and how it fares. A rule whose results get in each
// other's way is from then on evaluated as a whole, which says what is wrong as Prometheus says it. Opened by
// live-rules.ts.
import type { Series } from '#core/model.ts'
import { matchersKey } from '../matchers-key.ts'
import type { Alerts } from '../state.ts'
import type { RuleView } from '../view.ts'
import { AlertEffect, type Effect, RecordEffect } from './effects.ts'
import { Keeper } from './keeper.ts'
import { KernelRule } from './kernel-rule.ts'
import type { LiveOptions } from './options.ts'
import type { Plan } from './program.ts'
import { SetRule } from './set-rule.ts'
import { Sets } from './sets.ts'
import type { Failed, LiveRule, Round, Site } from './site.ts'
import { TimedGroup } from './timed-group.ts'
import { WholeRule } from './whole-rule.ts'

type Parts = Readonly<{
  plan: Plan
  number: number
  site: Site
  keeper: Keeper | undefined
  effect: Effect | undefined
  live: LiveRule
  failed: Failed
}>

export class LiveSeat {
  readonly #parts: Parts
  #live: LiveRule
  #evaluatedAtMs: number | undefined
  tookMs = 0
  evaluations = 0
  restUntilMs = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#live = parts.live
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

  becomeWhole(round: Round): void {
    const { plan, site, keeper, effect, failed } = this.#parts
    const written: ReadonlyMap<string, Series> = effect instanceof RecordEffect ? effect.written : new Map()
    this.#live = new WholeRule({ rule: plan.rule, group: plan.group, site, keeper, failed }, written)
    this.#live.all(round)
    this.#evaluatedAtMs = round.nowMs
  }

  // Those of an earlier run that nothing was found for.
  missOrphansAt(atMs: number): void {
    const { effect, site, number } = this.#parts
    for (const key of effect?.orphans ?? []) site.wakes.add({ atMs, rule: number, key })
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
}

type Seats = Readonly<{ seats: readonly LiveSeat[]; timed: readonly TimedGroup[] }>

const nothing: Alerts = new Map()

export function openSeats(options: LiveOptions, site: Site): Seats {
  const { program, saved, nowMs } = options
  const shared = new Map<string, Sets>()
  const failures = options.own.counter('plimsoll_rules_failures_total')
  const failed: Failed = group => failures.inc(1, { group: group.name })
  const seats = program.plans.map((plan, number) => {
    const { rule, group } = plan
    const keeper =
      rule.kind === 'alert'
        ? new Keeper({ rule, group, number, site, nowMs }, saved.get(rule.id) ?? nothing)
        : undefined
    const isWhole = plan.kind === 'whole'
    const effect = isWhole ? undefined : effectOf(plan, keeper, site)
    const live =
      isWhole || effect === undefined
        ? new WholeRule({ rule, group, site, keeper, failed })
        : apart(plan, effect, { options, shared })
    return new LiveSeat({ plan, number, site, keeper, effect, live, failed })
  })
  // Their alerts are looked at when their time comes, whatever else happens: they have no number.
  const quiet = withoutWakes(site)
  const timed = program.timed.map(each => {
    const keepers = each.group.rules.flatMap(rule =>
      rule.kind === 'alert'
        ? [
            [
              rule.id,
              new Keeper(
                { rule, group: each.group, number: -1, site: quiet, nowMs },
                saved.get(rule.id) ?? nothing,
              ),
            ] as const,
          ]
        : [],
    )
    return new TimedGroup({ timed: each, site: quiet, keepers: new Map(keepers), failed }, nowMs)
  })
  return { seats, timed }
}

function withoutWakes(site: Site): Site {
  return {
    ...site,
    get outcome() {
      return site.outcome
    },
    wakes: { add() {} },
  }
}

function effectOf({ rule }: Plan, keeper: Keeper | undefined, { recorder }: Site): Effect {
  if (rule.kind === 'record') return new RecordEffect(rule, recorder)
  if (keeper === undefined) throw new Error('an alerting rule has no keeper')
  return new AlertEffect(rule, keeper)
}

type Around = Readonly<{
  options: LiveOptions
  shared: Map<string, Sets>
}>

function apart(plan: Plan, effect: Effect, { options, shared }: Around): LiveRule {
  const { head, table, program } = options
  if (plan.kind === 'kernel') {
    return new KernelRule({ kernel: plan.kernel, watch: plan.watches[0]!, effect, head, table })
  }
  if (plan.kind === 'whole') throw new Error('a whole rule is not evaluated apart')
  const watches = new Map(
    plan.watches.map(number => [matchersKey(program.watches[number]!.matchers), number] as const),
  )
  // Rules of one signature and the same selectors share what belongs together.
  const key = JSON.stringify([plan.signature, plan.watches])
  const known = shared.get(key)
  const sets = known ?? new Sets({ head, table, signature: plan.signature, watches })
  shared.set(key, sets)
  return new SetRule({ expr: plan.rule.expr, sets, effect })
}
