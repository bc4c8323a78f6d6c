// An alerter that begins behind: what was published before is taken before anything is decided, on a bus that keeps it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Bus, Handler, Place, SubscribeOptions } from '#core/bus.ts'
import { SimulatedClock } from '#core/clock.ts'
import { Failure } from '#core/errors.ts'
import { openLog } from '#core/log.ts'
import type { AlertTransition } from '#core/model.ts'
import { openOwnMetrics } from '#core/own-metrics.ts'
import { openSqliteState } from '#core/state/sqlite.ts'
import type { State } from '#core/state.ts'
import { type Alerter, openAlerter } from '../../alerter/alerter.ts'
import { Backlog } from '../../alerter/backlog.ts'
import { configOf, transitionOf } from './alerter/world.ts'

const startMs = 1_700_000_000_000
const minuteMs = 60_000
const config = configOf({ groupBy: ['host'], wait: 5, interval: 60, repeat: 100_000 })

// One topic of two partitions, which hands over record by record when it is told to.
function openTopic() {
  const kept: AlertTransition[][] = [[], []]
  const oldest = [0, 0]
  let handler: Handler<'alerts'> | undefined
  let next = [0, 0]
  let troubles = 0
  const places = (of: readonly number[]) => new Map(of.entries())
  const bus = {
    carries: 'text',
    async places(_: string, at: unknown) {
      if (troubles-- > 0) throw new Failure('bus_unavailable', 'nobody answers')
      return places(at === 'beginning' ? oldest : kept.map(({ length }) => length))
    },
    async subscribe(topic: string, _: string, hear: Handler<'alerts'>, options: SubscribeOptions = {}) {
      if (topic === 'alerts') {
        handler = hear
        const { positions } = options.from as { positions: ReadonlyMap<number, number> }
        next = oldest.map((at, partition) => Math.max(at, positions.get(partition) ?? 0))
      }
      return { pause() {}, resume() {}, seek() {}, stop: async () => {} }
    },
  } as unknown as Bus
  return {
    bus,
    add: (partition: number, ...transitions: readonly AlertTransition[]) =>
      void kept[partition]!.push(...transitions),
    failFor(times: number): void {
      troubles = times
    },
    positions: () => next,
    async hand(partition: number, count = Number.POSITIVE_INFINITY): Promise<void> {
      const [from, to] = [next[partition]!, Math.min(kept[partition]!.length, next[partition]! + count)]
      const offsets = Array.from({ length: to - from }, (_, at) => from + at)
      const place: Place = { partition, offsets, next: to }
      await handler!(kept[partition]!.slice(from, to), place)
      next[partition] = to
    },
  }
}

let folder: string
let state: State
let clock: SimulatedClock
let topic: ReturnType<typeof openTopic>
let alerter: Alerter | undefined
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-backlog-'))
  state = await openSqliteState({ file: join(folder, 'state.db') })
  clock = new SimulatedClock(startMs)
  topic = openTopic()
})
afterEach(async () => {
  await alerter?.close()
  alerter = undefined
  await state.close()
  rmSync(folder, { recursive: true })
})

async function begin(): Promise<Alerter> {
  const log = openLog({ clock, write: () => {} })
  const options = { state, clock, log, own: openOwnMetrics(), config, silencedBy: () => [] }
  alerter = await openAlerter({ ...options, bus: topic.bus })
  return alerter
}
async function runFor(durationMs: number): Promise<void> {
  for (let leftMs = durationMs; leftMs > 0; leftMs -= 1_000) {
    await clock.runFor(Math.min(leftMs, 1_000))
    await alerter!.record([])
  }
}
const told = (): string[] =>
  alerter!.outbox
    .waiting()
    .map(({ telling: { firing, resolved, begun } }) => `${firing.length}/${resolved.length}/${begun.length}`)

const fired = (host: string, agoMs = 0): AlertTransition =>
  transitionOf(host, 'firing', { startsAtMs: clock.nowMs() - agoMs, atMs: clock.nowMs() - agoMs })
const over = (of: AlertTransition, agoMs = 0): AlertTransition =>
  transitionOf(of.alert.labels['host']!, 'resolved', {
    startsAtMs: of.alert.startsAtMs,
    atMs: clock.nowMs() - agoMs,
  })

// Somebody who was here before.
async function onceBefore(): Promise<void> {
  topic.add(0, fired('first'))
  await begin()
  await topic.hand(0)
  await alerter!.close()
}

