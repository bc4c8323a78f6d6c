// What services say later: of several numbers, too early, after a restart, an hour late.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Budget, Verdict } from '../../../alerter/channel.ts'
import { pastOf } from '../../../alerter/delivery/past.ts'
import type { DeliveryOptions } from '../../../alerter/delivery.ts'
import type { Failover } from '../../../alerter/failover.ts'
import type { Receipt } from '../../../alerter/inbound.ts'
import { openDock } from './dock.ts'

let dock: ReturnType<typeof openDock>
beforeEach(() => {
  dock = openDock()
})
afterEach(async () => {
  await dock.close()
})

const dayMs = 86_400_000
const order = () => ['a', 'b', 'c'].map(name => dock.way(name))
const note: DeliveryOptions['note'] = async facts => dock.shelf.keep(facts)
const open = (more: Partial<DeliveryOptions> = {}, settings: Partial<Failover> = {}) => {
  const ways = order()
  dock.configure(
    ...ways,
    dock.chain('ops', { order: ways, withinMs: 60_000, receiptMs: 300_000, ...settings }),
  )
  return dock.open({ note, ...more })
}
// The process is killed, and another one begins with what the facts tell.
const openAgain = () => {
  dock.shelf.kill()
  return open({ past: pastOf(dock.shelf.facts(), dayMs) })
}
const toTwo = ({ way }: { way: string }): Verdict => ({
  kind: 'accepted',
  receipts: [`${way}-1`, `${way}-2`],
})
const receipt = (name: string, outcome: Receipt['outcome'], more: Partial<Receipt> = {}): Receipt => ({
  ...{ kind: 'receipt', receipt: name, outcome, reason: outcome === 'failed' ? 'no signal' : '' },
  ...more,
})
const page = { urgency: 'page' as const }
const ways = () => dock.said.map(({ way }) => way)
const settle = () => dock.clock.runFor(0)

test('what a service has taken is not late while its receipt is waited for', async () => {
  dock.answer(({ way }) => (way === 'a' ? toTwo({ way }) : { kind: 'later', reason: 'down' }))
  const delivery = open({}, { receiptMs: 900_000 })
  dock.tell('g', 'ops', page)
  await dock.clock.runFor(600_000)
  expect(delivery.health()).toMatchObject({ waiting: 1, oldestMs: 0 })
  // Nobody has said that it arrived, and no other way takes it.
  await dock.clock.runFor(400_000)
  expect(delivery.health().oldestMs).toBeGreaterThan(900_000)
})

test('of several numbers one that it reached is enough', async () => {
  dock.answer(toTwo)
  const delivery = open()
  dock.tell('g', 'ops', page)
  await settle()
  await delivery.receipt(receipt('a-1', 'failed', { to: '+1' }))
  await settle()
  expect(ways()).toEqual(['a'])
  expect(dock.shelf.entries.size).toBe(1)
  await delivery.receipt(receipt('a-2', 'delivered', { to: '+2' }))
  await dock.clock.runFor(600_000)
  expect(ways()).toEqual(['a'])
  expect(dock.shelf.entries.size).toBe(0)
  // What became of each can be looked up.
  const fates = dock.shelf.facts().filter(({ kind }) => kind === 'receipt')
  expect(fates.map(({ details }) => details)).toMatchObject([
    { receipt: 'a-1', outcome: 'failed', to: '+1', why: 'no signal' },
    { receipt: 'a-2', outcome: 'delivered', to: '+2' },
  ])
})

test('it goes on when it has reached none of them', async () => {
  dock.answer(toTwo)
  const delivery = open()
  dock.tell('g', 'ops', page)
  await settle()
  for (const name of ['a-1', 'a-2']) await delivery.receipt(receipt(name, 'failed'))
  await settle()
  expect(ways()).toEqual(['a', 'b'])
})

test('a receipt that is faster than the answer counts', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  dock.answer(async ({ way }) => {
    if (way === 'a') await promise
    return { kind: 'accepted', receipt: way }
  })
  const delivery = open()
  dock.tell('g', 'ops', page)
  await settle()
  expect(await delivery.receipt(receipt('a', 'failed'))).toBe(false)
  resolve()
  await settle()
  expect(ways()).toEqual(['a', 'b'])
  expect(dock.kinds()).toEqual(['told a', 'receipt a', 'told b'])
})

test('a receipt that comes while another number is still to be told counts when that one is', async () => {
  const t = async (early: Receipt['outcome'], wanted: readonly string[]) => {
    const [fine, later] = [
      (receipt: string): Verdict => ({ kind: 'accepted', receipt }),
      { kind: 'later', reason: 'down' } as const,
    ]
    let isDown = true
    dock = openDock()
    const budgets = [0, 1].map(nth => ({ nth, key: `${nth}`, times: 99, perMs: 1_000, reserve: 0 }))
    const [a, b] = [dock.way('a', { budgets }), dock.way('b')]
    dock.answer(({ way }) => (way === 'b' ? fine('b') : [fine('a-1'), isDown ? later : fine('a-2')]))
    dock.configure(a, b, dock.chain('ops', { order: [a, b], withinMs: 600_000, receiptMs: 300_000 }))
    const delivery = dock.open({ note })
    dock.tell('g', 'ops', page)
    await dock.clock.runFor(1_000)
    expect(dock.kinds()).toEqual(['told a', 'failed a'])
    await delivery.receipt(receipt('a-1', early))
    isDown = false
    await dock.clock.runFor(30_000)
    await delivery.receipt(receipt('a-2', 'failed'))
    await settle()
    expect([...new Set(ways())], early).toEqual(wanted)
    expect(dock.shelf.facts().filter(({ kind }) => kind === 'receipt')).toHaveLength(2)
    await dock.close()
  }
  // Nobody has it: at once, and not only when no receipt can come any more.
  await t('failed', ['a', 'b'])
  await t('delivered', ['a'])
})

