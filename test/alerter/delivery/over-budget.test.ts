// More to say than a service takes: merging while it waits, digests, and what is kept for urgent messages.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { Budget, HttpChannel } from '../../../alerter/channel.ts'
import { noPast } from '../../../alerter/delivery/past.ts'
import type { Post } from '../../../alerter/post.ts'
import { NoPlace } from '../../../alerter/templated.ts'
import { beginMs, openDock } from './dock.ts'

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

test('what is too long is sent again in short when there is room for that, once', async () => {
  dock.configure(dock.way('a', { budgets: [robot] }))
  dock.answer(({ message }) =>
    message.alerts.length > 5
      ? { kind: 'refused', because: 'message', reason: 'too long' }
      : { kind: 'delivered' },
  )
  await openFull()
  const many = Array.from({ length: 7 }, (_, nth) => `${nth}`)
  for (let nth = 0; nth < 6; nth++) {
    dock.tell(`g${nth}`, 'a', { urgency: 'page', firing: many })
    await dock.clock.runFor(1_000)
  }
  await dock.clock.runFor(60_000)
  expect(groupsTold().size).toBe(7)
  // Each whole and in short, and neither of them twice.
  for (let nth = 0; nth < 6; nth++) {
    const said = dock.said.filter(({ message }) => message.groupLabels['group'] === `g${nth}`)
    expect(said.map(({ message }) => message.alerts.length)).toEqual([7, 5])
  }
  // Never more than what is in the bucket and what it gains.
  const times = dock.said.map(({ atMs }) => atMs)
  for (const [nth, beginMs] of times.entries())
    for (const [count, endMs] of times.slice(nth).entries())
      expect(count + 1).toBeLessThanOrEqual(robot.times + ((endMs - beginMs) * robot.times) / robot.perMs + 1)
})

test('of several numbers those that have it are not told again when the short one leaves', async () => {
  const budgets = [{ ...robot, times: 1, reserve: 0 }]
  const asked: string[] = []
  const channel: HttpChannel<unknown> = {
    ...{ name: 'fake', kind: 'http', settings: z.any(), budgets: () => budgets },
    requests: ({ alerts }) =>
      ['+1', '+2', '+3'].map(to => ({
        method: 'POST',
        url: to,
        headers: {},
        body: `${to} ${alerts.length}`,
      })),
    verdict: ({ body }) => {
      if (body === '+2 6') return { kind: 'refused', because: 'message', reason: 'too long' }
      // Not yet, and in short later.
      return body === '+2 5' && asked.length < 5
        ? { kind: 'later', reason: 'answered 500' }
        : { kind: 'accepted', receipt: body }
    },
  }
  const post: Post = {
    async send({ body }) {
      asked.push(String(body))
      return { ok: true, answer: { status: 200, headers: {}, body: String(body) } }
    },
    close: () => {},
  }
  dock.configure(dock.way('a'))
  dock.open({ post, channels: { fake: channel } })
  dock.tell('g', 'a', { firing: ['1', '2', '3', '4', '5', '6'] })
  await dock.clock.runFor(120_000)
  expect(asked).toEqual(['+1 6', '+2 6', '+3 6', '+2 5', '+2 5'])
  expect(dock.shelf.facts().at(-1)).toMatchObject({ details: { receipts: ['+1 6', '+2 5', '+3 6'] } })
})

