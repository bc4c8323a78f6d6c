// In which order an alert is saved, told and forgotten, and what is left when the process dies in between.
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { openMemoryBus } from '#core/bus/memory.ts'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import type { Book, Page } from '../../rules/book.ts'
import { openScribe, type Scribe } from '../../rules/scribe.ts'
import type { Alerts } from '../../rules/state.ts'
import { runs } from '../runs.ts'
import { MemoryBook } from './book/memory-book.ts'
import { entryOf, pageOf, rule, trackedOf, transitionOf } from './book/pages.ts'

type Point = 'before save' | 'after save' | 'before publish' | 'after publish' | 'before told' | 'after told'

const away = new Failure('state_unavailable', 'the disk is away')
const never = new Promise<never>(() => {})

// One process after the other on one book; whoever listens to the bus lives longer than they.
class World {
  readonly clock = new SimulatedClock(1_000_000)
  readonly book = new MemoryBook()
  readonly seen: AlertTransition[] = []
  readonly publishes: number[] = []
  readonly tolds: string[][] = []
  readonly logged: string[] = []
  own = openOwnMetrics()
  stateFails = 0
  refusal = away
  busFails = 0
  toldFails = 0
  // Forgetting waits for it.
  toldGate: Promise<void> | undefined
  // What the bus takes for each, which has ten seconds for all.
  busEachMs = 0
  diesAt: Point | undefined
  // The process of today.
  #life = { isDead: false }
  saves: (readonly Page[])[] = []

  async start(): Promise<Readonly<{ scribe: Scribe; alerts: Alerts }>> {
    // Whoever is not dead yet dies now, wherever it stands.
    this.#life.isDead = true
    await this.clock.runFor(0)
    this.diesAt = undefined
    const life = { isDead: false }
    this.#life = life
    const step = async (point: Point): Promise<void> => {
      life.isDead ||= this.diesAt === point
      if (life.isDead) await never
    }
    const { alerts, untold } = await this.book.load('all')
    const bus = openMemoryBus()
    await bus.subscribe('alerts', 'all', async records => {
      await step('before publish')
      this.publishes.push(records.length)
      if (this.busFails > 0) {
        this.busFails--
        throw new Failure('bus_unavailable', 'nobody listens')
      }
      if (this.busEachMs > 0) await this.#beTaken(records.length * this.busEachMs)
      this.seen.push(...records)
      await step('after publish')
    })
    const book: Book = {
      load: part => this.book.load(part),
      save: async pages => {
        await step('before save')
        if (this.stateFails > 0) {
          this.stateFails--
          throw this.refusal
        }
        this.saves.push(pages)
        await this.book.save(pages)
        await step('after save')
      },
      told: async ids => {
        await step('before told')
        this.tolds.push([...ids])
        await this.toldGate
        if (this.toldFails > 0) {
          this.toldFails--
          throw away
        }
        await this.book.told(ids)
        await step('after told')
      },
    }
    const log = openLog({ clock: this.clock, write: line => void this.logged.push(line) })
    const scribe = openScribe({ book, bus, clock: this.clock, log, own: this.own, untold })
    return { scribe, alerts: alerts.get(rule) ?? new Map() }
  }
  async #beTaken(neededMs: number): Promise<void> {
    await this.clock.sleep(Math.min(neededMs, 10_000))
    if (neededMs > 10_000) throw new Failure('bus_unavailable', 'no answer within 10 s')
  }
  get isDead(): boolean {
    return this.#life.isDead
  }
  ids(): string[] {
    return this.seen.map(each => each.id)
  }
  count(step: string): number {
    const rows = this.own.samples(0)
    return rows.find(each => each.series.labels['step'] === step)?.value ?? 0
  }
}

let world: World
beforeEach(() => {
  world = new World()
})
const page = (host: string, atMs = 2_000, more: Partial<Page> = {}): Page =>
  pageOf([trackedOf(host)], { transitions: [transitionOf(trackedOf(host), atMs)], ...more })
const stormOf = (count: number, atMs: number): Page => {
  const alerts = [...Array(count).keys()].map(at => trackedOf(String(at)))
  return pageOf(alerts, { transitions: alerts.map(each => transitionOf(each, atMs)) })
}
const idOf = (host: string, atMs = 2_000): string => transitionOf(trackedOf(host), atMs).id

