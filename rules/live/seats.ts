// The rules of a program in their places, each in the way that the program has decided, and the groups that are evaluated
// at fixed times. Called by live-rules.ts.
import { matchersKey } from '../matchers-key.ts'
import type { AlertRule, RuleGroup } from '../rule.ts'
import type { Alerts } from '../state.ts'
import { AlertEffect, type Effect, RecordEffect } from './effects.ts'
import { Keeper } from './keeper.ts'
import { KernelRule } from './kernel-rule.ts'
import { LiveSeat, type Quick } from './live-seat.ts'
import type { LiveOptions } from './options.ts'
import type { Holder } from './places.ts'
import type { Plan } from './program.ts'
import { SetRule } from './set-rule.ts'
import { Sets } from './sets.ts'
import type { Failed, Site } from './site.ts'
import { TimedGroup } from './timed-group.ts'

type Seats = Readonly<{ seats: readonly LiveSeat[]; timed: readonly TimedGroup[] }>

const nothing: Alerts = new Map()

export function openSeats(options: LiveOptions, site: Site): Seats {
  const { program, saved, nowMs, written = new Map() } = options
  const shared = new Map<string, Sets>()
  const failures = options.own.counter('plimsoll_rules_failures_total')
  const failed: Failed = group => failures.inc(1, { group: group.name })
  const seats = program.plans.map((plan, number) => {
    const { rule, group } = plan
    const keeper =
      rule.kind === 'alert'
        ? new Keeper({ rule, group, number, site, nowMs }, saved.get(rule.id) ?? nothing)
        : undefined
    const openQuick = (): Quick => quickOf(plan, { keeper, site }, { options, shared })
    return new LiveSeat({
      plan,
      number,
      site,
      keeper,
      failed,
      openQuick: plan.kind === 'whole' ? undefined : openQuick,
    })
  })
  // Their alerts are looked at when their time comes, whatever else happens: they have no number.
  const quiet = withoutWakes(site)
  const keeperOf = (rule: AlertRule, group: RuleGroup): Keeper =>
    new Keeper({ rule, group, number: -1, site: quiet, nowMs }, saved.get(rule.id) ?? nothing)
  const timed = program.timed.map(each => {
    const keepers = each.group.rules.flatMap(rule =>
      rule.kind === 'alert' ? [[rule.id, keeperOf(rule, each.group)] as const] : [],
    )
    return new TimedGroup({ timed: each, site: quiet, keepers: new Map(keepers), failed, written }, nowMs)
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

type Around = Readonly<{ keeper: Keeper | undefined; site: Site }>

function effectOf({ rule }: Plan, { keeper, site }: Around, holder: Holder): Effect {
  if (rule.kind === 'record') return new RecordEffect(rule, site.pen(rule), holder)
  if (keeper === undefined) throw new Error('an alerting rule has no keeper')
  return new AlertEffect(rule, keeper, holder)
}

type Sharing = Readonly<{ options: LiveOptions; shared: Map<string, Sets> }>

function quickOf(plan: Plan, around: Around, { options, shared }: Sharing): Quick {
  const { head, table, program } = options
  if (plan.kind === 'kernel') {
    const effect = effectOf(plan, around, head)
    const watch = plan.watches[0]!
    const windowMs = plan.windows.get(watch) ?? 0
    return { effect, live: new KernelRule({ kernel: plan.kernel, watch, windowMs, effect, head, table }) }
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
  const effect = effectOf(plan, around, sets)
  return { effect, live: new SetRule({ rule: plan.rule, sets, windows: plan.windows, effect }) }
}
