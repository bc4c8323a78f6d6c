// Whose turn is it, when one way fails, does not work, takes too long, or tells nobody that it arrived?
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Budget, Verdict } from '../../../alerter/channel.ts'
import type { DeliveryOptions } from '../../../alerter/delivery.ts'
import type { Failover } from '../../../alerter/failover.ts'
import { openDock } from './dock.ts'

let dock: ReturnType<typeof openDock>
let answers: Record<string, Verdict>
beforeEach(() => {
  dock = openDock()
  answers = {}
  dock.answer(({ way }) => answers[way] ?? { kind: 'delivered' })
})
afterEach(async () => {
  await dock.close()
})

const open = (settings: Partial<Failover> = {}, more: Partial<DeliveryOptions> = {}) => {
  const order = settings.order ?? ['a', 'b', 'c'].map(name => dock.way(name))
  dock.configure(...order, dock.chain('ops', { withinMs: 60_000, receiptMs: null, ...settings, order }))
  return dock.open(more)
}
const ways = () => dock.said.map(({ way }) => way)
const settle = () => dock.clock.runFor(0)
const page = { urgency: 'page' as const }

test('the first that works is enough', async () => {
  open()
  dock.tell('g', 'ops')
  await settle()
  expect(ways()).toEqual(['a'])
  expect(dock.kinds()).toEqual(['told a'])
})

test('one that refuses is followed by the next at once, and is not asked again', async () => {
  answers = {
    a: { kind: 'refused', because: 'settings', reason: 'no token' },
    b: { kind: 'refused', because: 'message', reason: 'too long' },
  }
  open()
  dock.tell('g', 'ops')
  await settle()
  dock.tell('h', 'ops')
  await settle()
  // b is asked twice: the second time for less. a is known not to work.
  expect(ways()).toEqual(['a', 'b', 'b', 'c', 'b', 'b', 'c'])
  expect(dock.kinds()).toEqual(['failed a', 'failed b', 'told c', 'failed b', 'told c'])
})

test('when all refuse it is given up after an hour, with a reason for each', async () => {
  for (const name of ['a', 'b', 'c'])
    answers[name] = { kind: 'refused', because: 'settings', reason: `no ${name}` }
  open()
  dock.tell('g', 'ops')
  await settle()
  const reasons = () => dock.shelf.facts().map(({ details }) => (details as { why: string }).why)
  expect(reasons()).toEqual(['no a', 'no b', 'no c'])
  expect(dock.shelf.entries.size).toBe(1)
  await dock.clock.runFor(4_000_000)
  expect(dock.shelf.facts().at(-1)).toMatchObject({ details: { isFinal: true } })
  expect(dock.shelf.entries.size).toBe(0)
})

test('one that is busy is tried again, until the next would be too late', async () => {
  answers = { a: { kind: 'later', reason: 'busy' } }
  open({ withinMs: 10_000 })
  dock.tell('g', 'ops')
  await dock.clock.runFor(20_000)
  expect(ways()).toEqual(['a', 'a', 'a', 'a', 'b'])
  expect((dock.said.at(-1)!.atMs - dock.said[0]!.atMs) / 1_000).toBe(7)
})

test('one that says when it is back fails all the same: the next is tried, and those behind it wait for nothing', async () => {
  answers = { a: { kind: 'later', reason: 'answered 503', afterMs: 120_000 } }
  open()
  dock.tell('g', 'ops')
  await settle()
  expect(ways()).toEqual(['a', 'b'])
  dock.tell('h', 'ops')
  await settle()
  expect(ways()).toEqual(['a', 'b', 'b'])
  answers = {}
  await dock.clock.runFor(120_000)
  dock.tell('i', 'ops')
  await settle()
  expect(ways()).toEqual(['a', 'b', 'b', 'a'])
})

test('a limit of the service is waited for like a budget: only urgent ones go elsewhere', async () => {
  answers = { a: { kind: 'later', reason: 'answered 429', afterMs: 600_000, isLimit: true } }
  open()
  dock.tell('g', 'ops')
  await settle()
  dock.tell('h', 'ops')
  dock.tell('i', 'ops', page)
  await dock.clock.runFor(599_000)
  expect(dock.said.map(({ way, message }) => `${way} ${message.urgency}`)).toEqual(['a normal', 'b page'])
  answers = {}
  await dock.clock.runFor(1_000)
  expect(ways()).toEqual(['a', 'b', 'a', 'a'])
})

test('when none works they are tried in turn, for ever', async () => {
  for (const name of ['a', 'b', 'c']) answers[name] = { kind: 'later', reason: 'down' }
  open({ withinMs: 5_000 })
  dock.tell('g', 'ops')
  await dock.clock.runFor(3_600_000)
  expect(new Set(ways())).toEqual(new Set(['a', 'b', 'c']))
  expect(dock.said.length).toBeLessThan(300)
  answers = {}
  await dock.clock.runFor(600_000)
  expect(dock.shelf.entries.size).toBe(0)
  expect(dock.kinds().at(-1)).toContain('told')
})

