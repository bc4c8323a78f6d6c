// The rules at work on one machine: every batch that the bus brings is looked at before its sender hears that it is safe.
// Read this file first, then evaluator.ts. Opened by bin/, between the sink and the door; a fleet has fleet.ts.
import type { Batch } from '#core/batch.ts'
import { arrivalOf } from './engine/arrival.ts'
import { countRules } from './engine/counts.ts'
import { openJumps } from './engine/jumps.ts'
import type { EngineOptions, EngineSettings, RuleEngine } from './engine/options.ts'
import { hostsBefore, unlessDamaged } from './engine/warmth.ts'
import { Evaluator } from './evaluator.ts'
import type { Head } from './head.ts'
import { type RuleAlerts, ruleAlerts, viewsOf } from './live/shown.ts'
import type { GroupView } from './view.ts'

export async function openRuleEngine(options: EngineOptions): Promise<RuleEngine> {
  return new Engine(options).started()
}

class Engine implements RuleEngine {
  readonly #options: EngineOptions
  readonly #evaluator: Evaluator
  readonly #jumps: ReturnType<typeof openJumps>
  #settings: EngineSettings
  #unsubscribe: (() => Promise<void>) | undefined

  constructor(options: EngineOptions) {
    const { settings, clock, own } = options
    this.#options = options
    this.#settings = settings
    this.#evaluator = new Evaluator({
      ...options,
      part: 'all',
      isMine: () => true,
      keeps: [],
      hearsHosts: true,
      completeMs: () => clock.nowMs(),
      isSetAnew: () => this.#jumps() !== undefined,
    })
    this.#jumps = openJumps({
      ...options,
      agents: { shift: byMs => this.#evaluator.agents.shift(byMs) },
      beginAnew: () => this.#evaluator.install(true),
      failed: () => this.#evaluator.wakeLater(),
    })
    countRules(own, clock, {
      groups: () => this.#settings.groups,
      lives: () => [this.#evaluator.live ?? []].flat(),
      heads: () => [this.#evaluator.head],
    })
  }

  async started(): Promise<RuleEngine> {
    const { clock, bus, store, log } = this.#options
    await this.#evaluator.load()
    const nowMs = clock.nowMs()
    const { silentMs, forgetMs } = this.#settings
    const hosts = await unlessDamaged(hostsBefore(store, { nowMs, silentMs, forgetMs }), log)
    this.#evaluator.agents.remember(hosts, nowMs)
    await this.#evaluator.install(true)
    const subscription = await bus.subscribe('samples', 'rules', batches => this.#take(batches))
    this.#unsubscribe = () => subscription.stop()
    return this
  }

  async view(): Promise<readonly GroupView[]> {
    return viewsOf(await this.#evaluator.refresh())
  }

  current(): Iterable<RuleAlerts> {
    const { live } = this.#evaluator
    return live === undefined ? [] : ruleAlerts(live)
  }

  async refresh(): Promise<void> {
    await this.#evaluator.refresh()
  }

  // Nobody's while the clock is being settled.
  head(): Head | undefined {
    return this.#jumps() === undefined ? this.#evaluator.head : undefined
  }

  async reload(settings: EngineSettings): Promise<void> {
    await this.#evaluator.install(false, settings)
    this.#settings = settings
  }

  async close(): Promise<void> {
    this.#evaluator.stop()
    await this.#unsubscribe?.()
    await this.#evaluator.close()
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.close()

  // Of a batch, the sender waits for nothing but that what it has changed is saved.
  async #take(batches: readonly Batch[]): Promise<void> {
    const { outgoing, head } = this.#evaluator
    try {
      outgoing.refuseIfFailing()
      const news = batches.filter(each => !outgoing.isOwn(each))
      if (news.length === 0) return
      await this.#jumps()
      await this.#evaluator.take([arrivalOf(news, this.#options.clock.nowMs())])
    } catch (error) {
      // The store may have them.
      head.miss()
      throw error
    }
  }
}
