// A group that is evaluated at fixed times, as Prometheus evaluates all of them: because it states an interval, or
// because a rule of it looks back further than memory goes. Opened by live-rules.ts; over the store by the engine.
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { Series } from '#core/model.ts'
import type { OwnMetrics } from '#core/own-metrics.ts'
import { finish, type Pieces, timed } from '../ask.ts'
import { unknown } from '../evaluate-rule.ts'
import { evaluateGroupInPieces, evaluateGroupWaiting, type GroupState, type GroupStep } from '../group.ts'
import type { World } from '../results.ts'
import type { RuleGroup } from '../rule.ts'
import type { Alerts } from '../state.ts'
import type { RuleView } from '../view.ts'
import type { Keeper } from './keeper.ts'
import type { Written } from './options.ts'
import type { Timed } from './program.ts'
import type { Failed, Site } from './site.ts'

export type TimedParts = Readonly<{
  timed: Timed
  site: Site
  // By the id of the rule; recording rules have none.
  keepers: ReadonlyMap<string, Keeper>
  failed: Failed
  // Of recording rules, before they were read anew.
  written: Written
}>

export class TimedGroup {
  readonly #parts: TimedParts
  readonly #offsetMs: number
  #state: GroupState
  nextMs: number
  isBusy = false
  tookMs = 0

  constructor(parts: TimedParts, nowMs: number) {
    this.#parts = parts
    const { file, name, rules } = parts.timed.group
    this.#state = new Map(
      rules.map(({ id }) => [id, { ...unknown, written: parts.written.get(id) ?? unknown.written }]),
    )
    for (const rule of rules)
      for (const each of this.writtenBy(rule.id).values()) parts.site.pen(rule).keep(each, nowMs)
    // Groups with one interval do not all come at the same moment, and each comes at the same after a restart.
    const spread = Number.parseInt(
      fingerprint(
        labelsOf([
          ['file', file],
          ['name', name],
        ]),
      ).slice(8),
      16,
    )
    this.#offsetMs = spread % parts.timed.intervalMs
    this.nextMs = this.#after(nowMs)
  }

  get group(): RuleGroup {
    return this.#parts.timed.group
  }

  get intervalMs(): number {
    return this.#parts.timed.intervalMs
  }

  get needsStore(): boolean {
    return this.#parts.timed.needsStore
  }

  get keepers(): ReadonlyMap<string, Keeper> {
    return this.#parts.keepers
  }

  views(): RuleView[] {
    return this.group.rules.map(rule => {
      const { health = 'unknown', error, evaluatedAtMs } = this.#state.get(rule.id) ?? {}
      const alerts = this.keepers.get(rule.id)?.alerts ?? new Map()
      return {
        rule,
        alerts: new Map([...alerts].filter(([, { phase }]) => phase !== 'resolved')),
        health,
        ...(error === undefined ? {} : { error }),
        ...(evaluatedAtMs === undefined ? {} : { evaluatedAtMs }),
        tookMs: this.tookMs / Math.max(1, this.group.rules.length),
      }
    })
  }

  writtenBy(rule: string): ReadonlyMap<string, Series> {
    return this.#state.get(rule)?.written ?? unknown.written
  }

  // The answer is how many times have passed unused.
  passBy(nowMs: number): number {
    const behind = Math.max(0, Math.floor((nowMs - this.nextMs) / this.intervalMs))
    this.nextMs += behind * this.intervalMs
    return behind
  }

  *evaluate(world: World): Pieces {
    const step = yield* evaluateGroupInPieces(this.group, this.#before(), world)
    yield* this.#apply(step, world.nowMs)
  }

  async evaluateWaiting(world: World): Promise<() => void> {
    const step = await evaluateGroupWaiting(this.group, this.#before(), world)
    return () => finish(this.#apply(step, world.nowMs))
  }

  *#apply({ next, steps }: GroupStep, nowMs: number): Pieces {
    const { site, keepers } = this.#parts
    this.#state = next
    for (const [at, step] of steps.entries()) {
      const rule = this.group.rules[at]!
      const hasFailed = step.state.health === 'err'
      if (hasFailed) this.#parts.failed(this.group)
      site.pen(rule).failed(hasFailed, nowMs)
      const keeper = keepers.get(rule.id)
      if (keeper !== undefined) yield* keeper.adopt(step, nowMs)
      site.pen(rule).writeEach(step.samples)
    }
  }

  #before(): GroupState {
    const { keepers } = this.#parts
    const before = new Map(this.#state)
    for (const [id, keeper] of keepers) {
      const was = before.get(id) ?? { health: 'unknown', written: new Map() }
      before.set(id, { ...was, alerts: keeper.alerts as Alerts })
    }
    return before
  }

  #after(nowMs: number): number {
    const { intervalMs } = this
    return Math.floor((nowMs - this.#offsetMs) / intervalMs) * intervalMs + this.#offsetMs + intervalMs
  }
}

type Due = Readonly<{
  nowMs: number
  world(atMs: number): World
  own: OwnMetrics
  monotonicMs: () => number
}>

// Times that nobody looked at are left out, as Prometheus does it: a group goes on with the last of them.
export function missTimed(groups: readonly TimedGroup[], nowMs: number, own: OwnMetrics): void {
  for (const group of groups) {
    const missed = group.needsStore ? 0 : group.passBy(nowMs)
    if (missed > 0) own.counter('plimsoll_rules_missed_total').inc(missed, { group: group.group.name })
  }
}

// Those that need no store, each at its own time.
export function* evaluateTimed(groups: readonly TimedGroup[], due: Due): Pieces {
  const { nowMs, world, own, monotonicMs } = due
  for (const group of groups) {
    if (group.needsStore || nowMs < group.nextMs) continue
    const { name, rules } = group.group
    const atMs = group.nextMs
    group.nextMs += group.intervalMs
    group.tookMs = yield* timed(group.evaluate(world(atMs)), monotonicMs)
    own.counter('plimsoll_rules_evaluations_total').inc(rules.length, { how: 'interval' })
    own.counter('plimsoll_rules_evaluation_seconds_total').inc(group.tookMs / 1_000, { group: name })
  }
}