test('a first start tells what still fires, and of what was over before nobody hears', async () => {
  const gone = fired('gone', 10 * minuteMs)
  topic.add(0, gone, fired('still', 5 * minuteMs), over(gone, minuteMs))
  topic.add(1, fired('other', minuteMs))
  await begin()
  await topic.hand(0, 1)
  await topic.hand(0)
  await runFor(20_000)
  // The other partition may say that they have ended.
  expect([...alerter!.alerts()]).toEqual([])
  await topic.hand(1)
  await runFor(1_000)
  expect(told()).toEqual(['1/0/1', '1/0/1'])
  const rows = await state.db.selectFrom('alerter_facts').select('kind').execute()
  expect(rows.map(({ kind }) => kind)).toEqual(['fired', 'fired'])
  expect(await state.db.selectFrom('alerter_places').selectAll().execute()).toEqual([
    { partition: 0, next: 3 },
    { partition: 1, next: 1 },
  ])
})

test('who goes on reads on where his book has it, and nothing is decided before he has caught up', async () => {
  await onceBefore()
  topic.add(0, fired('a'))
  topic.add(1, fired('b'))
  await begin()
  expect(topic.positions()).toEqual([1, 0])
  await topic.hand(0)
  await runFor(10_000)
  expect(told()).toEqual([])
  await topic.hand(1)
  await runFor(6_000)
  expect(told()).toEqual(['1/0/1', '1/0/1', '1/0/1'])
})

test('what fired and was over during an outage is told as begun and ended, if it would have been told', async () => {
  await onceBefore()
  const long = fired('long', 10 * minuteMs)
  const short = fired('short', 9 * minuteMs)
  topic.add(0, long, short, over(short, 9 * minuteMs - 2_000), over(long, minuteMs))
  await begin()
  await topic.hand(0, 2)
  await topic.hand(0)
  await runFor(6_000)
  expect(told().toSorted()).toEqual(['0/1/1', '1/0/1'])
  const held = await state.db
    .selectFrom('alerter_facts')
    .select('details')
    .where('kind', '=', 'held')
    .execute()
  expect(held.map(({ details }) => JSON.parse(details))).toEqual([{ kind: 'brief', by: [] }])
})

test('what was taken before an outage and was over in it is told as begun and ended', async () => {
  await onceBefore()
  await begin()
  await topic.hand(0)
  await runFor(6_000)
  const taken = fired('taken')
  topic.add(0, taken)
  await topic.hand(0)
  await runFor(1_000)
  await alerter!.close()
  await clock.runFor(20 * minuteMs)
  topic.add(0, over(taken, 10 * minuteMs))
  await begin()
  await topic.hand(0)
  await runFor(6_000)
  expect(told().toSorted()).toEqual(['0/1/1', '1/0/1'])
})

test('brokers that are away are asked again, and what is known is not told before they are heard', async () => {
  await onceBefore()
  topic.failFor(5)
  await begin()
  await runFor(4_000)
  expect(told()).toEqual([])
  await runFor(8_000)
  expect(told()).toEqual(['1/0/1'])
})

test('brokers that stay silent do not keep people from hearing what is known', async () => {
  await onceBefore()
  topic.failFor(1_000_000)
  await begin()
  await runFor(25_000)
  expect(told()).toEqual([])
  await runFor(20_000)
  expect(told()).toEqual(['1/0/1'])
})

test('brokers that stay silent are not waited for longer where the clock is set back', () => {
  const loaded = { places: new Map([[0, 5]]), lastFactMs: 0 }
  const backlog = new Backlog(loaded, { isNone: false, nowMs: startMs })
  for (const nowMs of [0, 29_999]) backlog.lookAt(nowMs)
  expect(backlog.isOver).toBe(false)
  backlog.lookAt(30_000)
  expect(backlog.isOver).toBe(true)
})

test('what the brokers have forgotten is not waited for', () => {
  const starts = (saved: number, oldest: number, end: number): boolean => {
    const loaded = { places: new Map([[0, saved]]), lastFactMs: 0 }
    const backlog = new Backlog(loaded, { isNone: false, nowMs: 0 })
    expect(backlog.isOver).toBe(false)
    backlog.begin({ oldest: new Map([[0, oldest]]), ends: new Map([[0, end]]) })
    return backlog.isOver
  }
  expect(starts(5, 0, 5)).toBe(true)
  expect(starts(5, 9, 9)).toBe(true)
  expect(starts(5, 7, 9)).toBe(false)
  // A position that is ahead of all there is, in a topic that was made anew.
  expect(starts(50, 7, 9)).toBe(false)
  expect(starts(50, 9, 9)).toBe(true)
})
