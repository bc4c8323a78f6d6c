// Several numbers of which each has a budget: one that is used up keeps nobody else waiting, and nobody is told twice for it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { channels } from '../../../alerter/channels/index.ts'
import { pastOf } from '../../../alerter/delivery/past.ts'
import type { Post } from '../../../alerter/post.ts'
import type { Integration } from '../../../alerter/route.ts'
import { openTemplates } from '../../../alerter/template.ts'
import { openDock } from './dock.ts'

let dock: ReturnType<typeof openDock>
let asked: Readonly<{ name: string; hour: number }>[]
let beganMs: number
beforeEach(() => {
  dock = openDock()
  asked = []
  beganMs = dock.clock.nowMs()
})
afterEach(async () => {
  await dock.close()
})

const hourMs = 3_600_000
const dayMs = 86_400_000
const numbers = { a: '13800000001', b: '13800000002' }

// Each has ten a day, of which two are kept for urgent ones.
const sms = (id: string, ...names: (keyof typeof numbers)[]): Integration => ({
  ...{ id, channel: 'sms-aliyun', tellsEnds: true },
  settings: channels['sms-aliyun']!.settings.parse({
    ...{ access_key_id: 'I', access_key_secret: 'S3CRETSECRET', sign_name: 'x', template_code: 'SMS_1' },
    to: names.map(name => numbers[name]),
    per_day: 10,
  }),
})
const [onlyA, both] = [sms('a/sms-aliyun/0', 'a'), sms('both/sms-aliyun/0', 'a', 'b')]

const post: Post = {
  async send({ url, body }) {
    const name = `${url}${body}`.includes(numbers.a) ? 'a' : 'b'
    asked.push({ name, hour: Math.floor((dock.clock.nowMs() - beganMs) / hourMs) })
    const text = JSON.stringify({ Code: 'OK', BizId: `${name}${asked.length}` })
    return { ok: true, answer: { status: 200, headers: {}, body: text } }
  },
  close: () => {},
}
const hoursOf = (name: string) => asked.flatMap(each => (each.name === name ? [each.hour] : []))
const open = () => dock.open({ post, channels, past: pastOf(dock.shelf.facts(), dayMs) })
const spendA = async (everyMs = 1) => {
  dock.configure(onlyA, both)
  const delivery = open()
  for (let nth = 0; nth < 10; nth++) {
    dock.tell(`x${nth}`, onlyA.id, { urgency: 'page' })
    await dock.clock.runFor(everyMs)
  }
  expect(hoursOf('a')).toHaveLength(10)
  asked.length = 0
  return delivery
}

test('a number that has had its messages of the day holds up no other one', async () => {
  const delivery = await spendA()
  const { id } = dock.tell('g', both.id, { urgency: 'page' })
  await dock.clock.runFor(hourMs)
  expect(asked).toEqual([{ name: 'b', hour: 0 }])
  expect(delivery.waitOf(id)).toMatchObject({ by: both.id, for: 'budget', untilMs: beganMs + dayMs })
  expect(dock.shelf.entries.size).toBe(1)
  await dock.clock.runFor(dayMs)
  expect([hoursOf('a'), hoursOf('b')]).toEqual([[24], [0]])
  expect(dock.shelf.entries.size).toBe(0)
  // Both receipts are of the message, and so is what each number has had.
  expect(dock.shelf.facts().at(-1)).toMatchObject({
    kind: 'told',
    details: { receipts: ['a2', 'b1'], takenBy: [expect.stringContaining(numbers.a)] },
  })
  expect(delivery.health().broken).toEqual([])
})

test('the rest of many is told as one, only to those who have not heard it', async () => {
  await spendA(hourMs)
  for (let nth = 0; nth < 5; nth++) {
    dock.tell(`g${nth}`, both.id)
    await dock.clock.runFor(60_000)
  }
  expect([hoursOf('a'), hoursOf('b')]).toEqual([[], [10, 10, 10, 10, 10]])
  await dock.clock.runFor(2 * dayMs)
  expect([hoursOf('a').length, hoursOf('b')]).toEqual([1, [10, 10, 10, 10, 10]])
  expect(dock.shelf.entries.size).toBe(0)
})

test('what is for others by the same way does not wait behind the rest, nor does news', async () => {
  await spendA()
  dock.tell('g', both.id, { urgency: 'page' })
  await dock.clock.runFor(hourMs)
  dock.tell('h', both.id)
  dock.tell('g', both.id, { firing: [], resolved: ['g'], begun: [], reason: 'resolved' })
  await dock.clock.runFor(hourMs)
  expect([hoursOf('a'), hoursOf('b')]).toEqual([[], [0, 1, 1]])
})

test('after a restart nobody is told again, and budgets know who had what', async () => {
  await spendA()
  dock.tell('g', both.id, { urgency: 'page' })
  await dock.clock.runFor(hourMs)
  for (let nth = 0; nth < 3; nth++) {
    dock.shelf.kill()
    open()
    await dock.clock.runFor(hourMs)
  }
  expect([hoursOf('a'), hoursOf('b')]).toEqual([[], [0]])
  await dock.clock.runFor(dayMs)
  expect([hoursOf('a'), hoursOf('b')]).toEqual([[24], [0]])
  expect(dock.shelf.entries.size).toBe(0)
})

test('an urgent one takes the next way where that has room for all', async () => {
  await spendA()
  const order = [both, dock.way('next')]
  dock.configure(onlyA, both, dock.chain('chain', { order, withinMs: 60_000, receiptMs: null }))
  await dock.close()
  dock.open({ post, channels: { ...channels, fake: dock.fake }, past: pastOf(dock.shelf.facts(), dayMs) })
  dock.tell('g', 'chain', { urgency: 'page' })
  await dock.clock.runFor(hourMs)
  expect([asked.length, dock.said.length, dock.shelf.entries.size]).toEqual([0, 1, 0])
})

test('whoever has it is not asked for again where templates say where it goes', async () => {
  const settings = channels['sms-sns']!.settings.parse({
    sigv4: { region: 'eu-west-1', access_key: 'KEY', secret_key: 'SECRET' },
    ...{
      to: ['+14155552671', '+14155552672'],
      attributes: { team: '{{ .GroupLabels.group }}' },
      per_day: 10,
    },
  })
  const id = 'ops/sms-sns/0'
  dock.configure({ id, channel: 'sms-sns', settings, tellsEnds: true })
  let sent = 0
  const answer = { status: 200, headers: {}, body: '<MessageId>m</MessageId>' }
  const sns: Post = {
    async send({ body }) {
      if (`${body}`.includes('14155552671')) sent += 1
      return { ok: true, answer }
    },
    close: () => {},
  }
  const used = (nth: number) => ({
    takenBy: [`sms-sns +1415555267${nth}`],
    way: id,
    atMs: dock.clock.nowMs(),
  })
  const of = { incident: 1, group: 'g', telling: 't', isUrgent: true, receipts: [], isPart: false }
  const told = Array.from({ length: 10 }, (_, nth) => ({ ...of, ...used(2), message: `m${nth}` }))
  const past = { knownMs: dayMs, told, failed: new Set<string>() }
  dock.open({ post: sns, channels, past, templates: () => openTemplates([]) })
  dock.tell('g', id, { urgency: 'page' })
  await dock.clock.runFor(hourMs)
  expect([sent, dock.shelf.entries.size]).toEqual([1, 1])
  expect([...dock.shelf.entries.values()][0]!.tries).toBe(1)
  await dock.clock.runFor(dayMs)
  expect([sent, dock.shelf.entries.size]).toEqual([1, 0])
})