test('what is saved is told at once, and forgotten a moment later in one go', async () => {
  const { scribe } = await world.start()
  await Promise.all([scribe.save(page('a')), scribe.save(page('b'))])
  expect(scribe.isClear).toBe(true)
  expect(world.saves).toHaveLength(1)
  await world.clock.runFor(900)
  expect(world.ids()).toEqual([idOf('a'), idOf('b')])
  await scribe.save(page('c'))
  expect((await world.book.load('all')).untold).toHaveLength(3)
  await world.clock.runFor(1_000)
  expect(world.tolds).toEqual([[idOf('a'), idOf('b'), idOf('c')]])
  expect((await world.book.load('all')).untold).toEqual([])
  expect([world.count('saved'), world.count('published')]).toEqual([3, 3])
})

test('a page with nothing in it waits for nobody', async () => {
  const { scribe } = await world.start()
  await scribe.save(pageOf([]))
  expect(world.saves).toEqual([])
  await scribe.save(pageOf([], { places: new Map([[1, { next: 2, atMs: 3 }]]) }))
  expect((await world.book.load('all')).places).toEqual(new Map([[1, { next: 2, atMs: 3 }]]))
  expect(world.publishes).toEqual([])
})

test('when the state refuses, all who wait hear it, and nothing is forgotten', async () => {
  const { scribe } = await world.start()
  world.stateFails = 1
  const waiting = [scribe.save(page('a')), scribe.save(page('b'))]
  const late = Promise.resolve().then(() => scribe.save(page('c')))
  for (const each of [...waiting, late]) await expect(each).rejects.toBe(away)
  expect([scribe.isClear, scribe.isFailing]).toEqual([false, true])
  expect(world.ids()).toEqual([])
  // Before it is tried again by itself.
  await scribe.save(page('d'))
  await world.clock.runFor(0)
  expect([scribe.isClear, scribe.isFailing]).toEqual([true, false])
  await world.clock.runFor(0)
  expect(world.ids()).toEqual(['a', 'b', 'c', 'd'].map(each => idOf(each)))
})

test('what is unsaved is tried again by itself, each second', async () => {
  const { scribe } = await world.start()
  world.stateFails = 3
  await expect(scribe.save(page('a'))).rejects.toBe(away)
  await world.clock.runFor(2_900)
  expect(scribe.isClear).toBe(false)
  await world.clock.runFor(200)
  expect(scribe.isClear).toBe(true)
  expect(world.ids()).toEqual([idOf('a')])
})

test('who is no longer the owner tries nothing again, and complains of nothing', async () => {
  const { scribe } = await world.start()
  world.stateFails = 1
  world.refusal = new Failure('lease_lost', 'all: not the owner')
  await expect(scribe.save(page('a'))).rejects.toBe(world.refusal)
  await world.clock.runFor(5_000)
  await scribe.close()
  expect([scribe.isClear, scribe.isFailing, world.saves, world.logged]).toEqual([false, true, [], []])
})

test('while nobody takes what is published, saving goes on; then all is told in order', async () => {
  const { scribe } = await world.start()
  world.busFails = 9
  for (let at = 0; at < 5; at++) {
    await scribe.save(page('a', at))
    await world.clock.runFor(1)
  }
  expect(world.ids()).toEqual([])
  // 0.1 + 0.2 + … + 6.4 + 10 + 10 s.
  await world.clock.runFor(32_600)
  expect(world.ids()).toEqual([])
  await world.clock.runFor(200)
  expect(world.ids()).toEqual([0, 1, 2, 3, 4].map(at => idOf('a', at)))
  expect(world.count('publish')).toBe(9)
  expect(world.logged).toHaveLength(1)
})

test('what cannot be forgotten is forgotten later, with what came meanwhile', async () => {
  const { scribe } = await world.start()
  world.toldFails = 2
  await scribe.save(page('a'))
  await world.clock.runFor(1_500)
  await scribe.save(page('b'))
  await world.clock.runFor(2_000)
  expect(world.tolds).toEqual([[idOf('a')], [idOf('a'), idOf('b')], [idOf('a'), idOf('b')]])
  expect((await world.book.load('all')).untold).toEqual([])
  expect(world.ids()).toEqual([idOf('a'), idOf('b')])
})

