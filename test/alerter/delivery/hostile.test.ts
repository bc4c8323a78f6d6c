// Services that hang, lie and change: nobody else waits for them, and nobody is told again because of them.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Verdict } from '../../../alerter/channel.ts'
import { pastOf } from '../../../alerter/delivery/past.ts'
import type { DeliveryOptions } from '../../../alerter/delivery.ts'
import type { Receipt } from '../../../alerter/inbound.ts'
import { openDock } from './dock.ts'

let dock: ReturnType<typeof openDock>
beforeEach(() => {
  dock = openDock()
})
afterEach(async () => {
  await dock.close()
})

const page = { urgency: 'page' as const }
const ways = () => dock.said.map(({ way }) => way)
const settle = () => dock.clock.runFor(0)
const note: DeliveryOptions['note'] = async facts => dock.shelf.keep(facts)
const receipt = (name: string, more: Partial<Receipt> = {}): Receipt => ({
  ...{ kind: 'receipt', receipt: name, outcome: 'delivered', reason: '' },
  ...more,
})
const openChain = (more: Partial<DeliveryOptions> = {}) => {
  const order = ['a', 'b'].map(name => dock.way(name))
  dock.configure(...order, dock.chain('ops', { order, withinMs: 60_000, receiptMs: 300_000 }))
  return dock.open({ note, ...more })
}

test('who took it is not told again because the next way is down', async () => {
  let isDown = true
  dock.answer(({ way }) =>
    way === 'b' && isDown ? { kind: 'later', reason: 'down' } : { kind: 'accepted', receipt: way },
  )
  openChain()
  for (let nth = 0; nth < 5; nth++) dock.tell(`calm${nth}`, 'b')
  dock.tell('g', 'ops', page)
  await dock.clock.runFor(3_600_000)
  expect(ways().filter(way => way === 'a')).toEqual(['a'])
  // Nor after a restart.
  dock.shelf.kill()
  openChain({ past: pastOf(dock.shelf.facts(), 86_400_000) })
  await dock.clock.runFor(3_600_000)
  isDown = false
  await dock.clock.runFor(600_000)
  expect(ways().filter(way => way === 'a')).toEqual(['a'])
  expect(dock.kinds()).toContain('told b')
  expect(dock.shelf.entries.size).toBe(0)
})

test('nor because the next way refuses: that nobody may have been told is on record', async () => {
  dock.answer(
    ({ way }): Verdict =>
      way === 'b'
        ? { kind: 'refused', because: 'settings', reason: 'no token' }
        : { kind: 'accepted', receipt: way },
  )
  openChain()
  dock.tell('g', 'ops', page)
  await dock.clock.runFor(4_000_000)
  expect(ways().filter(way => way === 'a')).toEqual(['a'])
  expect(dock.kinds().slice(0, 2)).toEqual(['told a', 'failed b'])
  expect(dock.shelf.entries.size).toBe(0)
  expect(dock.shelf.facts().at(-1)?.details).toMatchObject({ why: 'no token', isFinal: true })
})

test('but what is new is told by all of them', async () => {
  dock.answer(({ way }) => ({ kind: 'accepted', receipt: `${way}${dock.said.length}` }))
  openChain()
  dock.tell('g', 'ops', page)
  await dock.clock.runFor(1_000)
  dock.tell('g', 'ops', { ...page, firing: ['x'], begun: ['x'], reason: 'more' })
  await dock.clock.runFor(300_000)
  expect(ways()).toEqual(['a', 'a', 'b'])
})

test('two services that call theirs the same do not answer for each other', async () => {
  dock.answer(() => ({ kind: 'accepted', receipt: '5' }))
  const all = ['x/sms-smpp/0', 'y/sms-smpp/0', 'x/voice-twilio/0'].map(name => dock.way(name))
  dock.configure(...all)
  const delivery = dock.open({ note })
  for (const { id } of all) dock.tell(id, id)
  await settle()
  const told = (): unknown[] => dock.shelf.facts().flatMap(({ kind, who }) => (kind === 'receipt' ? who : []))
  expect(await delivery.receipt(receipt('5'), 'x/sms-smpp/0')).toBe(true)
  expect(told()).toEqual(['x/sms-smpp/0'])
  // At the address of one receiver an account speaks of all, and of SMS and calls.
  expect(await delivery.receipt(receipt('5'), 'y/sms-twilio/0')).toBe(true)
  expect(told()).toEqual(['x/sms-smpp/0', 'x/voice-twilio/0'])
  expect(await delivery.receipt(receipt('5'), 'z/sms-http/0')).toBe(false)
  expect(delivery.incidentOf('5', 'z/sms-http/0')).toBeUndefined()
  expect(delivery.incidentOf('5', 'y/sms-smpp/0')).toBe(4711)
})

