// The rules on a fleet: the processes that have this role share the work, each owning what it is dealt. Read this after
// evaluator.ts. Opened by bin/ where Kafka is the bus; one machine has engine.ts.
import { aborted } from '#core/aborted.ts'
import type { Clock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import type { Lease, Leases } from '#core/lease.ts'
import { countRules } from './engine/counts.ts'
import { openJumps } from './engine/jumps.ts'
import type { EngineOptions, EngineSettings, RuleEngine } from './engine/options.ts'
import { hostsBefore } from './engine/warmth.ts'
import { groupsOf, hears } from './fleet/cut.ts'
import { type Feed, openFeed } from './fleet/feed.ts'
import { type Hand, openHand } from './fleet/hand.ts'
import { OwnedShare } from './fleet/share.ts'
import { type Share, shares } from './fleet/shares.ts'
import { Memory } from './head/memory.ts'
import { type RuleAlerts, ruleAlerts } from './live/shown.ts'
import type { LiveRules } from './live-rules.ts'
import type { Standings } from './standing.ts'
import type { GroupView } from './view.ts'

export type FleetOptions = EngineOptions &
  Readonly<{
    leases: Leases
    // The name of this process among those that have the role; the same after a restart.
    self: string
    standings: Standings
  }>

// Where each partition ends is asked so often, and more often while something lags.
const askEachMs = { calm: 1_000, lagging: 250 }
const tellEachMs = 10_000
const hostsKeptMs = 30_000

export async function openRuleFleet(options: FleetOptions): Promise<RuleEngine> {
  return new Fleet(options)
}

class Fleet implements RuleEngine {
  readonly #options: FleetOptions
  readonly #stopping = new AbortController()
  readonly #owned = new Map<string, OwnedShare>()
  readonly #hand: Hand
  readonly #jumps: ReturnType<typeof openJumps>
  readonly #loops: Promise<unknown>
  #settings: EngineSettings
  #feed: Promise<Feed> | undefined
  #hosts: Readonly<{ atMs: number; found: ReturnType<typeof hostsBefore> }> | undefined

  constructor(options: FleetOptions) {
    const { settings, own, clock } = options
    this.#options = { ...options, memory: new Memory(options.headBytes) }
    this.#settings = settings
    this.#jumps = openJumps({
      ...options,
      agents: { shift: () => {} },
      beginAnew: async () => this.#beginAnew(),
      failed: () => {},
    })
    countRules(own, clock, {
      groups: () => this.#settings.groups,
      lives: () => this.#lives(),
      heads: () => [...this.#owned.values()].map(({ evaluator }) => evaluator.head),
    })
    for (const { name } of shares)
      own.gauge('plimsoll_rules_lag_seconds').read(() => this.#lagOf(name), { share: name })
    own.gauge('plimsoll_rules_shares').read(() => this.#owned.size)
    this.#hand = openHand({ ...options, work: (share, lease, signal) => this.#own(share, lease, signal) })
    this.#loops = Promise.all([this.#askForEver(), this.#tellForEver()])
  }

  view(): Promise<readonly GroupView[]> {
    return this.#options.standings.read()
  }

  *current(): Generator<RuleAlerts> {
    for (const live of this.#lives()) yield* ruleAlerts(live)
  }

  async refresh(): Promise<void> {
    const begun = [...this.#owned.values()].filter(({ evaluator }) => evaluator.live !== undefined)
    await Promise.all(begun.map(({ evaluator }) => evaluator.refresh()))
  }

  head(): undefined {}

  async reload(settings: EngineSettings): Promise<void> {
    this.#settings = settings
    const owned = [...this.#owned].map(([name, each]) => each.reload(this.#settingsOf(shareOf(name))))
    await Promise.all(owned)
    await this.#tell()
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Failure('stopping', 'the rules are closed'))
    await this.#hand.close()
    await this.#loops
    await this.#options.standings.leave(this.#options.self).catch(() => {})
    // It may never have been opened.
    await this.#feed?.then(feed => feed.close()).catch(() => {})
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.close()

  #lives(): LiveRules[] {
    return [...this.#owned.values()].flatMap(each => each.evaluator.live ?? [])
  }

  // Not a number where another process has it.
  #lagOf(share: string): number {
    return (this.#owned.get(share)?.lagMs ?? Number.NaN) / 1_000
  }

  // For as long as the lease is held.
  async #own(share: Share, lease: Lease, signal: AbortSignal): Promise<void> {
    const read = this.#settings
    const settings = this.#settingsOf(share)
    await using life = new AsyncDisposableStack()
    const feed = await this.#feedOf(share, settings, life)
    // Read anew meanwhile, or no owner any more: that takes as long as the brokers do.
    if (this.#settings !== read || signal.aborted) return
    const owned = new OwnedShare({
      ...this.#options,
      settings,
      share,
      feed,
      write: lease.write,
      hosts: async () => (await this.#hostsBefore()).filter(({ host }) => hears(share, host)),
    })
    this.#owned.set(share.name, owned)
    life.defer(() => {
      this.#owned.delete(share.name)
      return owned.close()
    })
    await owned.open()
    await this.#ask()
    await aborted(AbortSignal.any([signal, owned.anew]))
  }

  // Shares of hosts have one in common, which is there for as long as the process.
  async #feedOf(
    { kind }: Share,
    { groups }: EngineSettings,
    life: AsyncDisposableStack,
  ): Promise<Feed | undefined> {
    const { bus } = this.#options
    if (kind === 'hosts') {
      this.#feed ??= openFeed(bus).catch(error => {
        this.#feed = undefined
        throw error
      })
      return this.#feed
    }
    if (groups.length === 0) return undefined
    const feed = await openFeed(bus)
    life.defer(() => feed.close())
    return feed
  }

  #settingsOf(share: Share): EngineSettings {
    const { headWindowMs } = this.#options
    const { groups, expected } = this.#settings
    return {
      ...this.#settings,
      groups: groupsOf(share, groups, headWindowMs),
      expected: expected.filter(host => hears(share, host)),
    }
  }

  // The database of samples may be away: then who was silent before is not known to have been.
  async #hostsBefore(): ReturnType<typeof hostsBefore> {
    const { store, clock, log } = this.#options
    const nowMs = clock.nowMs()
    if (this.#hosts === undefined || nowMs - this.#hosts.atMs > hostsKeptMs) {
      const { silentMs, forgetMs } = this.#settings
      const found = hostsBefore(store, { nowMs, silentMs, forgetMs }).catch(error => {
        if (!(error instanceof Failure)) throw error
        log.warn('rules', 'cannot read which hosts were silent before', { error })
        return []
      })
      this.#hosts = { atMs: nowMs, found }
    }
    return this.#hosts.found
  }

  #beginAnew(): void {
    for (const each of this.#owned.values()) each.beginAnew()
  }

  async #askForEver(): Promise<void> {
    await forEver(this.#options.clock, this.#stopping.signal, async () => {
      this.#jumps()
      await this.#ask()
      const isLagging = [...this.#owned.values()].some(each => each.lagMs > 0)
      return isLagging ? askEachMs.lagging : askEachMs.calm
    })
  }

  async #ask(): Promise<void> {
    const { bus, clock, log } = this.#options
    if (this.#owned.size === 0) return
    const askedMs = clock.nowMs()
    try {
      const ends = await bus.places('samples', 'end')
      for (const each of this.#owned.values()) each.heard(ends, askedMs)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      log.debug('rules', 'cannot ask where the samples end', { error })
    }
  }

  async #tellForEver(): Promise<void> {
    await forEver(this.#options.clock, this.#stopping.signal, async () => {
      await this.#tell()
      return tellEachMs
    })
  }

  async #tell(): Promise<void> {
    const { standings, self, log } = this.#options
    try {
      const all = this.#settings.groups.map(group => ({ group, rules: [] }))
      const views = [...this.#owned.values()].flatMap(each => each.views())
      await standings.put(self, [...all, ...views])
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      log.warn('rules', 'cannot tell how the rules do', { error })
    }
  }
}

const shareOf = (name: string): Share => shares.find(each => each.name === name)!

async function forEver(clock: Clock, signal: AbortSignal, does: () => Promise<number>): Promise<void> {
  while (!signal.aborted) {
    const waitMs = await does()
    await clock.sleep(waitMs, signal).catch(() => {})
  }
}