test('what has happened while it waits for that is said whole again', async () => {
  dock.configure(dock.way('a', { budgets: [{ ...robot, times: 1, reserve: 0 }] }))
  await openFull()
  dock.tell('g', 'a', { firing: ['1', '2', '3', '4', '5', '6'] })
  dock.answer(({ message }) =>
    message.alerts.length > 5
      ? { kind: 'refused', because: 'message', reason: 'too long' }
      : { kind: 'delivered' },
  )
  await dock.clock.runFor(10_000)
  expect(dock.said.map(({ message }) => message.alerts.length)).toEqual([6])
  // What has happened since is said whole again.
  dock.tell('g', 'a', { firing: ['1'], resolved: ['2', '3', '4', '5', '6'], begun: [], reason: 'resolved' })
  await dock.clock.runFor(60_000)
  expect(dock.said.map(({ message }) => message.alerts.length)).toEqual([6, 6, 5])
  expect(dock.kinds().slice(1)).toEqual(['failed a', 'told a'])
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

test('what waits says for what: a budget, a pause, a service that fails, settings that are refused', async () => {
  const t = async (answer: Parameters<typeof dock.answer>[0], tells: number, wanted: object | undefined) => {
    dock = openDock()
    dock.configure(dock.way('a', { budgets: [{ ...phone, times: 2 }] }))
    dock.answer(answer)
    const delivery = dock.open({ past: { ...noPast, knownMs: 86_400_000 } })
    for (let nth = 0; nth < tells; nth++) {
      dock.tell(`g${nth}`, 'a')
      await dock.clock.runFor(nth === 0 ? 1_000 : 60_000)
    }
    const last = dock.tell('last', 'a')
    await dock.clock.runFor(1)
    expect(delivery.waitOf(last.id)).toEqual(wanted)
    await dock.close()
  }
  const told = { kind: 'delivered' } as const
  const base = { by: 'a', untilMs: expect.any(Number) }

  await t(() => told, 0, undefined)
  // Of two one is kept for urgent ones.
  await t(() => told, 1, { ...base, for: 'budget', left: 1, untilMs: beginMs + 43_200_000 })
  await t(() => ({ kind: 'later', reason: 'too many', isLimit: true, afterMs: 60_000 }), 1, {
    ...base,
    for: 'limit',
  })
  const wrong = { kind: 'refused', because: 'settings', reason: 'wrong key' } as const
  await t(() => wrong, 1, { ...base, for: 'settings', why: 'wrong key' })
  await t(() => ({ kind: 'later', reason: 'down' }), 8, { ...base, for: 'failures', why: 'down' })
})

test('a limit of the month holds across restarts, is seen as used up, and ends with the month', async () => {
  const bill: Budget = { key: 'bill', times: 5, per: 'month', reserve: 1 }
  dock.configure(dock.way('a', { budgets: [bill] }))
  // In Shanghai December begins at 16 o'clock, nine days and seven hours from now.
  const open = (times: number) =>
    dock.open({ past: { ...noPast, month: [{ way: 'a', times }] }, timeZone: 'Asia/Shanghai' })
  open(2)
  for (let nth = 0; nth < 4; nth++) {
    dock.tell(`g${nth}`, 'a')
    await dock.clock.runFor(1_000)
  }
  expect(dock.said).toHaveLength(2)
  dock.tell('urgent', 'a', { urgency: 'page' })
  await dock.clock.runFor(1_000)
  expect(dock.said).toHaveLength(3)
  expect(await dock.own.text()).toContain('plimsoll_alerter_budget_left{integration="a"} 0')
  dock.shelf.kill()
  const delivery = open(5)
  const [{ id }] = dock.shelf.entries.values() as unknown as [{ id: string }]
  const untilMs = Date.parse('2026-11-30T16:00:00Z')
  expect(delivery.waitOf(id)).toEqual({ by: 'a', for: 'budget', left: 0, untilMs })
  await dock.clock.runFor(untilMs - dock.clock.nowMs() - 1)
  expect(dock.said).toHaveLength(3)
  await dock.clock.runFor(1_000)
  expect(groupsTold().size).toBe(5)
})

test('one that is too long as it is makes no other of a digest short', async () => {
  const room: Budget = { key: 'room', times: 5, perMs: 20_000, reserve: 0 }
  let isBusy = true
  dock.answer(({ message: { alerts, kind } }) => {
    if (kind !== 'digest' && alerts.length > 20)
      return { kind: 'refused', because: 'message', reason: 'too long' }
    return isBusy && alerts.length > 1 ? { kind: 'later', reason: 'down' } : { kind: 'delivered' }
  })
  dock.configure(dock.way('a', { budgets: [room] }))
  dock.open()
  dock.tell('first', 'a')
  await dock.clock.runFor(60_000)
  dock.tell('long', 'a', { firing: Array.from({ length: 30 }, (_, nth) => `x${nth}`) })
  await dock.clock.runFor(100)
  isBusy = false
  for (let nth = 0; nth < 60; nth++) dock.tell(`g${nth}`, 'a')
  await dock.clock.runFor(60_000)
  const digests = dock.said.filter(({ message }) => message.kind === 'digest')
  expect(digests.length).toBeGreaterThan(0)
  for (const { message } of digests) expect(message.truncated).toEqual({ firing: 0, resolved: 0 })
  expect(dock.shelf.entries.size).toBe(0)
})

test('a digest that is refused is told by halves, until only what is refused by itself is not told', async () => {
  dock.configure(dock.way('a', { budgets: [robot] }))
  dock.answer(({ message }) =>
    message.truncated.firing > 0 || message.alerts.some(({ fingerprint }) => fingerprint === 'g50')
      ? { kind: 'refused', because: 'message', reason: 'a forbidden word' }
      : { kind: 'delivered' },
  )
  await openFull()
  for (let nth = 0; nth < 100; nth++) dock.tell(`g${nth}`, 'a')
  await dock.clock.runFor(600_000)
  expect(dock.shelf.entries.size).toBe(0)
  expect(groupsTold().size).toBe(100)
  expect(dock.shelf.facts().at(-1)).toMatchObject({ group: 'g50', details: { isFinal: true } })
  // Of each size the half that was told, and twice the one that was not.
  expect(dock.said.length).toBeLessThan(40)
})

test('so is one for which no place is found, as each of its groups has another one', async () => {
  dock.configure(dock.way('a', { budgets: [robot] }))
  dock.answer(({ message }) => {
    if (message.kind === 'digest') throw new NoPlace('to is a template, which gave nothing')
    return { kind: 'delivered' }
  })
  await openFull()
  for (let nth = 0; nth < 30; nth++) dock.tell(`g${nth}`, 'a')
  await dock.clock.runFor(900_000)
  expect(groupsTold().size).toBe(31)
})

test('what has happened since goes with others again', async () => {
  dock.configure(dock.way('a', { budgets: [phone] }))
  let isRefused = true
  dock.answer(({ message: { kind } }) => {
    if (!isRefused) return { kind: 'delivered' }
    return kind === 'digest'
      ? { kind: 'refused', because: 'message', reason: 'a forbidden word' }
      : { kind: 'later', reason: 'answered 503' }
  })
  dock.open()
  const groups = ['g', 'h', 'i', 'j', 'k', 'l']
  for (const group of groups) dock.tell(group, 'a')
  await dock.clock.runFor(7_200_000)
  expect(dock.said.some(({ message }) => message.kind === 'digest')).toBe(true)
  isRefused = false
  dock.said.length = 0
  for (const group of groups)
    dock.tell(group, 'a', { firing: [], resolved: [group], begun: [], reason: 'resolved' })
  await dock.clock.runFor(14_400_000)
  expect(groupsTold().size).toBe(6)
  expect(dock.said.some(({ message }) => message.kind === 'digest')).toBe(true)
})

test('a digest that one way refuses is told by the next one at once, and by halves where that is away', async () => {
  const order = [dock.way('a', { budgets: [robot] }), dock.way('b', { budgets: [phone] })]
  dock.configure(...order, dock.chain('chain', { order, withinMs: 120_000, receiptMs: null }))
  let isAway = false
  const isBad = (fingerprint: string): boolean => !isAway || fingerprint === 'late50'
  dock.answer(({ way, message }) => {
    const isCut = message.truncated.firing > 0
    if (way === 'a' && (isCut || message.alerts.some(({ fingerprint }) => isBad(fingerprint))))
      return { kind: 'refused', because: 'message', reason: 'a forbidden word' }
    return way === 'b' && isAway ? { kind: 'later', reason: 'down' } : { kind: 'delivered' }
  })
  dock.open()
  for (let nth = 0; nth < 300; nth++) dock.tell(`g${nth}`, 'chain', { urgency: 'page' })
  await dock.clock.runFor(180_000)
  expect(groupsTold().size).toBe(300)
  isAway = true
  for (let nth = 0; nth < 100; nth++) dock.tell(`late${nth}`, 'chain', { urgency: 'page' })
  await dock.clock.runFor(1_200_000)
  expect(groupsTold().size).toBe(399)
  isAway = false
  await dock.clock.runFor(7_200_000)
  expect(dock.shelf.entries.size).toBe(0)
})
