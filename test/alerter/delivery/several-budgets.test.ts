// Numbers of one way that fare differently: one over its budget, one that fails, one that a reload takes away.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Answer } from '../../../alerter/channel.ts'
import { channels } from '../../../alerter/channels/index.ts'
import { openBudgets } from '../../../alerter/delivery/budget.ts'
import { pastOf } from '../../../alerter/delivery/past.ts'
import { spendPast } from '../../../alerter/delivery/recalling.ts'
import { openWays } from '../../../alerter/delivery/ways.ts'
import type { Post } from '../../../alerter/post.ts'
import type { Integration } from '../../../alerter/route.ts'
import { openDock } from './dock.ts'

const hourMs = 3_600_000
const dayMs = 86_400_000
const page = { urgency: 'page' as const }
const numbers = { a: '13800000001', b: '13800000002', c: '13800000003' }
type Name = keyof typeof numbers

let dock: ReturnType<typeof openDock>
let asked: Name[]
let answers: (name: Name) => Promise<Partial<Answer>> | Partial<Answer>
beforeEach(() => {
  dock = openDock()
  asked = []
  answers = () => fine()
})
afterEach(async () => {
  await dock.close()
})

const fine = (): Partial<Answer> => said({ Code: 'OK', BizId: `b${asked.length}` })
const said = (body: object): Partial<Answer> => ({ status: 200, body: JSON.stringify(body) })
const down = { status: 503 }
const timesOf = (name: Name): number => asked.filter(each => each === name).length

const sms = (id: string, names: readonly Name[], perDay = 10): Integration => ({
  id: `${id}/sms-aliyun/0`,
  channel: 'sms-aliyun',
  tellsEnds: true,
  settings: channels['sms-aliyun']!.settings.parse({
    ...{ access_key_id: 'I', access_key_secret: 'S3CRETSECRET', sign_name: 'x', template_code: 'SMS_1' },
    to: names.map(name => numbers[name]),
    per_day: perDay,
  }),
})
const onlyA = sms('a', ['a'])
const both = sms('both', ['a', 'b'])

const post: Post = {
  async send({ url, body }) {
    const text = `${url}${body}`
    const name = (Object.keys(numbers) as Name[]).find(each => text.includes(numbers[each]))!
    asked.push(name)
    return { ok: true, answer: { status: 200, headers: {}, body: '', ...(await answers(name)) } }
  },
  close: () => {},
}
const open = () => dock.open({ post, channels, past: pastOf(dock.shelf.facts(), dayMs) })

async function spendDayOf(way: Integration): Promise<void> {
  for (let nth = 0; nth < 10; nth++) {
    dock.tell(`${way.id}${nth}`, way.id, page)
    await dock.clock.runFor(1)
  }
}

test('a limit that is raised has nobody told again', async () => {
  dock.configure(onlyA, both)
  open()
  await spendDayOf(onlyA)
  dock.tell('g', both.id, page)
  await dock.clock.runFor(hourMs)
  expect([timesOf('a'), timesOf('b')]).toEqual([10, 1])
  dock.configure(onlyA, sms('both', ['a', 'b'], 20))
  dock.tell('another', onlyA.id)
  await dock.clock.runFor(2 * dayMs)
  expect([timesOf('a'), timesOf('b')]).toEqual([12, 1])
})

test('a number that comes by a reload is told within its own budget', async () => {
  const onlyC = sms('c', ['c'])
  dock.configure(onlyA, both)
  open()
  await spendDayOf(onlyA)
  dock.tell('g', both.id, page)
  await dock.clock.runFor(hourMs)
  dock.configure(onlyA, onlyC, sms('both', ['a', 'c']))
  await spendDayOf(onlyC)
  await dock.clock.runFor(23 * hourMs + 60_000)
  expect(timesOf('c')).toBe(10)
  await dock.clock.runFor(hourMs)
  expect(timesOf('c')).toBe(11)
})

test('the receipt of who was told first is known while others wait', async () => {
  dock.configure(onlyA, both)
  const delivery = open()
  await spendDayOf(onlyA)
  dock.tell('g', both.id, page)
  await dock.clock.runFor(hourMs)
  const { receipts } = dock.shelf.facts().findLast(({ kind }) => kind === 'told')!.details as {
    receipts: readonly string[]
  }
  expect(delivery.incidentOf(receipts[0]!, both.id)).toBe(4711)
})

test('a door that is closed for a moment loses nobody because another one has no budget', async () => {
  dock.configure(onlyA, both)
  open()
  await spendDayOf(onlyA)
  answers = () => ({ status: 403, body: 'a proxy' })
  dock.tell('g', both.id, page)
  await dock.clock.runFor(30_000)
  answers = fine
  await dock.clock.runFor(hourMs)
  expect(timesOf('b')).toBe(2)
  expect(dock.kinds().at(-1)).toBe(`told ${both.id}`)
})