test('after a restart a receipt is known, and what failed goes on by the next way', async () => {
  dock.answer(({ way }) => ({ kind: 'accepted', receipt: way }))
  open()
  dock.tell('g', 'ops', page)
  await settle()
  const delivery = openAgain()
  await settle()
  expect(ways()).toEqual(['a'])
  expect(await delivery.receipt(receipt('a', 'failed'))).toBe(true)
  await settle()
  expect(ways()).toEqual(['a', 'b'])
  expect(dock.kinds()).toEqual(['told a', 'receipt a', 'told b'])
  expect(delivery.incidentOf('a')).toBe(4711)
  expect(delivery.incidentOf('z')).toBeUndefined()
})

test('after a restart one that arrives ends it, and one that never comes makes it go on, not begin again', async () => {
  dock.answer(({ way, message }) => ({
    kind: 'accepted',
    receipt: `${way} ${message.incident} ${dock.said.length}`,
  }))
  open()
  dock.tell('g', 'ops', page)
  await settle()
  dock.tell('h', 'ops', page)
  await dock.clock.runFor(100_000)
  const delivery = openAgain()
  await delivery.receipt(receipt('a 4711 1', 'delivered'))
  await dock.clock.runFor(200_000)
  expect(ways()).toEqual(['a', 'a', 'b'])
  expect(dock.said[2]?.message.alerts[0]?.fingerprint).toBe('h')
})

test('of two numbers one had failed before the restart: with the other it goes on', async () => {
  dock.answer(toTwo)
  const first = open()
  dock.tell('g', 'ops', page)
  await settle()
  await first.receipt(receipt('a-1', 'failed'))
  const delivery = openAgain()
  await settle()
  expect(ways()).toEqual(['a'])
  await delivery.receipt(receipt('a-2', 'failed'))
  await settle()
  expect(ways()).toEqual(['a', 'b'])
})

test('all had failed, and the process was killed before it could go on', async () => {
  dock.answer(toTwo)
  open()
  dock.tell('g', 'ops', page)
  await settle()
  const told = dock.shelf.facts().find(({ kind }) => kind === 'told')!
  const failed = (name: string) => ({
    ...told,
    id: name,
    kind: 'receipt' as const,
    details: { receipt: name, outcome: 'failed' },
  })
  dock.shelf.keep([failed('a-1'), failed('a-2')])
  openAgain()
  await settle()
  expect(ways()).toEqual(['a', 'b'])
})

test('a message that is accepted and arrives an hour later has gone on, and is said to be late', async () => {
  dock.answer(({ way }) => ({ kind: way === 'a' ? 'accepted' : 'delivered', receipt: way }))
  const delivery = open()
  dock.tell('g', 'ops', page)
  await dock.clock.runFor(300_000)
  expect(ways()).toEqual(['a', 'b'])
  await dock.clock.runFor(3_300_000)
  expect(await delivery.receipt(receipt('a', 'delivered'))).toBe(true)
  expect(dock.shelf.facts().at(-1)).toMatchObject({
    kind: 'receipt',
    incident: 4711,
    who: 'a',
    details: { outcome: 'delivered', afterMs: 3_600_000 },
  })
})

test('the receipt of a message that told of many groups is one of each of them', async () => {
  const phone: Budget = { key: 'phone', times: 1, perMs: 3_600_000, reserve: 0 }
  dock.answer(({ way }) => ({ kind: 'accepted', receipt: `${way}-${dock.said.length}` }))
  const all = [dock.way('a', { budgets: [phone] }), dock.way('b')]
  dock.configure(...all, dock.chain('ops', { order: all, withinMs: 7_200_000, receiptMs: 300_000 }))
  const delivery = dock.open({ note })
  for (const group of ['g', 'h', 'i']) dock.tell(group, 'ops', page)
  await dock.clock.runFor(3_700_000)
  expect(dock.said.at(-1)?.message.kind).toBe('digest')
  await delivery.receipt(receipt('a-3', 'delivered'))
  await dock.clock.runFor(600_000)
  expect(dock.shelf.entries.size).toBe(0)
  expect(ways()).toEqual(['a', 'b', 'a'])
  const facts = dock.shelf.facts().filter(({ kind }) => kind === 'receipt')
  expect(facts.map(({ group }) => group).sort()).toEqual(['h', 'i'])
})

test('a service that calls the next message the same means the last one', async () => {
  dock.answer(() => ({ kind: 'accepted', receipt: 'same' }))
  dock.configure(dock.way('a'))
  const delivery = dock.open({ note })
  dock.tell('g', 'a')
  await settle()
  dock.tell('h', 'a')
  await settle()
  await delivery.receipt(receipt('same', 'delivered'))
  expect(dock.shelf.facts().filter(({ kind }) => kind === 'receipt')).toMatchObject([{ group: 'h' }])
})
