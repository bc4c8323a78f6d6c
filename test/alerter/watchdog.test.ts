import { afterEach, beforeEach, expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { Secret } from '#core/secret.ts'
import type { Inside } from '../../alerter/watchdog/words.ts'
import { entryOf, tellingOf } from './book/rows.ts'

import { beginMs, dayMs, hourMs, type Kennel, openKennel, tested } from './watchdog/kennel.ts'

let k: Kennel
beforeEach(async () => {
  k = await openKennel()
})
afterEach(() => k.close())
const titles = (): string[] => k.said.map(({ way, message }) => `${way} ${message.title}`)

test('while canaries come, nobody is told anything', async () => {
  k.open()
  await k.well(2 * hourMs)
  expect(k.said).toEqual([])
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="rules"} 0'])
  expect(await k.own.text()).toContain('plimsoll_watchdog_road_seconds_bucket{le="0.025"} 480')
})

test('when none comes any more, it is told once with the half that is silent, and its end once', async () => {
  k.open()
  await k.well(600_000)
  k.inside({ kind: 'samples', atMs: beginMs + 660_000, lagMs: 90_000 })
  await k.clock.runFor(90_000)
  expect(titles()).toEqual(['other/a Plimsoll does not alert just now'])
  expect(k.said[0]!.message).toMatchObject({
    ...{ kind: 'alarm', status: 'firing', urgency: 'page', receiver: 'other' },
  })
  expect(k.said[0]!.message.text).toBe(
    'No test alert has come out of the rules since 03:10.\nSamples go in (the last one 03:11); the rules, or what carries their alerts, stand still.\nThe rules look at what came 1 min ago.',
  )
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="rules"} 1'])
  await k.clock.runFor(hourMs)
  expect(k.said).toHaveLength(1)
  k.canary()
  await k.well(hourMs)
  expect(titles().slice(1)).toEqual(['other/a Plimsoll alerts again'])
  expect(k.said[1]!.message.text).toContain('after 1 h 1 min')
})

test('as long as it lasts, it is said again every four hours', async () => {
  k.open()
  await k.clock.runFor(9 * hourMs)
  expect(k.said.map(({ atMs }) => Math.round(atMs / hourMs))).toEqual([0, 4, 8])
})

test('after a start it has its time; one that took too long proves nothing', async () => {
  k.open()
  await k.clock.runFor(130_000)
  expect(k.said).toEqual([])
  k.canary(600_000)
  await k.clock.runFor(15_000)
  expect(titles()).toHaveLength(1)
  expect(k.said[0]!.message.text).toContain('The last one took 10 min.')
})

test('which half is silent is told in both languages', async () => {
  const t = async (found: Inside, language: 'en' | 'zh', text: string) => {
    await k.close()
    k = await openKennel()
    k.inside(found)
    k.open(language)
    await k.clock.runFor(200_000)
    expect(k.said[0]!.message.text).toContain(text)
    expect(k.said[0]!.message.title).toContain('Plimsoll')
  }
  const silent = { kind: 'silence', atMs: beginMs - 60_000 } as const
  await t(silent, 'en', 'Its samples are not stored since 02:59 either')
  await t(silent, 'zh', '测试数据自 02:59 起也没有写入')
  await t({ kind: 'silence', atMs: undefined }, 'en', 'Its samples are not stored either')
  await t({ kind: 'silence', atMs: undefined }, 'zh', '测试数据也没有写入')
  await t({ kind: 'store', reason: 'no answer' }, 'en', 'the store does not answer: no answer')
  await t({ kind: 'unknown' }, 'zh', '本进程无法确认数据是否写入')
  await t({ kind: 'samples', atMs: beginMs, lagMs: undefined }, 'zh', '数据仍在写入（最近一次 03:00）')
})

test('a clock that is set and a machine that slept do not alarm', async () => {
  k.open()
  await k.well(600_000)
  // Asleep: nothing ran for three hours.
  const late = k.clock.monotonicMs() + 3 * hourMs
  Object.defineProperty(k.clock, 'monotonicMs', { value: () => Math.max(late, k.clock.nowMs()) })
  await k.clock.runFor(30_000)
  expect(k.said).toEqual([])
})

test('who cannot be told is told as soon as that works; of the end only who heard of the beginning', async () => {
  k.answer(() => ({ kind: 'later', reason: 'down' }))
  k.open()
  await k.clock.runFor(200_000)
  expect(k.said.length).toBeGreaterThan(2)
  k.canary()
  const tries = k.said.length
  await k.well(hourMs)
  expect(k.said).toHaveLength(tries)
  expect(k.lines.join('')).toContain('cannot tell that something is missing')

  k.answer(() => ({ kind: 'later', reason: 'down' }))
  await k.clock.runFor(200_000)
  k.answer(() => ({ kind: 'delivered' }))
  await k.clock.runFor(300_000)
  k.canary()
  await k.clock.runFor(1_000)
  expect(titles().slice(-2)).toEqual([
    'other/a Plimsoll does not alert just now',
    'other/a Plimsoll alerts again',
  ])
})

