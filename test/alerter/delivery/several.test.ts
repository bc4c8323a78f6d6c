// A way that tells several: what becomes of the others when one of them is put off or refused.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Budget, Verdict } from '../../../alerter/channel.ts'
import { channels } from '../../../alerter/channels/index.ts'
import type { Post } from '../../../alerter/post.ts'
import { openDock } from './dock.ts'

let dock: ReturnType<typeof openDock>
beforeEach(() => {
  dock = openDock()
})
afterEach(async () => {
  await dock.close()
})

const hourMs = 3_600_000
const id = 'ops/sms-aliyun/0'
const full = { Code: 'isv.BUSINESS_LIMIT_CONTROL', Message: '触发天级流控Permits:40' }
const fine = { Code: 'OK', BizId: 'b' }

// Two numbers, a and b. `answer` says what the service does with one of them.
function openNumbers(answer: (name: 'a' | 'b') => object | number | 'hangs') {
  const asked: Readonly<{ name: string; minute: number }>[] = []
  const settings = channels['sms-aliyun']!.settings.parse({
    ...{ access_key_id: 'I', access_key_secret: 'S3CRETSECRET', sign_name: 'x', template_code: 'SMS_1' },
    to: ['13800000001', '13800000002'],
    per_day: 0,
  })
  dock.configure({ id, channel: 'sms-aliyun', settings, tellsEnds: true })
  const beganMs = dock.clock.nowMs()
  const post: Post = {
    async send({ url, body }, { signal }) {
      const name = `${url}${body}`.includes('13800000001') ? 'a' : 'b'
      asked.push({ name, minute: Math.floor((dock.clock.nowMs() - beganMs) / 60_000) })
      const said = answer(name)
      if (said === 'hangs') {
        await new Promise(resolve => signal.addEventListener('abort', resolve))
        return { ok: false, verdict: { kind: 'later', reason: 'stopped' } }
      }
      const [status, text] = typeof said === 'number' ? [said, ''] : [200, JSON.stringify(said)]
      return { ok: true, answer: { status, headers: {}, body: text } }
    },
    close: () => {},
  }
  const minutesOf = (name: string) => asked.flatMap(each => (each.name === name ? [each.minute] : []))
  return { open: () => dock.open({ post, channels }), minutesOf }
}

test('the limit of one number keeps no other number waiting', async () => {
  let isFull = true
  const { open, minutesOf } = openNumbers(name => (name === 'a' && isFull ? full : fine))
  open()
  for (const group of ['g', 'h', 'i']) {
    dock.tell(group, id, { urgency: 'page' })
    await dock.clock.runFor(600_000)
  }
  expect(minutesOf('b')).toEqual([0, 10, 20])
  isFull = false
  await dock.clock.runFor(7 * hourMs)
  // Each of its own waits, and nobody is told twice for it.
  expect(minutesOf('a')).toEqual([0, 10, 20, 360, 370, 380])
  expect(minutesOf('b')).toEqual([0, 10, 20])
  expect(dock.kinds().filter(each => each.startsWith('told'))).toHaveLength(3)
})

test('news of the same group does not wait for the number that is over its limit', async () => {
  const { open, minutesOf } = openNumbers(name => (name === 'a' ? full : fine))
  open()
  dock.tell('g', id)
  await dock.clock.runFor(600_000)
  dock.tell('g', id, { firing: [], resolved: ['g'], begun: [] })
  await dock.clock.runFor(600_000)
  expect(minutesOf('b')).toEqual([0, 10])
})

test('where all numbers are over their limit, the way rests', async () => {
  const { open, minutesOf } = openNumbers(() => full)
  open()
  dock.tell('g', id)
  await dock.clock.runFor(600_000)
  dock.tell('h', id)
  await dock.clock.runFor(hourMs)
  expect([minutesOf('a'), minutesOf('b')]).toEqual([[0], [0]])
})

test('whoever said no time is asked again soon, whatever time another one said', async () => {
  let status = 503
  const { open, minutesOf } = openNumbers(name => (name === 'a' ? full : status === 200 ? fine : status))
  open()
  dock.tell('g', id)
  await dock.clock.runFor(60_000)
  status = 200
  await dock.clock.runFor(180_000)
  // It has it then, and is not asked again.
  expect([1, 2]).toContain(minutesOf('b').at(-1))
})

test('one number that fails for days does not shut the way', async () => {
  const { open, minutesOf } = openNumbers(name => (name === 'a' ? 503 : fine))
  const delivery = open()
  dock.tell('g', id)
  await dock.clock.runFor(hourMs)
  expect(minutesOf('a').length).toBeGreaterThan(20)
  expect(delivery.health().broken).toEqual([])
  dock.tell('h', id)
  await dock.clock.runFor(1_000)
  expect(minutesOf('b')).toEqual([0, 60])
  expect(dock.lines.join('\n')).not.toContain('did not get through')
})