test('what is told while the state is slow to forget is forgotten too', async () => {
  const { scribe } = await world.start()
  const { promise, resolve } = Promise.withResolvers<void>()
  world.toldGate = promise
  await scribe.save(page('a'))
  await world.clock.runFor(1_100)
  await scribe.save(page('b'))
  await world.clock.runFor(1_500)
  expect(world.tolds).toEqual([[idOf('a')]])
  resolve()
  await world.clock.runFor(1_000)
  expect((await world.book.load('all')).untold).toEqual([])
  await scribe.save(page('c'))
  await world.clock.runFor(1_000)
  expect(world.tolds).toEqual([[idOf('a')], [idOf('b')], [idOf('c')]])
})

test('a storm is saved in pieces, each with what is said of it, and told in portions', async () => {
  const { scribe } = await world.start()
  const alerts = [...Array(6_000).keys()].map(at => trackedOf(String(at)))
  await scribe.save(page('small'))
  await scribe.save(pageOf(alerts))
  await world.clock.runFor(0)
  expect(world.saves.map(pages => pages.length)).toEqual([1, 1, 1, 1])
  for (const [{ entries, transitions } = pageOf([])] of world.saves.slice(1)) {
    expect(entries.length + transitions.length).toBeLessThanOrEqual(5_000)
    expect(transitions.map(each => each.alert.fingerprint)).toEqual(entries.map(each => each.fingerprint))
  }
  expect(new Set(world.ids()).size).toBe(6_001)
  expect(world.publishes).toEqual([1, 2_000, 2_000, 2_000])
  await world.clock.runFor(2_000)
  expect((await world.book.load('all')).untold).toEqual([])
})

test('what was left of a storm is told in a few large portions', async () => {
  const { scribe } = await world.start()
  world.busFails = Number.POSITIVE_INFINITY
  await scribe.save(pageOf([...Array(6_000).keys()].map(at => trackedOf(String(at)))))
  await world.start()
  world.busFails = 0
  world.publishes.length = 0
  await world.clock.runFor(1_000)
  expect(world.publishes).toEqual([5_000, 1_000])
})

test('what the bus cannot take in its time gets through in smaller portions, and later in large ones', async () => {
  const { scribe: before } = await world.start()
  world.busFails = Number.POSITIVE_INFINITY
  await before.save(stormOf(6_000, 1))
  const { scribe } = await world.start()
  world.busFails = 0
  world.publishes.length = 0
  // 500 would get through, and 5 000 never.
  world.busEachMs = 2.4
  await world.clock.runFor(40_000)
  expect(world.publishes).toEqual([5_000, 2_500, 2_500, 1_000])
  expect(new Set(world.ids()).size).toBe(6_000)
  world.busEachMs = 0.2
  await scribe.save(stormOf(20_000, 2))
  await world.clock.runFor(10_000)
  expect(new Set(world.ids()).size).toBe(26_000)
  expect(Math.max(...world.publishes.slice(4))).toBe(5_000)
})

test('what is less urgent waits while a storm is told, but not for ever', async () => {
  const { scribe } = await world.start()
  const waited: string[] = []
  const wait = (what: string): void => void scribe.calm().then(() => waited.push(what))
  world.busFails = Number.POSITIVE_INFINITY
  await scribe.save(page('a'))
  wait('few')
  await world.clock.runFor(0)
  await scribe.save(stormOf(1_000, 1))
  wait('long')
  await world.clock.runFor(4_900)
  expect(waited).toEqual(['few'])
  await world.clock.runFor(200)
  expect(waited).toEqual(['few', 'long'])
  // Once for each storm, however long it is.
  wait('later')
  await world.clock.runFor(0)
  expect([waited.at(-1), world.seen.length]).toEqual(['later', 0])
  world.busFails = 0
  await world.clock.runFor(10_000)
  expect([world.seen.length, world.tolds.flat().length]).toEqual([1_001, 1_001])
  world.busFails = 1
  await scribe.save(stormOf(1_000, 2))
  wait('next')
  await world.clock.runFor(50)
  expect(waited.at(-1)).toBe('later')
  await world.clock.runFor(100)
  expect([waited.at(-1), world.seen.length]).toEqual(['next', 2_001])
  // Whoever stops waits no longer.
  world.busFails = Number.POSITIVE_INFINITY
  await scribe.save(stormOf(1_000, 3))
  wait('last')
  await scribe.close()
  expect(waited.at(-1)).toBe('last')
})

