// The watchdog after a restart: who heard of a beginning hears of its end, once, and nobody is told what is not so.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { Secret } from '#core/secret.ts'
import { dayMs, hourMs, type Kennel, openKennel, tested } from './kennel.ts'

let k: Kennel
beforeEach(async () => {
  k = await openKennel()
})
afterEach(() => k.close())
const titles = (): string[] => k.said.map(({ way, message }) => `${way} ${message.title}`)
const again = (): string[] => titles().filter(each => each.includes('again'))

test('who was told before a restart is told after it that it is over, once', async () => {
  k.set({ tell: ['other', 'pair'], receivers: tested })
  k.open()
  await k.runFor(30_000)
  k.told('dba', 'failed', 'away')
  await k.runFor(hourMs)
  expect(titles()).toHaveLength(4)
  await k.stop()
  // By then somebody else is told of such things.
  k.receivers.set('third', {
    name: 'third',
    integrations: [{ ...k.receivers.get('dba')!.integrations[0]!, id: 'third/a' }],
  })
  k.set({ tell: ['other', 'third'] })
  k.open()
  await k.runFor(10_000)
  expect(await k.missing()).toEqual([
    'plimsoll_watchdog_missing{road="dba"} 1',
    'plimsoll_watchdog_missing{road="rules"} 1',
  ])
  k.canary()
  k.told('dba')
  await k.runFor(10_000)
  expect(titles().slice(4).sort()).toEqual([
    'other/a Plimsoll alerts again',
    'other/a dba can be reached again',
  ])
  expect(k.said.find(({ message }) => message.title === 'Plimsoll alerts again')!.message.text).toContain(
    'after 1 h',
  )
  expect(k.lines.join('')).not.toContain('cannot tell')
  await k.stop()
  k.open()
  await k.runFor(10_000)
  expect((await k.missing()).filter(each => each.endsWith(' 1'))).toEqual([])
  await k.well(60_000)
  expect(titles()).toHaveLength(6)
})

test('that somebody was told is kept as soon as the state takes it', async () => {
  k.open()
  k.refuse(new Failure('state_unavailable', 'away'))
  await k.runFor(200_000)
  expect(titles()).toHaveLength(1)
  expect(k.lines.join('')).toContain('cannot keep whom it has told')
  k.refuse(undefined)
  await k.runFor(10_000)
  await k.stop()
  k.open()
  await k.runFor(10_000)
  k.canary()
  await k.runFor(1_000)
  expect(titles().slice(1)).toEqual(['other/a Plimsoll alerts again'])
})

test('what was said before is not said again at once, however long nobody watched', async () => {
  k.open()
  await k.runFor(hourMs)
  await k.stop()
  await k.runFor(5 * hourMs)
  k.open()
  await k.runFor(3 * hourMs)
  expect(titles()).toHaveLength(1)
  await k.runFor(2 * hourMs)
  expect(titles()).toHaveLength(2)
})

test('who was not to hear of the end any more has heard of none, and nothing is missed for his sake', async () => {
  k.set({ tell: ['other', 'pair'] })
  k.open()
  await k.runFor(hourMs)
  k.set({ tell: ['other'] })
  k.canary()
  await k.runFor(10_000)
  expect(again()).toEqual(['other/a Plimsoll alerts again'])
  await k.stop()
  await k.runFor(20 * dayMs)
  k.set({ tell: ['other', 'pair'] })
  k.open()
  await k.runFor(10_000)
  expect(await k.missing()).toEqual(['plimsoll_watchdog_missing{road="rules"} 0'])
  await k.well(60_000)
  expect(titles()).toHaveLength(3)
  expect(await k.counted()).toEqual([
    { way: 'other/a', times: 2 },
    { way: 'pair/failover/0', times: 1 },
  ])
})

test('a test message that was told while nobody could say so is an end', async () => {
  k.set({ canaryMs: undefined, receivers: tested, ping: new Secret('http://ping.example.org/') })
  k.open()
  await k.runFor(30_000)
  k.told('dba', 'failed', 'away')
  await k.runFor(hourMs)
  // Those who are told of it are away themselves.
  k.answer(() => ({ kind: 'later', reason: 'away' }))
  await k.keepTold('dba')
  k.told('dba')
  await k.runFor(5_000)
  await k.stop()
  k.said.length = 0
  k.pings.length = 0
  k.answer(() => ({ kind: 'delivered' }))
  k.open()
  await k.runFor(5 * hourMs)
  expect(titles()).toEqual(['other/a dba can be reached again'])
  expect(k.pings.length).toBeGreaterThan(280)
})