test('a stop in the middle is no reason to tell again who has it', async () => {
  let [isStuck, told] = [true, 0]
  const { open } = openNumbers(name => {
    if (name === 'b') told += 1
    return name === 'a' && isStuck ? 'hangs' : fine
  })
  open()
  dock.tell('g', id)
  await dock.clock.runFor(1_000)
  const closed = dock.close()
  await dock.clock.runFor(5_000)
  await closed
  isStuck = false
  open()
  await dock.clock.runFor(60_000)
  expect(told).toBe(1)
  expect(dock.shelf.entries.size).toBe(0)
})

// A line to two people, by each way that is asked. `has` are those who were told, in order.
function openPeople(fails: (way: string, person: string) => boolean) {
  const has: string[] = []
  dock.answer(({ way, message, settled }) =>
    ['ann', 'bob'].map((person, nth): Verdict => {
      const known = settled.get(nth)
      if (known !== undefined) return known
      if (fails(way, person)) return { kind: 'later', reason: `${person} is busy` }
      has.push(`${way} ${person} ${message.kind === 'digest' ? 'digest' : message.groupKey.slice(-4, -2)}`)
      return { kind: 'accepted', receipt: `${way} ${person}` }
    }),
  )
  return has
}

test('who has a message does not get it again, however often it is tried for the others', async () => {
  let isBusy = true
  const has = openPeople((_, person) => person === 'bob' && isBusy)
  dock.configure(dock.way('mail'))
  dock.open()
  dock.tell('g1', 'mail')
  await dock.clock.runFor(hourMs)
  expect(has).toEqual(['mail ann g1'])
  isBusy = false
  await dock.clock.runFor(hourMs)
  expect(has).toEqual(['mail ann g1', 'mail bob g1'])
  expect(dock.shelf.facts().at(-1)).toMatchObject({
    kind: 'told',
    details: { receipts: ['mail ann', 'mail bob'], lost: [] },
  })
})

test('nor after a restart, nor when another way was tried meanwhile', async () => {
  let isBusy = true
  const has = openPeople((way, person) => (person === 'bob' || way === 'b') && isBusy)
  dock.configure(
    dock.chain('ops', { withinMs: 60_000, receiptMs: null, order: [dock.way('a'), dock.way('b')] }),
  )
  dock.open()
  dock.tell('g1', 'ops', { urgency: 'page' })
  for (let nth = 0; nth < 4; nth++) {
    await dock.clock.runFor(300_000)
    await dock.close()
    dock.open()
  }
  expect(new Set(dock.said.map(({ way }) => way))).toEqual(new Set(['a', 'b']))
  expect(has).toEqual(['a ann g1'])
  expect([...dock.shelf.entries.values()][0]!.settled).toHaveLength(1)
  isBusy = false
  await dock.clock.runFor(300_000)
  expect(dock.shelf.entries.size).toBe(0)
  expect(has).toEqual(['a ann g1', 'a bob g1'])
})

test('a digest is tried again without those who came later, until they miss the same', async () => {
  let isBusy = true
  const has = openPeople((_, person) => person === 'bob' && isBusy)
  const robot: Budget = { key: 'robot', times: 1, perMs: 60_000, reserve: 0 }
  dock.configure(dock.way('mail', { budgets: [robot] }))
  dock.open()
  for (const group of ['g1', 'g2', 'g3']) dock.tell(group, 'mail')
  await dock.clock.runFor(300_000)
  for (const group of ['g4', 'g5', 'g6']) dock.tell(group, 'mail')
  await dock.clock.runFor(300_000)
  isBusy = false
  await dock.clock.runFor(hourMs)
  expect(dock.shelf.entries.size).toBe(0)
  expect(has).toEqual(['mail ann digest', 'mail ann digest', 'mail bob digest'])
  // The rest of both, as one.
  expect(dock.said.at(-1)?.message.alerts).toHaveLength(6)
})

test('whoever is left waits when the settings are refused meanwhile, for an hour', async () => {
  let state: 'busy' | 'wrong' | 'mended' = 'busy'
  dock.answer(({ settled }) => {
    if (state === 'wrong') return { kind: 'refused', because: 'settings', reason: 'wrong password' }
    const ann = settled.get(0) ?? ({ kind: 'accepted', receipt: 'ann' } as const)
    return [
      ann,
      state === 'busy' ? { kind: 'later', reason: 'bob is busy' } : { kind: 'accepted', receipt: 'bob' },
    ]
  })
  dock.configure(dock.way('mail'))
  dock.open()
  const lastTold = (): unknown => dock.shelf.facts().findLast(({ kind }) => kind === 'told')?.details
  dock.tell('g1', 'mail', { urgency: 'page' })
  await dock.clock.runFor(1_000)
  state = 'wrong'
  await dock.clock.runFor(600_000)
  expect(dock.shelf.entries.size).toBe(1)
  state = 'mended'
  await dock.clock.runFor(600_000)
  expect(dock.shelf.entries.size).toBe(0)
  expect(lastTold()).toMatchObject({ receipts: ['ann', 'bob'], lost: [] })

  state = 'busy'
  dock.tell('g2', 'mail', { urgency: 'page' })
  await dock.clock.runFor(1_000)
  state = 'wrong'
  await dock.clock.runFor(2 * hourMs)
  expect(dock.shelf.entries.size).toBe(0)
  expect(lastTold()).toMatchObject({ receipts: ['ann'], lost: ['wrong password'] })
})