test('in a long outage each alert keeps its newest state and what was said last', async () => {
  const { scribe } = await world.start()
  world.stateFails = 3_000
  for (let at = 0; at < 2_000; at++) {
    await scribe
      .save(page(at % 2 === 0 ? 'a' : 'b', at, { places: new Map([[7, { next: at, atMs: at }]]) }))
      .catch(() => {})
  }
  world.stateFails = 0
  await scribe.save(page('c'))
  await world.clock.runFor(0)
  const told = world.ids()
  expect(told.slice(-3)).toEqual([idOf('a', 1_998), idOf('b', 1_999), idOf('c')])
  expect(told.length).toBeLessThan(200)
  expect(told.length + world.count('left_out')).toBe(2_001)
  expect(told).toEqual([...new Set(told)])
  const { alerts, places } = await world.book.load('all')
  expect(alerts.get(rule)?.size).toBe(3)
  expect(places).toEqual(new Map([[7, { next: 1_999, atMs: 1_999 }]]))
})

test('while nobody listens for long, memory is bounded by the alerts, and the outbox too', async () => {
  const { scribe } = await world.start()
  world.busFails = Number.POSITIVE_INFINITY
  const alerts = [...Array(100).keys()].map(at => trackedOf(String(at)))
  for (let at = 0; at < 1_200; at++) {
    const transitions = alerts.map(each => transitionOf(each, at))
    await scribe.save({ part: 'all', entries: [], transitions })
  }
  await world.clock.runFor(2_000)
  expect(world.count('left_out')).toBeGreaterThan(90_000)
  const { untold } = await world.book.load('all')
  expect(untold.length).toBe(120_000 - world.count('left_out'))
  world.busFails = 0
  await world.clock.runFor(20_000)
  for (const each of alerts) expect(world.ids()).toContain(transitionOf(each, 1_199).id)
  expect((await world.book.load('all')).untold).toEqual([])
})

describe('an end', () => {
  test('saves and tells what waits, and takes nothing more', async () => {
    const { scribe } = await world.start()
    world.stateFails = 1
    await expect(scribe.save(page('a'))).rejects.toBe(away)
    const last = scribe.save(page('b'))
    await scribe.close()
    await last
    expect(world.ids()).toEqual([idOf('a'), idOf('b')])
    expect((await world.book.load('all')).untold).toEqual([])
    await expect(scribe.save(page('c'))).rejects.toMatchObject({ code: 'stopping' })
    await scribe.close()
  })

  test('comes even when neither state nor bus answer, and says what is lost', async () => {
    const { scribe } = await world.start()
    world.busFails = Number.POSITIVE_INFINITY
    await scribe.save(page('a'))
    await world.clock.runFor(50)
    world.stateFails = Number.POSITIVE_INFINITY
    const refused = expect(scribe.save(page('b'))).rejects.toBe(away)
    await scribe.close()
    await refused
    expect(world.logged.at(-1)).toContain('not saved')
    expect((await world.book.load('all')).untold.map(each => each.id)).toEqual([idOf('a')])
  })
})

