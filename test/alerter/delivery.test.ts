// What happens to what is to be told: told once, told later, told otherwise, or why not.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Verdict } from '../../alerter/channel.ts'
import { openTemplates } from '../../alerter/template.ts'
import { openDock } from './delivery/dock.ts'

let dock: ReturnType<typeof openDock>
beforeEach(() => {
  dock = openDock()
})
afterEach(async () => {
  await dock.close()
})

const later = (reason = 'busy', afterMs?: number): Verdict => ({
  kind: 'later',
  reason,
  ...(afterMs === undefined ? {} : { afterMs }),
})
const refused = (because: 'message' | 'settings', reason = 'no'): Verdict => ({
  kind: 'refused',
  because,
  reason,
})
const settle = () => dock.clock.runFor(0)
const waysSaid = () => dock.said.map(({ way }) => way)
const secondsSaid = () => dock.said.map(({ atMs }) => (atMs - dock.said[0]!.atMs) / 1_000)

test('what waits at the start and what comes later is told once, and written down', async () => {
  dock.configure(dock.way('a'))
  dock.tell('g1', 'a')
  dock.open()
  dock.tell('g2', 'a', { firing: ['x', 'y'], begun: ['x'], resolved: ['z'] })
  await settle()
  expect(dock.said.map(({ message }) => message.groupLabels['group']).sort()).toEqual(['g1', 'g2'])
  expect(dock.shelf.entries.size).toBe(0)
  const byGroup = dock.shelf.facts().toSorted((a, b) => (a.group! < b.group! ? -1 : 1))
  expect(byGroup).toMatchObject([
    { kind: 'told', who: 'a', incident: 4711, group: 'g1', details: { firing: ['g1'], isCertain: true } },
    { kind: 'told', who: 'a', group: 'g2', details: { firing: ['x', 'y'], resolved: ['z'] } },
  ])
})

test('urgent ones go first, then the oldest', async () => {
  dock.configure(dock.way('a'))
  dock.tell('old', 'a')
  dock.tell('low', 'a', { urgency: 'low' })
  await dock.clock.runFor(1_000)
  dock.tell('new', 'a')
  dock.tell('page', 'a', { urgency: 'page' })
  dock.open()
  await settle()
  expect(dock.departed).toEqual(['page', 'old', 'new', 'low'])
  expect(dock.said).toHaveLength(4)
})

test('a message that cannot be sent is sent again, later and later, for as long as it takes', async () => {
  dock.configure(dock.way('a'))
  dock.answer(() => later())
  dock.open()
  dock.tell('g', 'a')
  await dock.clock.runFor(15_000)
  expect(secondsSaid()).toEqual([0, 1, 3, 7, 15])
  await dock.clock.runFor(86_400_000)
  expect(dock.said.length).toBeLessThan(1_500)
  expect(new Set(dock.said.map(({ message }) => message.id)).size).toBe(1)
  dock.answer(() => ({ kind: 'delivered' }))
  await dock.clock.runFor(60_000)
  // One reason is written down once.
  expect(dock.kinds()).toEqual(['failed a', 'told a'])
})

test('a service says how long it wants to be left alone', async () => {
  dock.configure(dock.way('a'))
  const tooFast: Verdict = { kind: 'later', reason: 'too fast', afterMs: 600_000, isLimit: true }
  dock.answer(() => (dock.said.length === 1 ? tooFast : { kind: 'delivered' }))
  dock.open()
  dock.tell('g', 'a')
  await settle()
  dock.tell('h', 'a', { urgency: 'page' })
  await dock.clock.runFor(599_000)
  expect(dock.said).toHaveLength(1)
  await dock.clock.runFor(1_000)
  expect(dock.departed).toEqual(['g', 'h', 'g'])
  expect(dock.said).toHaveLength(3)
})

test('one of a group is on its way at a time, and the next says what came meanwhile', async () => {
  dock.configure(dock.way('a'))
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  dock.answer(() => (dock.said.length === 1 ? promise : { kind: 'delivered' }))
  dock.open()
  dock.tell('g', 'a', { firing: ['x'], begun: ['x'] })
  await settle()
  dock.tell('g', 'a', { firing: ['x', 'y'], begun: ['y'], reason: 'more' })
  dock.tell('g', 'a', { firing: ['y'], resolved: ['x'], begun: [], reason: 'resolved' })
  await settle()
  expect(dock.said).toHaveLength(1)
  resolve({ kind: 'delivered' })
  await settle()
  expect(dock.said).toHaveLength(2)
  expect(dock.shelf.facts().at(-1)).toMatchObject({ details: { firing: ['y'], resolved: ['x'] } })
  expect(await dock.own.text()).toContain('plimsoll_alerter_merged_total{into="waiting"} 1')
})

