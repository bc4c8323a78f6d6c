// What a webhook refuses for what it says, which a bare status may not mean, and what others refuse, which they do.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Verdict } from '../../../alerter/channel.ts'
import type { Integration } from '../../../alerter/route.ts'
import { NoPlace } from '../../../alerter/templated.ts'
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

const no: Verdict = { kind: 'refused', because: 'unclear', reason: 'answered 400' }
const never: Verdict = { ...no, because: 'message' }
const hook = (name: string): Integration => ({ ...dock.way(name), channel: 'webhook' })
const open = () => dock.open({ channels: { fake: dock.fake, webhook: { ...dock.fake, name: 'webhook' } } })
const atMs = () => dock.said.map(each => each.atMs - dock.said[0]!.atMs)

test('it is tried again more and more seldom, for an hour', async () => {
  answers = { a: no }
  dock.configure(hook('a'))
  open()
  dock.tell('g', 'a')
  await dock.clock.runFor(4_000_000)
  expect(atMs().slice(0, 6)).toEqual([0, 60, 180, 420, 720, 1_020].map(seconds => seconds * 1_000))
  expect(dock.said.length).toBe(15)
  expect(dock.shelf.facts()).toMatchObject([{ details: { isFinal: false } }, { details: { isFinal: true } }])
  expect(dock.shelf.entries.size).toBe(0)
})

test('it comes again as it was, and none of it is left out', async () => {
  dock.configure(hook('a'))
  open()
  dock.answer(() => (dock.said.length > 1 ? { kind: 'delivered' } : no))
  dock.tell('g', 'a', { firing: ['1', '2', '3', '4', '5', '6', '7'] })
  await dock.clock.runFor(61_000)
  expect(dock.said[1]!.message.alerts).toEqual(dock.said[0]!.message.alerts)
})

test('what has happened since is told at once', async () => {
  answers = { a: no }
  dock.configure(hook('a'))
  open()
  dock.tell('g', 'a', { firing: ['x'], begun: ['x'] })
  await dock.clock.runFor(600_000)
  const before = dock.said.length
  answers = {}
  dock.tell('g', 'a', { firing: ['x', 'y'], begun: ['y'], reason: 'more' })
  await dock.clock.runFor(0)
  expect(dock.said).toHaveLength(before + 1)
  expect(dock.shelf.facts().at(-1)).toMatchObject({ kind: 'told', details: { firing: ['x', 'y'] } })
})

test('other ways come first, and none whose service knows what it refuses is asked again', async () => {
  answers = { sms: never, hook: no }
  const order = [dock.way('sms'), hook('hook')]
  dock.configure(...order, dock.chain('ops', { order, withinMs: 60_000, receiptMs: null }))
  open()
  dock.tell('g', 'ops')
  await dock.clock.runFor(130_000)
  expect(dock.said.map(({ way }) => way)).toEqual(['sms', 'sms', 'hook', 'hook'])
  answers = { sms: never }
  await dock.clock.runFor(300_000)
  expect(dock.kinds().at(-1)).toBe('told hook')
})

test('what proves that a way works has proved that it does not', async () => {
  answers = { a: no }
  dock.configure(hook('a'))
  open()
  const words = { title: 'canary', text: '', path: null, picture: null }
  dock.shelf.put({ ...dock.tell('g', 'a'), id: 'c', group: 'c', said: { kind: 'canary', ...words } })
  await dock.clock.runFor(1_000)
  expect(dock.shelf.facts().filter(({ group }) => group === 'c')).toMatchObject([
    { details: { isFinal: true } },
  ])
})

test('an end is given up after an hour, too', async () => {
  answers = { a: no }
  dock.configure(hook('a'))
  open()
  dock.tell('g', 'a', { firing: [], begun: [], resolved: ['x'], reason: 'resolved' })
  await dock.clock.runFor(4_000_000)
  expect(dock.shelf.entries.size).toBe(0)
})