// Ann has it; then bob's settings are refused, and nobody knows whether only his.
test('one of several that is refused later is asked again more and more seldom, for an hour', async () => {
  let bob: Verdict = { kind: 'later', reason: 'bob is busy' }
  dock.answer(({ settled }) => [settled.get(0) ?? { kind: 'accepted', receipt: 'ann' }, bob])
  dock.configure(dock.way('sms'))
  dock.open()
  dock.tell('g1', 'sms')
  await dock.clock.runFor(1)
  bob = { kind: 'refused', because: 'settings', reason: 'no such number' }
  await dock.clock.runFor(2 * hourMs)
  expect(dock.shelf.entries.size).toBe(0)
  const seconds = dock.said.map(({ atMs }) => (atMs - dock.said[0]!.atMs) / 1_000)
  expect(seconds.slice(0, 7)).toEqual([0, 1, 121, 361, 661, 961, 1_261])
  expect(seconds.length).toBeLessThan(18)
  expect(dock.shelf.facts().at(-1)).toMatchObject({
    details: { receipts: ['ann'], lost: ['no such number'] },
  })
})

test('one that is refused while another one is busy is not lost, and while another one takes it he is', async () => {
  let isFirst = true
  dock.answer(({ settled }) => {
    const [ann, bob] = [settled.get(0), settled.get(1)]
    if (!isFirst)
      return [ann ?? { kind: 'accepted', receipt: 'ann' }, bob ?? { kind: 'accepted', receipt: 'bob' }]
    return [
      ann ?? { kind: 'later', reason: 'answered 503' },
      bob ?? { kind: 'refused', because: 'settings', reason: 'answered 403' },
    ]
  })
  dock.configure(dock.way('sms'))
  dock.open()
  dock.tell('g1', 'sms')
  await dock.clock.runFor(1)
  isFirst = false
  await dock.clock.runFor(120_000)
  expect(dock.shelf.facts().at(-1)).toMatchObject({ details: { receipts: ['ann', 'bob'], lost: [] } })
})

test('the limit of one that is left does not say for how long the way is away', async () => {
  let [isDown, isAsked] = [false, false]
  dock.answer(({ message, settled }) => {
    if (message.groupKey.includes('"g1"')) {
      isAsked = settled.size > 0
      if (isAsked) isDown = false
      const limit: Verdict = { kind: 'later', reason: 'his day', afterMs: 6 * hourMs, isLimit: true }
      return [settled.get(0) ?? { kind: 'accepted', receipt: 'ann' }, limit]
    }
    return isDown ? { kind: 'later', reason: 'answered 503' } : { kind: 'accepted' }
  })
  dock.configure(dock.way('sms'))
  dock.open()
  dock.tell('g1', 'sms')
  await dock.clock.runFor(6 * hourMs - 60_000)
  isDown = true
  for (let nth = 0; nth < 8; nth++) dock.tell(`h${nth}`, 'sms')
  await dock.clock.runFor(0.5 * hourMs)
  expect(isAsked).toBe(true)
  expect(dock.shelf.entries.size).toBe(1)
})

// The service reads what it is sent, so it is the number; others are not kept waiting for it.
test('one that is refused beside another one that is refused for what it says shuts no way', async () => {
  const told: string[] = []
  dock.answer(({ message, settled }) => {
    const isBad = message.groupKey.includes('"bad"')
    if (!isBad) told.push(message.groupKey)
    const none: Verdict = { kind: 'refused', because: 'settings', reason: 'no such number' }
    const word: Verdict = { kind: 'refused', because: 'message', reason: 'a forbidden word' }
    return [settled.get(0) ?? none, settled.get(1) ?? (isBad ? word : { kind: 'accepted', receipt: 'bob' })]
  })
  dock.configure(dock.way('sms'))
  dock.open()
  dock.tell('bad', 'sms')
  await dock.clock.runFor(1_000)
  dock.tell('good', 'sms')
  await dock.clock.runFor(1_000)
  expect(told).toHaveLength(1)
  expect(dock.shelf.entries.size).toBe(0)
  expect(dock.shelf.facts()[0]).toMatchObject({ details: { why: 'a forbidden word', isFinal: true } })
})
