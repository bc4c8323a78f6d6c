// More to say than a service takes: merging while it waits, digests, and what is kept for urgent messages.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Budget } from '../../../alerter/channel.ts'
import { openDock } from './dock.ts'

let dock: ReturnType<typeof openDock>
beforeEach(() => {
  dock = openDock()
})
afterEach(async () => {
  await dock.close()
})

const robot: Budget = { key: 'robot', times: 5, perMs: 20_000, reserve: 1 }
const phone: Budget = { key: 'phone', times: 50, perMs: 86_400_000, reserve: 10 }
const groupsTold = () =>
  new Set(dock.shelf.facts().flatMap(each => (each.kind === 'told' ? [each.group] : [])))
// A bucket that was not used for a minute.
const openFull = async () => {
  const delivery = dock.open()
  dock.tell('first', 'a')
  await dock.clock.runFor(60_000)
  dock.said.length = 0
  return delivery
}

test('few wait for each other', async () => {
  dock.configure(dock.way('a', { budgets: [robot] }))
  await openFull()
  for (let nth = 0; nth < 8; nth++) dock.tell(`g${nth}`, 'a')
  await dock.clock.runFor(0)
  expect(dock.said).toHaveLength(4)
  await dock.clock.runFor(20_000)
  expect(dock.said.map(({ message }) => message.kind)).toEqual(Array.from({ length: 8 }, () => 'alerts'))
})

test('many groups become one digest that names all, the worst first, and each is told', async () => {
  dock.configure(dock.way('a', { budgets: [robot] }))
  await openFull()
  for (let nth = 0; nth < 100; nth++)
    dock.tell(`g${nth}`, 'a', { firing: nth === 70 ? ['x', 'y', 'z'] : [`g${nth}`] })
  await dock.clock.runFor(5_000)
  const digest = dock.said.find(({ message }) => message.kind === 'digest')?.message
  expect(digest).toMatchObject({
    receiver: 'ops',
    status: 'firing',
    incident: null,
    link: 'https://plimsoll.example.org/',
    groupLabels: { alertname: 'DiskFull' },
    truncated: { firing: 0, resolved: 0 },
  })
  expect(digest?.alerts).toHaveLength(98)
  expect(digest?.text.split('\n')[0]).toBe('alertname DiskFull, group g70: 3')
  expect(digest?.text.split('\n').at(-1)).toBe('… +76')
  expect(dock.said).toHaveLength(5)
  expect(groupsTold().size).toBe(101)
  expect(dock.shelf.facts().filter(({ kind }) => kind === 'digested')).toHaveLength(96)
  expect(dock.shelf.entries.size).toBe(0)
  expect(await dock.own.text()).toContain('plimsoll_alerter_merged_total{into="digest"} 96')
})

test('an urgent one passes the storm, by itself', async () => {
  dock.configure(dock.way('a', { budgets: [robot] }))
  await openFull()
  for (let nth = 0; nth < 50; nth++) dock.tell(`g${nth}`, 'a')
  dock.tell('urgent', 'a', { urgency: 'page' })
  await dock.clock.runFor(0)
  expect(dock.departed.slice(-5)).toEqual(['g0', 'g1', 'g2', 'g3', 'urgent'])
  const normal = Array.from({ length: 4 }, () => 'normal')
  expect(dock.said.map(({ message }) => message.urgency).toSorted()).toEqual([...normal, 'page'])
  await dock.clock.runFor(10_000)
  expect(dock.said.at(-1)?.message).toMatchObject({ kind: 'digest', urgency: 'normal' })
  expect(groupsTold().size).toBe(52)
})

test('a number that has had its messages of the day is told in few, and nothing is lost', async () => {
  dock.configure(dock.way('a', { budgets: [phone] }))
  dock.open()
  for (let hour = 0; hour < 24; hour++) {
    for (let nth = 0; nth < 20; nth++) dock.tell(`g${hour}-${nth}`, 'a')
    await dock.clock.runFor(3_600_000)
  }
  await dock.clock.runFor(7_200_000)
  expect(dock.said.length).toBeLessThanOrEqual(51 + 4)
  expect(dock.said.length).toBeGreaterThan(24)
  expect(groupsTold().size).toBe(480)
})

test('what waits takes in what comes later', async () => {
  dock.configure(dock.way('a', { budgets: [phone] }))
  dock.open()
  dock.tell('g', 'a')
  dock.tell('h', 'a', { firing: ['x'], begun: ['x'] })
  dock.tell('h', 'a', { firing: [], resolved: ['x'], begun: [], reason: 'resolved' })
  await dock.clock.runFor(7_200_000)
  expect(dock.said).toHaveLength(2)
  expect(dock.shelf.facts().at(-1)).toMatchObject({
    group: 'h',
    details: { resolved: ['x'], reason: 'first' },
  })
})

test('where messages stand for something, none are merged', async () => {
  dock.configure(dock.way('a', { budgets: [robot] }))
  dock.open({ channels: { fake: { ...dock.fake, digests: false } } })
  for (let nth = 0; nth < 50; nth++) dock.tell(`g${nth}`, 'a')
  await dock.clock.runFor(600_000)
  expect(dock.said.map(({ message }) => message.kind)).toEqual(Array.from({ length: 50 }, () => 'alerts'))
})

test('a digest that cannot be sent is sent later, with what came meanwhile', async () => {
  dock.configure(dock.way('a', { budgets: [phone] }))
  let isDown = true
  dock.answer(() => (isDown ? { kind: 'later', reason: 'down', afterMs: 60_000 } : { kind: 'delivered' }))
  dock.open()
  for (let nth = 0; nth < 10; nth++) dock.tell(`g${nth}`, 'a')
  await dock.clock.runFor(7_200_000)
  isDown = false
  dock.tell('late', 'a')
  await dock.clock.runFor(7_200_000)
  expect(dock.said.filter(({ message }) => message.kind === 'digest')).not.toEqual([])
  expect(groupsTold().size).toBe(11)
  expect(dock.shelf.facts().filter(({ kind }) => kind === 'told')).toHaveLength(11)
})