test('one that is known to be down is passed over, and comes back', async () => {
  answers = { a: { kind: 'later', reason: 'down' } }
  open()
  for (let nth = 0; nth < 5; nth++) dock.tell(`g${nth}`, 'a')
  await settle()
  dock.said.length = 0
  dock.tell('h', 'ops')
  await settle()
  expect(ways()).toEqual(['b'])
  answers = {}
  await dock.clock.runFor(20_000)
  dock.said.length = 0
  dock.tell('i', 'ops')
  await settle()
  expect(ways()).toEqual(['a'])
})

test('what waits in the lane of one that breaks goes to the next', async () => {
  answers = { a: { kind: 'later', reason: 'down' } }
  open()
  for (let nth = 0; nth < 40; nth++) dock.tell(`g${nth}`, 'ops')
  await settle()
  expect(ways().filter(way => way === 'a')).toHaveLength(16)
  await dock.clock.runFor(1_000)
  expect(dock.shelf.entries.size).toBe(0)
  expect(ways().filter(way => way === 'b')).toHaveLength(40)
})

test('urgent ones do not wait for a budget longer than they may; others do', async () => {
  const robot: Budget = { key: 'robot', times: 2, perMs: 1_000_000, reserve: 0 }
  open({ order: [dock.way('a', { budgets: [robot] }), dock.way('b')] })
  dock.tell('g', 'ops')
  await settle()
  dock.tell('h', 'ops')
  dock.tell('i', 'ops', page)
  await settle()
  expect(dock.said.map(({ way, message }) => `${way} ${message.urgency}`)).toEqual(['a normal', 'b page'])
  await dock.clock.runFor(1_000_000)
  expect(ways()).toEqual(['a', 'b', 'a'])
})

test('nobody waits for the next month where another way is left', async () => {
  const bill: Budget = { key: 'bill', times: 1, per: 'month', reserve: 0 }
  open({ order: [dock.way('a', { budgets: [bill] }), dock.way('b')] })
  for (const group of ['g', 'h']) {
    dock.tell(group, 'ops')
    await settle()
  }
  expect(ways()).toEqual(['a', 'b'])
})

test('a receipt that does not come makes an urgent message go on; one that comes ends it', async () => {
  dock.answer(({ way }) => ({ kind: 'accepted', receipt: `${way}-${dock.said.length}` }))
  const delivery = open({ receiptMs: 30_000 })
  dock.tell('g', 'ops', page)
  dock.tell('calm', 'ops')
  await settle()
  expect(dock.shelf.entries.size).toBe(1)
  await dock.clock.runFor(30_000)
  expect(ways()).toEqual(['a', 'a', 'b'])
  await delivery.receipt({ kind: 'receipt', receipt: 'b-3', outcome: 'seen', reason: '' })
  await dock.clock.runFor(600_000)
  expect(ways()).toEqual(['a', 'a', 'b'])
  expect(dock.shelf.entries.size).toBe(0)
  expect(dock.kinds()).toEqual(['told a', 'told a', 'told b', 'seen b'])
})

test('a receipt that tells of a failure makes it go on at once', async () => {
  dock.answer(({ way }) => ({ kind: 'accepted', receipt: way }))
  const delivery = open({ receiptMs: 300_000 }, { note: async facts => dock.shelf.keep(facts) })
  dock.tell('g', 'ops', page)
  await settle()
  expect(
    await delivery.receipt({ kind: 'receipt', receipt: 'a', outcome: 'failed', reason: 'no signal' }),
  ).toBe(true)
  await settle()
  expect(ways()).toEqual(['a', 'b'])
  expect(dock.kinds()).toEqual(['told a', 'receipt a', 'told b'])
  expect(await delivery.receipt({ kind: 'receipt', receipt: 'unknown', outcome: 'failed', reason: '' })).toBe(
    false,
  )
})

test('news does not wait for the receipt of what was told before', async () => {
  dock.answer(() => ({ kind: 'accepted', receipt: `r${dock.said.length}` }))
  open({ receiptMs: 300_000 })
  dock.tell('g', 'ops', { ...page, firing: ['x'], begun: ['x'] })
  await dock.clock.runFor(1_000)
  dock.tell('g', 'ops', { ...page, firing: [], resolved: ['x'], begun: [], reason: 'resolved' })
  await settle()
  expect(ways()).toEqual(['a', 'a'])
  expect(dock.shelf.facts().at(-1)).toMatchObject({ details: { resolved: ['x'] } })
})

test('a changed order is followed, also by what waits', async () => {
  answers = { a: { kind: 'later', reason: 'down', afterMs: 3_600_000 } }
  const order = [dock.way('a')]
  open({ order })
  dock.tell('g', 'ops')
  await dock.clock.runFor(10_000)
  open({ order: [dock.way('b')] })
  await dock.clock.runFor(3_600_000)
  expect(ways()).toEqual(['a', 'b'])
})