test('what is refused for what it says is said again, shorter and in our own words, and then given up', async () => {
  dock.configure(dock.way('a'))
  dock.answer(() => refused('message', 'too long'))
  const delivery = dock.open()
  dock.tell('g', 'a', { firing: ['1', '2', '3', '4', '5', '6', '7'] })
  await settle()
  expect(dock.said.map(({ message }) => [message.alerts.length, message.truncated])).toEqual([
    [7, { firing: 0, resolved: 0 }],
    [5, { firing: 2, resolved: 0 }],
  ])
  expect(dock.shelf.facts()).toMatchObject([{ kind: 'failed', details: { why: 'too long', isFinal: true } }])
  expect(delivery.health()).toEqual({ waiting: 0, oldestMs: 0, broken: [] })
})

test('settings that are refused are said to be so once, and nothing else is sent until they are others', async () => {
  dock.configure(dock.way('a'))
  dock.answer(() => refused('settings', 'wrong token'))
  const delivery = dock.open()
  for (const group of ['g', 'h', 'i']) {
    dock.tell(group, 'a')
    await settle()
  }
  expect(dock.said).toHaveLength(1)
  expect(dock.kinds()).toEqual(['failed a'])
  expect(delivery.health().broken).toEqual([{ integration: 'a', because: 'settings', reason: 'wrong token' }])
  expect(await dock.own.text()).toContain('plimsoll_alerter_breaker_open{integration="a"} 1')

  dock.answer(() => ({ kind: 'delivered' }))
  dock.configure(dock.way('a', { version: 2 }))
  dock.tell('j', 'a')
  await settle()
  expect(dock.said).toHaveLength(2)
  await dock.clock.runFor(60_000)
  expect(dock.shelf.entries.size).toBe(0)
  expect(dock.said).toHaveLength(5)
  expect(delivery.health().broken).toEqual([])
  expect(dock.closedLines()).toBe(1)
})

test('a door that was closed for a moment is found open again, by those who stood before it too', async () => {
  dock.configure(dock.way('a'))
  dock.answer(() => refused('settings', '404'))
  dock.open()
  dock.tell('g', 'a')
  await dock.clock.runFor(30_000)
  dock.tell('h', 'a', { urgency: 'page' })
  await settle()
  dock.answer(() => ({ kind: 'delivered' }))
  await dock.clock.runFor(90_000)
  expect(dock.kinds()).toEqual(['failed a', 'told a', 'told a'])
  expect(dock.shelf.entries.size).toBe(0)
})

test('after five failures in a row only a probe is sent, until one gets through', async () => {
  dock.configure(dock.way('a'), dock.way('b'))
  const { promise, resolve } = Promise.withResolvers<void>()
  dock.answer(async ({ way }) => {
    await promise
    return way === 'a' ? later('down') : { kind: 'delivered' }
  })
  const delivery = dock.open()
  for (let nth = 0; nth < 100; nth++) dock.tell(`g${nth}`, 'a')
  dock.tell('other', 'b')
  // Nobody hears that it is down before all that may leave at once have left.
  await expect.poll(() => dock.said).toHaveLength(16 + 1)
  resolve()
  await dock.clock.runFor(120_000)
  expect(waysSaid()).toContain('b')
  expect(delivery.health().broken).toMatchObject([{ integration: 'a', because: 'failures', reason: 'down' }])
  // Those that left together, and one after 5, 10, 20, 40 seconds.
  expect(waysSaid().filter(way => way === 'a')).toHaveLength(16 + 4)
  dock.answer(() => ({ kind: 'delivered' }))
  await dock.clock.runFor(580_000)
  expect(dock.shelf.facts().filter(({ kind }) => kind === 'told')).toHaveLength(101)
  expect(delivery.health().broken).toEqual([])
  // Whoever reads the log hears each once.
  expect(dock.lines.map(line => JSON.parse(line))).toMatchObject([
    { code: 'a', reason: 'down', msg: expect.stringContaining('did not get through') },
    { code: 'a', msg: 'messages get through again' },
  ])
})

test('nothing is sent by what is configured no more', async () => {
  dock.configure(dock.way('a'))
  dock.open()
  dock.tell('g', 'gone')
  await settle()
  expect(dock.shelf.facts()).toMatchObject([
    { kind: 'failed', who: 'gone', details: { why: 'the integration is not configured any more' } },
  ])
})

test('later messages of an incident answer the first', async () => {
  dock.configure(dock.way('a'))
  dock.answer(() => ({ kind: 'delivered', receipt: `r${dock.said.length}` }))
  dock.open()
  for (const group of ['g', 'h', 'i']) {
    dock.tell(group, 'a')
    await settle()
  }
  expect(dock.said.map(({ around }) => around.before)).toEqual([undefined, 'r1', 'r1'])
})

