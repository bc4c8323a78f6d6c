// Messages that a service cannot take: only they wait.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Budgets } from '../../../alerter/delivery/budget.ts'
import { newItem } from '../../../alerter/delivery/item.ts'
import { putOff } from '../../../alerter/delivery/lane.ts'
import { openTraffic } from '../../../alerter/delivery/traffic.ts'
import type { Way, Ways } from '../../../alerter/delivery/ways.ts'
import { openDock, type Said } from './dock.ts'

let dock: ReturnType<typeof openDock>
beforeEach(() => {
  dock = openDock()
})
afterEach(async () => {
  await dock.close()
})

const page = { urgency: 'page' as const }
const settle = () => dock.clock.runFor(0)

test('messages that a service cannot take mute nobody else, however urgent they are', async () => {
  const isBad = ({ message }: Said): boolean => message.groupKey.includes('bad')
  dock.answer(said => (isBad(said) ? { kind: 'later', reason: 'answered 500' } : { kind: 'delivered' }))
  dock.configure(dock.way('a'))
  const delivery = dock.open()
  for (let nth = 0; nth < 6; nth++) dock.tell(`bad${nth}`, 'a', page)
  await dock.clock.runFor(600_000)
  // Nobody knows yet whether it is the service.
  dock.tell('good', 'a')
  await dock.clock.runFor(120_000)
  expect(dock.kinds()).toContain('told a')
  // Now it is known that it works, also where it asks for time.
  dock.answer(said =>
    isBad(said) ? { kind: 'later', reason: 'answered 503', afterMs: 3_600_000 } : { kind: 'delivered' },
  )
  for (let nth = 0; nth < 50; nth++) {
    const before = dock.shelf.facts().length
    dock.tell(`good${nth}`, 'a')
    await settle()
    expect(dock.shelf.facts().length).toBe(before + 1)
    await dock.clock.runFor(600_000)
  }
  expect(delivery.health()).toMatchObject({ waiting: 6, broken: [] })
  // The others are tried all the same, and told once that helps.
  dock.answer(() => ({ kind: 'delivered' }))
  await dock.clock.runFor(3_600_000)
  expect(dock.shelf.entries.size).toBe(0)
})

test('nor do they mute what was tried while nothing worked', async () => {
  let isDown = true
  dock.answer(({ message }) =>
    isDown || message.groupKey.includes('bad')
      ? { kind: 'later', reason: 'answered 500' }
      : { kind: 'delivered' },
  )
  dock.configure(dock.way('a'))
  dock.open()
  for (let nth = 0; nth < 4; nth++) dock.tell(`bad${nth}`, 'a', page)
  for (let nth = 0; nth < 4; nth++) dock.tell(`good${nth}`, 'a')
  await dock.clock.runFor(3_600_000)
  isDown = false
  await dock.clock.runFor(600_000)
  expect(dock.shelf.facts().filter(({ kind }) => kind === 'told')).toHaveLength(4)
})

test('a page leaves by itself, also where the probe is none', async () => {
  let isDown = false
  dock.answer(() => (isDown ? { kind: 'later', reason: 'down' } : { kind: 'delivered' }))
  dock.configure(dock.way('a', { budgets: [{ key: 'robot', times: 5, perMs: 20_000, reserve: 1 }] }))
  dock.open()
  dock.tell('first', 'a')
  await dock.clock.runFor(60_000)
  isDown = true
  for (let nth = 0; nth < 100; nth++) dock.tell(`normal${nth}`, 'a')
  await dock.clock.runFor(60_000)
  dock.tell('page', 'a', page)
  await dock.clock.runFor(20_000)
  const before = dock.said.length
  isDown = false
  await dock.clock.runFor(300_000)
  const said = dock.said.slice(before).map(({ message: { kind, urgency } }) => `${urgency} ${kind}`)
  expect(said).toContain('page alerts')
  expect(said).not.toContain('page digest')
})

test('a probe that has no budget left does not keep a more urgent one waiting', () => {
  const waitMs: Budgets['waitMs'] = (_, { urgency }) => (urgency === 'page' ? 0 : 9_000)
  const way = { id: 'a', channel: dock.fake, budgets: [[]] } as unknown as Way
  const waited: number[] = []
  const traffic = openTraffic({
    ways: { way: () => way } as unknown as Ways,
    budgets: { waitMs } as Budgets,
    waits: (_, ms) => waited.push(ms),
    opened: () => {},
  })
  const lane = traffic.lane('a')
  for (let nth = 0; nth < 5; nth++)
    putOff(lane, { reason: 'down', sinceMs: 0, afterMs: undefined, isLimit: false }, 0)
  traffic.put(newItem(dock.tell('calm', 'a'), 0), lane)
  expect(traffic.next(5_000)).toBeUndefined()
  expect(waited).toEqual([9_000])
  const urgent = newItem({ ...dock.tell('urgent', 'a', page), tries: 1 }, 0)
  traffic.put(urgent, lane)
  expect(traffic.next(5_000)?.items).toEqual([urgent])
})