test('each number has a receipt, also where all have the same name and come before the answer', async () => {
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  dock.answer(() => promise)
  dock.configure(dock.way('a'))
  const delivery = dock.open({ note })
  dock.tell('g', 'a')
  await settle()
  for (const to of ['+1', '+2', '+2']) await delivery.receipt(receipt('same', { to }), 'a')
  resolve({ kind: 'accepted', receipt: 'same' })
  await settle()
  const found = dock.shelf.facts().filter(({ kind }) => kind === 'receipt')
  expect(found.map(({ details }) => details)).toMatchObject([{ to: '+1' }, { to: '+2' }])
})

test('whoever is to be woken does not wait out the patience of what was there before', async () => {
  dock.answer(({ message }) =>
    message.urgency === 'page' ? { kind: 'delivered' } : { kind: 'later', reason: 'too much of this' },
  )
  dock.configure(dock.way('a'))
  dock.open()
  dock.tell('g', 'a')
  // The fifth failure has shut the way for a while, and the next try of this one is later still.
  await dock.clock.runFor(25_000)
  const before = dock.said.length
  dock.tell('g', 'a', { ...page, firing: ['x'], begun: ['x'], reason: 'more' })
  await settle()
  expect(dock.said.length).toBe(before + 1)
  expect(dock.shelf.entries.size).toBe(0)
})

test('a service that asks to be left alone for no time at all is one that fails', async () => {
  dock.answer(() => ({ kind: 'later', reason: 'answered 503', afterMs: 0 }))
  dock.configure(dock.way('a'))
  const delivery = dock.open()
  for (let nth = 0; nth < 100; nth++) dock.tell(`g${nth}`, 'a')
  await dock.clock.runFor(4_000)
  expect(dock.said).toHaveLength(16)
  expect(delivery.health().broken).toMatchObject([{ because: 'failures' }])
})

test('ways that hang do not keep another waiting, however many they are', async () => {
  const names = Array.from({ length: 40 }, (_, nth) => `hangs${nth}`)
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  dock.answer(({ way }) => (way === 'works' ? { kind: 'delivered' } : promise))
  dock.configure(dock.way('works'), ...names.map(name => dock.way(name)))
  dock.open()
  for (const name of names) for (let nth = 0; nth < 16; nth++) dock.tell(`${name} ${nth}`, name)
  dock.tell('g', 'works')
  await settle()
  expect(ways().filter(way => way === 'works')).toEqual(['works'])
  expect(dock.said.length).toBeLessThan(300)
  resolve({ kind: 'delivered' })
  await settle()
  expect(dock.shelf.entries.size).toBe(0)
})

test('a way that is not configured any more is not said to be broken', async () => {
  dock.answer(() => ({ kind: 'refused', because: 'settings', reason: 'no token' }))
  dock.configure(dock.way('a'), dock.way('b'))
  dock.open()
  dock.tell('g', 'a')
  await settle()
  const open = async () => (await dock.own.text()).match(/breaker_open\{integration="a"\} (\d)/)?.[1]
  expect(await open()).toBe('1')
  dock.configure(dock.way('b'))
  dock.tell('h', 'b')
  await settle()
  expect(await open()).toBe('0')
})

test('while a service fails, those that wait are asked once whether they go elsewhere', async () => {
  dock.answer(() => ({ kind: 'later', reason: 'down' }))
  dock.configure(dock.way('a'))
  dock.open()
  // Whoever looks where one belongs, looks how urgent it is.
  let looks = 0
  for (let nth = 0; nth < 500; nth++) {
    const { telling } = dock.tell(`g${nth}`, 'a')
    const get = () => {
      looks += 1
      return 'normal'
    }
    Object.defineProperty(telling, 'urgency', { get })
  }
  await settle()
  expect(dock.said).toHaveLength(16)
  expect(looks).toBeLessThan(5_000)
})

test('a disk that is slow does not keep the next ones waiting, but what is not written down stays little', async () => {
  const written = Promise.withResolvers<void>()
  const outbox = dock.shelf.open()
  const done: typeof outbox.done = async (id, facts) => {
    await written.promise
    return outbox.done(id, facts)
  }
  dock.configure(dock.way('a'), dock.way('b'))
  dock.open({ outbox: { ...outbox, done } })
  for (let nth = 0; nth < 200; nth++) dock.tell(`g${nth}`, 'a')
  dock.tell('h', 'b')
  await settle()
  const count = ways().filter(way => way === 'a').length
  expect(count).toBeGreaterThanOrEqual(16)
  expect(count).toBeLessThanOrEqual(32)
  expect(ways()).toContain('b')
  written.resolve()
  await expect.poll(() => dock.shelf.entries.size).toBe(0)
  expect(dock.said).toHaveLength(201)
})
