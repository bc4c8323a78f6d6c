// What the live rules have come to, for those who look: the API, external Alertmanagers, the next reload. Called by
// engine.ts.
import type { Series } from '#core/model.ts'
import type { LiveRules } from '../live-rules.ts'
import type { AlertRule, RuleGroup } from '../rule.ts'
import type { Alerts } from '../state.ts'
import type { GroupView, RuleView } from '../view.ts'
import type { Waiting } from './awaited.ts'
import type { Written } from './options.ts'
import type { Program } from './program.ts'

export type RuleAlerts = Readonly<{ rule: AlertRule; group: RuleGroup; alerts: Alerts }>

export function* ruleAlerts({ seats, timed }: LiveRules): Generator<RuleAlerts> {
  for (const { plan, keeper } of seats) {
    const { rule, group } = plan
    if (keeper !== undefined && rule.kind === 'alert') yield { rule, group, alerts: keeper.alerts }
  }
  for (const { group, keepers } of timed) {
    for (const rule of group.rules) {
      const keeper = keepers.get(rule.id)
      if (keeper !== undefined && rule.kind === 'alert') yield { rule, group, alerts: keeper.alerts }
    }
  }
}

// By the id of the rule.
export const alertsOf = (live: LiveRules): Map<string, Alerts> =>
  new Map([...ruleAlerts(live)].map(({ rule, alerts }) => [rule.id, alerts]))

// What these wrote of rules that have times of their own in the next program.
export function writtenFor({ timed: next }: Program, { seats, timed }: LiveRules): Written {
  const wanted = new Set(next.flatMap(({ group }) => group.rules.map(({ id }) => id)))
  const written = new Map<string, ReadonlyMap<string, Series>>()
  for (const { plan, written: its } of seats.filter(({ plan }) => wanted.has(plan.rule.id)))
    written.set(plan.rule.id, its)
  for (const each of timed)
    for (const { kind, id } of each.group.rules)
      if (kind === 'record' && wanted.has(id)) written.set(id, each.writtenBy(id))
  return written
}

export const waitingOf = ({ patience, seats, timed }: LiveRules): Waiting => ({
  patience,
  missing: new Map([
    ...seats.map(({ plan, keeper }) => [plan.rule.id, keeper?.awaited.missing ?? new Map()] as const),
    ...timed.flatMap(({ keepers }) =>
      [...keepers].map(([id, { awaited }]) => [id, awaited.missing] as const),
    ),
  ]),
})

export function countOf(live: LiveRules, state: 'pending' | 'firing'): number {
  let count = 0
  for (const { alerts } of ruleAlerts(live)) {
    for (const { phase } of alerts.values()) if (phase === state) count++
  }
  return count
}

// In the order of the files.
export function viewsOf({ program, seats, timed }: LiveRules): GroupView[] {
  const views = new Map<string, RuleView>()
  for (const seat of seats) views.set(seat.plan.rule.id, seat.view())
  for (const group of timed) for (const each of group.views()) views.set(each.rule.id, each)
  return program.groups.map(group => ({ group, rules: group.rules.map(({ id }) => views.get(id)!) }))
}