test('an end that was told while the state was away is not told again', async () => {
  k.open()
  await k.runFor(hourMs)
  await k.stop()
  k.refuse(new Failure('state_unavailable', 'away'))
  k.open()
  await k.runFor(200_000)
  k.canary()
  await k.runFor(1_000)
  k.refuse(undefined)
  await k.runFor(9_000)
  k.canary()
  await k.runFor(9_000)
  expect(again()).toHaveLength(1)
  await k.stop()
  k.open()
  await k.well(60_000)
  expect(again()).toHaveLength(1)
})

test('a clock that was set back in between does not hide an end', async () => {
  k.open()
  await k.runFor(hourMs)
  k.setBackBy(2 * hourMs)
  k.canary()
  await k.runFor(10_000)
  await k.stop()
  k.open()
  await k.well(60_000)
  expect(again()).toHaveLength(1)
})

test('what is not watched any more is not missed after a restart either', async () => {
  k.set({ canaryMs: undefined, receivers: tested })
  k.open()
  await k.runFor(30_000)
  k.told('dba', 'failed', 'away')
  await k.runFor(hourMs)
  k.set({ receivers: new Map() })
  await k.runFor(10_000)
  await k.stop()
  k.set({ receivers: tested })
  k.open()
  await k.runFor(3 * hourMs)
  expect(titles()).toHaveLength(1)
  expect((await k.missing()).filter(each => each.endsWith(' 1'))).toEqual([])
})

test('who does not want to hear of ends was told one message', async () => {
  const [one] = k.receivers.get('other')!.integrations
  k.receivers.set('other', { name: 'other', integrations: [{ ...one!, tellsEnds: false }] })
  k.open()
  await k.runFor(hourMs)
  k.canary()
  await k.runFor(10_000)
  expect(await k.counted()).toEqual([{ way: 'other/a', times: 1 }])
  await k.stop()
  k.open()
  await k.runFor(10_000)
  expect((await k.missing()).filter(each => each.endsWith(' 1'))).toEqual([])
})

test.each(['{', '{"reason":"watchdog","kind":"rules","how":"begun","receiver":"other"}'])(
  'a fact that nobody can read ends nothing: %s',
  async details => {
    await k.keepBad(details)
    k.open()
    await k.runFor(hourMs)
    k.canary()
    await k.runFor(10_000)
    expect(titles()).toEqual(['other/a Plimsoll does not alert just now', 'other/a Plimsoll alerts again'])
    expect(k.lines.filter(each => each.includes('cannot keep')).length).toBeLessThan(2)
  },
)

test('of two beginnings of one road the newer one tells whether it is over', async () => {
  k.set({ canaryMs: undefined, receivers: tested, tell: ['other', 'pair'] })
  k.open()
  await k.runFor(hourMs)
  // One of them does not hear of the end, and it is missing again a day later.
  k.answer(way => (way === 'other/a' ? { kind: 'delivered' } : { kind: 'later', reason: 'away' }))
  await k.keepTold('dba')
  k.told('dba')
  await k.runFor(dayMs + hourMs)
  await k.stop()
  k.said.length = 0
  k.answer(() => ({ kind: 'delivered' }))
  k.open()
  await k.runFor(10_000)
  expect(titles()).toEqual([])
  expect(await k.missing()).toContain('plimsoll_watchdog_missing{road="dba"} 1')
  k.told('dba')
  await k.runFor(10_000)
  expect(again()).toHaveLength(2)
})

test('who heard of it before hears of the end, also where it could not be said once more', async () => {
  k.open()
  await k.runFor(hourMs)
  await k.stop()
  k.refuse(new Failure('state_unavailable', 'away'))
  k.answer(() => ({ kind: 'later', reason: 'away' }))
  k.open()
  await k.runFor(200_000)
  k.refuse(undefined)
  await k.runFor(10_000)
  k.answer(() => ({ kind: 'delivered' }))
  k.canary()
  await k.runFor(10_000)
  expect(again()).toHaveLength(1)
})

test('each that is not watched any more is over for the next who watches', async () => {
  k.set({ receivers: tested })
  k.open()
  await k.runFor(hourMs)
  expect(titles()).toHaveLength(2)
  await k.stop()
  k.open()
  await k.runFor(10_000)
  k.set({ canaryMs: undefined, receivers: new Map() })
  await k.runFor(20_000)
  await k.stop()
  k.set({ canaryMs: 15_000, receivers: tested })
  k.open()
  await k.runFor(10_000)
  expect((await k.missing()).filter(each => each.endsWith(' 1'))).toEqual([])
})