describe('a process that dies', () => {
  const t = async (point: Point, wanted: Readonly<{ saved: boolean; told: number }>): Promise<void> => {
    const w = new World()
    const { scribe } = await w.start()
    await scribe.save(page('before'))
    await w.clock.runFor(2_000)
    w.diesAt = point
    void scribe.save(page('a'))
    await w.clock.runFor(2_000)
    expect(w.isDead, point).toBe(true)
    const { scribe: next, alerts } = await w.start()
    expect(alerts.has(entryOf(trackedOf('a')).fingerprint), point).toBe(wanted.saved)
    await next.save(page('after'))
    await w.clock.runFor(2_000)
    const again = Array<string>(wanted.told).fill(idOf('a'))
    expect(w.ids(), point).toEqual([idOf('before'), ...again, idOf('after')])
    expect((await w.book.load('all')).untold, point).toEqual([])
  }

  test('before the save it was not acknowledged, and nobody hears of it', async () => {
    await t('before save', { saved: false, told: 0 })
  })
  test('after the save it is told by the next one', async () => {
    await t('after save', { saved: true, told: 1 })
    await t('before publish', { saved: true, told: 1 })
  })
  test('after publishing it is told twice, under the same id', async () => {
    await t('after publish', { saved: true, told: 2 })
    await t('before told', { saved: true, told: 2 })
  })
  test('after forgetting it is told once', async () => {
    await t('after told', { saved: true, told: 1 })
  })
})

type Step =
  | Readonly<{ do: 'page'; hosts: readonly number[] }>
  | Readonly<{ do: 'wait'; ms: number }>
  | Readonly<{ do: 'state fails' | 'bus fails'; times: number }>
  | Readonly<{ do: 'die'; at: Point }>
  | Readonly<{ do: 'restart' | 'close' }>

const points: Point[] = ['before save', 'after save', 'before publish', 'after publish', 'before told']
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('page' as const),
      hosts: fc.uniqueArray(fc.nat(4), { minLength: 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(3_000) }) },
  fc.record({ do: fc.constantFrom('state fails' as const, 'bus fails' as const), times: fc.nat(3) }),
  fc.record({ do: fc.constant('die' as const), at: fc.constantFrom(...points) }),
  fc.record({ do: fc.constantFrom('restart' as const, 'close' as const) }),
)

test('whatever fails and dies: who listens hears of all that was saved, in order, and the newest is loaded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 40 }), async script => {
      const w = new World()
      let { scribe, alerts } = await w.start()
      // What this process thinks, as the engine does: it goes on when the state refuses.
      let turns = turnsOf(alerts)
      const acknowledged: string[] = []
      for (const step of script) {
        if (step.do === 'page') {
          const changed = step.hosts.map(at => {
            const turn = (turns.get(`h${at}`) ?? 0) + 1
            turns.set(`h${at}`, turn)
            return trackedOf(`h${at}`, { turn })
          })
          const transitions = changed.map(each => transitionOf(each, each.turn))
          const ids = transitions.map(each => each.id)
          scribe.save({ ...pageOf(changed), transitions }).then(
            () => acknowledged.push(...ids),
            () => {},
          )
          await Promise.resolve()
        }
        if (step.do === 'wait') await w.clock.runFor(step.ms)
        if (step.do === 'state fails') w.stateFails = step.times
        if (step.do === 'bus fails') w.busFails = step.times
        if (step.do === 'die') w.diesAt = step.at
        if (step.do === 'close' && !w.isDead && w.diesAt === undefined) await scribe.close()
        if (step.do === 'restart' || step.do === 'close' || w.isDead) {
          ;({ scribe, alerts } = await w.start())
          turns = turnsOf(alerts)
        }
      }
      w.stateFails = 0
      w.busFails = 0
      w.diesAt = undefined
      await w.clock.runFor(30_000)
      if (w.isDead) ({ scribe, alerts } = await w.start())
      await w.clock.runFor(30_000)

      const first = [...new Set(w.ids())]
      expect(first.toSorted()).toEqual([...w.book.saved].toSorted())
      expect(acknowledged.filter(id => !w.book.saved.has(id))).toEqual([])
      const { alerts: saved, untold } = await w.book.load('all')
      expect(untold).toEqual([])
      for (const [key, { turn = 0 }] of saved.get(rule) ?? []) {
        const heard = w.seen.filter(each => each.alert.fingerprint === key).map(each => each.atMs)
        expect([...new Set(heard)]).toEqual([...Array(turn).keys()].map(at => at + 1))
      }
    }),
    { numRuns: runs(60) },
  )
})

const turnsOf = (alerts: Alerts): Map<string, number> =>
  new Map([...alerts.values()].map(({ labels, turn = 0 }) => [labels['host']!, turn]))