test('a template that fails stops nobody', async () => {
  dock.configure(dock.way('a'))
  const texts = () => ({ title: '{{ nonsense }}', text: 'of {{ .Receiver }}' })
  const templates = openTemplates([])
  dock.open({ channels: { fake: { ...dock.fake, texts } }, templates: () => templates })
  dock.tell('g', 'a')
  await settle()
  expect(dock.said.map(({ around }) => around.texts)).toEqual([{ text: 'of ops' }])
  expect(dock.lines.join()).toContain('fake.title')
  expect(await dock.own.text()).toContain('plimsoll_alerter_text_failures_total{channel="fake"} 1')
})

test('what was told is not told again because it cannot be written down', async () => {
  dock.configure(dock.way('a'))
  const outbox = dock.shelf.open()
  let failures = 3
  dock.open({
    outbox: {
      ...outbox,
      done: async (id, facts) => {
        if (failures-- > 0) throw new Error('the state is away')
        return outbox.done(id, facts)
      },
    },
  })
  dock.tell('g', 'a')
  await dock.clock.runFor(60_000)
  expect(dock.said).toHaveLength(1)
  expect(dock.kinds()).toEqual(['told a'])
  expect(dock.lines.join()).toContain('cannot write down')
})

test('however long the state was away, what waits is told a few seconds after it is back', async () => {
  dock.configure(dock.way('a'))
  const outbox = dock.shelf.open()
  let isAway = true
  dock.open({
    outbox: {
      ...outbox,
      done: async (id, facts) => {
        if (isAway) throw new Error('the state is away')
        return outbox.done(id, facts)
      },
    },
  })
  for (let at = 0; at < 100; at++) dock.tell(`g${at}`, 'a')
  await dock.clock.runFor(580_000)
  const before = dock.said.length
  expect(before).toBeLessThan(100)
  isAway = false
  await dock.clock.runFor(5_000)
  expect(dock.said.length).toBe(100)
})

test('what is on its way at the end arrives, what is not waits for the next start', async () => {
  dock.configure(dock.way('a'))
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  dock.answer(() => promise)
  dock.open()
  dock.tell('g', 'a')
  await settle()
  const closing = dock.close()
  dock.tell('h', 'a')
  resolve({ kind: 'delivered' })
  await closing
  expect(dock.kinds()).toEqual(['told a'])
  expect([...dock.shelf.entries.values()].map(({ group }) => group)).toEqual(['h'])
})

test('what hangs at the end is told again after the next start, by the same name', async () => {
  dock.configure(dock.way('a'))
  dock.answer(() => (dock.said.length === 1 ? new Promise<Verdict>(() => {}) : { kind: 'delivered' }))
  dock.open()
  dock.tell('g', 'a')
  await settle()
  const closing = dock.close()
  await dock.clock.runFor(6_000)
  await closing
  expect(dock.shelf.facts()).toEqual([])
  dock.open()
  await settle()
  expect(dock.said.map(({ message }) => message.id)).toEqual(['telling-t1', 'telling-t1'])
  expect(dock.kinds()).toEqual(['told a'])
})

test('who is not the owner any more sends nothing, until he is again', async () => {
  dock.configure(dock.way('a'))
  let isHeld = false
  dock.open({ isHeld: () => isHeld })
  dock.tell('g', 'a')
  await dock.clock.runFor(10_000)
  expect(dock.said).toEqual([])
  isHeld = true
  await dock.clock.runFor(1_000)
  expect(dock.kinds()).toEqual(['told a'])
})

test('a fault in the making of a message is told as such, and stops nobody else', async () => {
  dock.configure(dock.way('a'))
  const outbox = dock.shelf.open()
  dock.open({
    outbox: {
      ...outbox,
      alertsOf: entry => {
        if (entry.group === 'bad') throw new TypeError('nobody expected that')
        return outbox.alertsOf(entry)
      },
    },
  })
  dock.tell('bad', 'a')
  dock.tell('good', 'a')
  await settle()
  expect(dock.kinds().toSorted()).toEqual(['failed a', 'told a'])
  expect(dock.lines.join()).toContain('nobody expected that')
})

test('what nobody knows any more is not told, and that is written down', async () => {
  dock.configure(dock.way('a'))
  dock.open()
  dock.tell('g', 'a', { firing: [], begun: [] })
  await settle()
  expect(dock.said).toEqual([])
  expect(dock.shelf.facts()).toMatchObject([
    { kind: 'failed', details: { why: 'nothing is known of its alerts any more', isFinal: true } },
  ])
})