test('it counts as not told at once and once, and is no message that is late', async () => {
  answers = { a: no }
  dock.configure(hook('a'))
  const delivery = open()
  dock.tell('g', 'a')
  const count = 'plimsoll_alerter_failed_total{channel="webhook"} 1'
  await dock.clock.runFor(1_000)
  expect(await dock.own.text()).toContain(count)
  await dock.clock.runFor(1_000_000)
  expect(delivery.health()).toMatchObject({ waiting: 1, oldestMs: 0 })
  await dock.clock.runFor(4_000_000)
  expect(await dock.own.text()).toContain(count)
})

test('what we refuse ourselves is not said again', async () => {
  dock.configure(hook('a'))
  open()
  dock.answer(({ message }) => {
    if (message.groupKey.includes('"g"')) throw new NoPlace('url is a template, which gave nothing')
    throw new Error('a fault of the channel')
  })
  dock.tell('g', 'a')
  // The first message takes a breath while it is composed where this machine is busy.
  await dock.clock.runFor(1_000)
  dock.tell('h', 'a')
  await dock.clock.runFor(1_000)
  expect(dock.shelf.facts()).toMatchObject([
    { details: { isFinal: true, why: 'url is a template, which gave nothing' } },
    { details: { isFinal: true, why: 'the channel failed: see the log' } },
  ])
})

test('the order of the ways does not decide who is asked again', async () => {
  answers = { sms: never, hook: no }
  const order = [hook('hook'), dock.way('sms')]
  dock.configure(...order, dock.chain('ops', { order, withinMs: 60_000, receiptMs: null }))
  open()
  dock.tell('g', 'ops')
  await dock.clock.runFor(130_000)
  expect(dock.said.map(({ way }) => way)).toEqual(['hook', 'sms', 'sms', 'hook'])
  answers = { sms: never }
  await dock.clock.runFor(300_000)
  expect(dock.kinds().at(-1)).toBe('told hook')
})

test('whose settings are mended is asked again, and not who refused the message', async () => {
  answers = { sms: never, mail: { kind: 'refused', because: 'settings', reason: 'no login' } }
  const order = [dock.way('sms'), dock.way('mail')]
  dock.configure(...order, dock.chain('ops', { order, withinMs: 60_000, receiptMs: null }))
  open()
  dock.tell('g', 'ops')
  await dock.clock.runFor(400_000)
  expect(dock.said.filter(({ way }) => way === 'sms')).toHaveLength(2)
  answers = {}
  await dock.clock.runFor(400_000)
  expect(dock.kinds().at(-1)).toBe('told mail')
})

const more = { firing: ['x', 'y'], begun: ['y'], reason: 'more' as const }

test('what has happened while it was on its way is told at once', async () => {
  dock.configure(hook('a'))
  open()
  let isFirst = true
  dock.answer(() => {
    if (isFirst) dock.tell('g', 'a', more)
    isFirst = false
    return dock.said.length > 1 ? { kind: 'delivered' } : no
  })
  dock.tell('g', 'a', { firing: ['x'], begun: ['x'] })
  await dock.clock.runFor(1_000)
  expect(dock.shelf.facts().at(-1)).toMatchObject({ kind: 'told', details: { firing: ['x', 'y'] } })
})

test('and what has happened since a restart', async () => {
  answers = { a: no }
  dock.configure(hook('a'))
  open()
  dock.tell('g', 'a', { firing: ['x'], begun: ['x'] })
  await dock.clock.runFor(500_000)
  dock.shelf.kill()
  open()
  answers = {}
  await dock.clock.runFor(1_000)
  const before = dock.said.length
  dock.tell('g', 'a', more)
  await dock.clock.runFor(0)
  expect(dock.said).toHaveLength(before + 1)
  expect(dock.shelf.facts().at(-1)).toMatchObject({ kind: 'told', details: { firing: ['x', 'y'] } })
})