test('whoever got nothing from a message is not charged for it after a restart', async () => {
  dock.configure(both)
  answers = name =>
    name === 'a'
      ? fine()
      : timesOf('b') === 1
        ? down
        : said({ Code: 'isv.MOBILE_NUMBER_ILLEGAL', Message: 'no' })
  open()
  dock.tell('g', both.id, page)
  // Whether it is the number or the settings nobody knows, so it is asked for an hour.
  await dock.clock.runFor(2 * hourMs)
  expect(timesOf('a')).toBe(1)
  expect(dock.shelf.entries.size).toBe(0)
  const budgets = openBudgets(dayMs)
  const ways = openWays(() => new Map([[both.id, both]]), channels)
  spendPast(pastOf(dock.shelf.facts(), dayMs), { ways, budgets, clock: dock.clock })
  const left = ways.way(both.id)!.budgets.map(each => budgets.left(each, dock.clock.monotonicMs()))
  expect(left).toEqual([9, 10])
})

test('a number that hangs keeps no new message from the others', async () => {
  answers = async name => {
    if (name === 'b') return fine()
    await dock.clock.sleep(10_000)
    return down
  }
  const way = sms('both', ['a', 'b'], 100_000)
  dock.configure(way)
  open()
  for (let nth = 0; nth < 60; nth++) dock.tell(`g${nth}`, way.id)
  await dock.clock.runFor(240_000)
  expect(timesOf('b')).toBe(60)
  dock.tell('new', way.id)
  await dock.clock.runFor(60_000)
  expect(timesOf('b')).toBe(61)
  answers = fine
  await dock.clock.runFor(hourMs)
  expect(dock.shelf.entries.size).toBe(0)
})

test('that a number fails is no reason to take a service that is back for down', async () => {
  const way = sms('both', ['a', 'b'], 100_000)
  let isDown = false
  answers = name => (name === 'a' || isDown ? down : fine())
  dock.configure(way)
  open()
  for (let nth = 0; nth < 8; nth++) {
    dock.tell(`g${nth}`, way.id)
    await dock.clock.runFor(7_000)
  }
  await dock.clock.runFor(600_000)
  isDown = true
  for (let nth = 0; nth < 8; nth++) dock.tell(`h${nth}`, way.id)
  await dock.clock.runFor(600_000)
  isDown = false
  asked.length = 0
  await dock.clock.runFor(300_000)
  expect(timesOf('b')).toBeGreaterThan(0)
})

test('whoever has it is not told again when numbers come, go or change their places', async () => {
  dock.configure(onlyA, sms('both', ['a', 'b']))
  answers = name => (name === 'a' ? down : fine())
  open()
  dock.tell('g', both.id, page)
  await dock.clock.runFor(hourMs)
  expect(timesOf('b')).toBe(1)
  dock.configure(onlyA, sms('both', ['b', 'c', 'a']))
  await dock.clock.runFor(hourMs)
  expect([timesOf('b'), timesOf('c')]).toEqual([1, 1])
  const asked = timesOf('a')
  expect(asked).toBeGreaterThan(1)
  dock.configure(onlyA, sms('both', ['c', 'b']))
  await dock.clock.runFor(hourMs)
  expect([timesOf('a'), timesOf('b'), timesOf('c')]).toEqual([asked, 1, 1])
  expect(dock.shelf.entries.size).toBe(0)
})

// Of the two ways to both none has room for a; one of them has it first.
test('where no way has room for all, nobody is told by two of them', async () => {
  const other = (id: string, names: readonly Name[]): Integration => {
    const { settings, ...of } = sms(id, names)
    return { ...of, settings: { ...(settings as object), template_code: 'SMS_2' } }
  }
  const onlyOther = other('x', ['a'])
  const order = [both, other('more', ['a', 'b'])]
  dock.configure(
    onlyA,
    onlyOther,
    ...order,
    dock.chain('chain', { order, withinMs: 60_000, receiptMs: null }),
  )
  dock.open({ post, channels: { ...channels, fake: dock.fake }, past: pastOf(dock.shelf.facts(), dayMs) })
  await spendDayOf(onlyOther)
  await dock.clock.runFor(hourMs)
  await spendDayOf(onlyA)
  dock.tell('g', 'chain', page)
  await dock.clock.runFor(hourMs)
  expect([timesOf('a'), timesOf('b')]).toEqual([20, 1])
  await dock.clock.runFor(2 * dayMs)
  expect([timesOf('a'), timesOf('b')]).toEqual([21, 1])
  expect(dock.shelf.entries.size).toBe(0)
})