test('tells by the ways of a failover in their order', async () => {
  k.set({ tell: ['pair', 'gone'] })
  k.answer(way =>
    way === 'pair/one' ? { kind: 'refused', because: 'settings', reason: 'no' } : { kind: 'delivered' },
  )
  k.open()
  await k.clock.runFor(200_000)
  expect(k.said.map(({ way }) => way)).toEqual(['pair/one', 'pair/two'])
})

test('a receiver gets its test message when it is due, once, and is not missed when it arrives', async () => {
  k.set({ canaryMs: undefined, receivers: tested })
  k.open()
  await k.clock.runFor(60_000)
  expect(k.tests).toHaveLength(1)
  k.told('dba')
  await k.clock.runFor(dayMs)
  expect(k.tests).toHaveLength(2)
  k.told('dba')
  await k.clock.runFor(hourMs)
  expect(k.said).toEqual([])
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="dba"} 0'])
})

test('a test message that is not taken in time is told by the other path, with what the service says', async () => {
  k.set({ canaryMs: undefined, receivers: tested })
  k.open()
  await k.clock.runFor(30_000)
  k.told('dba', 'failed', '310000: sign not match')
  await k.clock.runFor(120_000)
  expect(titles()).toEqual(['other/a dba cannot be reached by Plimsoll'])
  expect(k.said[0]!.message.text).toContain('The service says: 310000: sign not match')
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="dba"} 1'])
  k.told('dba')
  await k.clock.runFor(1_000)
  expect(titles().slice(1)).toEqual(['other/a dba can be reached again'])
})

test('a state that refuses a test message is asked again; what was sent before a restart is waited for', async () => {
  k.set({ canaryMs: undefined, receivers: tested })
  k.refuse(new Failure('state_unavailable', 'away'))
  const said = { kind: 'canary', title: '', text: '', path: null, picture: null } as const
  k.waits(entryOf('old', { receiver: 'dba', integration: 'dba/fake/0', said, telling: tellingOf('old') }))
  k.open()
  await k.clock.runFor(60_000)
  expect(k.tests).toEqual([])
  k.refuse(undefined)
  await k.clock.runFor(10_000)
  expect(k.tests).toHaveLength(1)
  await k.clock.runFor(200_000)
  expect(titles()).toEqual(['other/a dba cannot be reached by Plimsoll'])
})

test('a state that hangs does not keep the watchdog from saying that nothing comes', async () => {
  k.set({ receivers: tested })
  k.refuse('hangs')
  k.open()
  await k.clock.runFor(200_000)
  expect(titles()).toEqual(['other/a Plimsoll does not alert just now'])
})

test('what is not configured any more is not missed', async () => {
  k.set({ receivers: tested })
  k.open()
  await k.clock.runFor(10_000)
  k.set({ canaryMs: undefined, receivers: new Map() })
  await k.clock.runFor(hourMs)
  expect(k.said).toEqual([])
  expect(await k.missing()).toEqual([
    'plimsoll_watchdog_missing{road="dba"} 0',
    'plimsoll_watchdog_missing{road="rules"} 0',
  ])
})

test('a way that a receiver has no more is not missed, and who stops watching says nothing of what he missed', async () => {
  k.set({ canaryMs: undefined, receivers: tested })
  k.open()
  await k.clock.runFor(200_000)
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="dba"} 1'])
  k.receivers.set('dba', { name: 'dba', integrations: [] })
  await k.clock.runFor(10_000)
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="dba"} 0'])
})

test('who does not want to hear of ends is told of beginnings only', async () => {
  const [one] = k.receivers.get('other')!.integrations
  k.receivers.set('other', { name: 'other', integrations: [{ ...one!, tellsEnds: false }] })
  k.open()
  await k.clock.runFor(200_000)
  k.canary()
  await k.clock.runFor(10_000)
  expect(titles()).toEqual(['other/a Plimsoll does not alert just now'])
})

test('the outside is told each minute that all is well, and nothing when it is not', async () => {
  k.set({ ping: new Secret('https://hc.example/s3cret') })
  k.open()
  await k.clock.runFor(60_000)
  // Nothing is known yet.
  expect(k.pings).toEqual([])
  await k.well(600_000)
  expect(k.pings.length).toBeGreaterThanOrEqual(9)
  expect(k.pings.length).toBeLessThanOrEqual(11)
  await k.clock.runFor(100_000)
  const { length } = k.pings
  await k.clock.runFor(hourMs)
  expect(k.pings.length).toBe(length)
  const text = await k.own.text()
  expect(text).toContain('plimsoll_watchdog_pings_total{outcome="failed"} 1')
  expect(k.lines.join('')).toContain('it answers 500')
  expect(k.lines.join('')).not.toContain('s3cret')
})
