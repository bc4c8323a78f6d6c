// Whoever was told that it broke is told that it works again, also where settings are wrong for a while; and nobody is
// called for it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Verdict } from '../../../alerter/channel.ts'
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

const wrong: Verdict = { kind: 'refused', because: 'settings', reason: 'no token' }
const end = { firing: [], resolved: ['g'], begun: [], reason: 'resolved' as const }
const ways = () => dock.said.map(({ way }) => way)

test('an end waits until the settings are mended, a beginning is given up after an hour', async () => {
  answers = { a: wrong }
  dock.configure(dock.way('a'))
  dock.open()
  dock.tell('begun', 'a')
  dock.tell('g', 'a', end)
  await dock.clock.runFor(3_550_000)
  expect(dock.shelf.entries.size).toBe(2)
  await dock.clock.runFor(350_000)
  expect(dock.shelf.entries.size).toBe(1)
  const failed = dock.shelf.facts().map(({ group, details }) => [group, details] as const)
  expect(failed.filter(([group]) => group === 'begun').at(-1)).toMatchObject(['begun', { isFinal: true }])
  expect(failed.filter(([group]) => group === 'g')).toMatchObject([
    ['g', { isFinal: false, why: 'no token' }],
  ])
  // Once in a while it is tried, since the door may have been closed for a moment only.
  expect(dock.said.length).toBeGreaterThan(5)
  expect(dock.said.length).toBeLessThan(70)
  answers = {}
  await dock.clock.runFor(300_000)
  expect(dock.shelf.entries.size).toBe(0)
  expect(dock.shelf.facts().at(-1)).toMatchObject({ kind: 'told', group: 'g', details: { resolved: ['g'] } })
})

test('other settings are tried at once', async () => {
  answers = { a: wrong }
  dock.configure(dock.way('a'))
  dock.open()
  dock.tell('g', 'a', end)
  await dock.clock.runFor(600_000)
  answers = {}
  dock.configure(dock.way('a', { version: 2 }))
  dock.tell('other', 'a')
  await dock.clock.runFor(60_000)
  expect(dock.kinds().sort()).toEqual(['failed a', 'told a', 'told a'])
})

test('after a day nobody waits for it any more', async () => {
  answers = { a: wrong }
  dock.configure(dock.way('a'))
  dock.open()
  dock.tell('g', 'a', end)
  await dock.clock.runFor(86_400_000 + 600_000)
  expect(dock.shelf.entries.size).toBe(0)
  expect(dock.shelf.facts().at(-1)).toMatchObject({ kind: 'failed', details: { isFinal: true } })
})

test('of a failover the others are told, and while none works it waits', async () => {
  answers = { a: wrong }
  const order = ['a', 'b'].map(name => dock.way(name))
  dock.configure(...order, dock.chain('ops', { order, withinMs: 60_000, receiptMs: null }))
  dock.open()
  dock.tell('g', 'ops', end)
  await dock.clock.runFor(0)
  expect(ways()).toEqual(['a', 'b'])
  answers = { a: wrong, b: wrong }
  dock.tell('h', 'ops', { ...end, resolved: ['h'] })
  await dock.clock.runFor(3_600_000)
  expect(dock.shelf.entries.size).toBe(1)
  answers = { a: wrong }
  await dock.clock.runFor(600_000)
  expect(dock.shelf.entries.size).toBe(0)
  expect(dock.kinds().at(-1)).toBe('told b')
})

test('what is not sent because of its text is not tried for ever', async () => {
  answers = { a: { kind: 'refused', because: 'message', reason: 'too long' } }
  dock.configure(dock.way('a'))
  dock.open()
  dock.tell('g', 'a', end)
  await dock.clock.runFor(60_000)
  expect(dock.shelf.facts()).toMatchObject([{ kind: 'failed', details: { isFinal: true } }])
})

test('an end passes over the ways that tell none, unless there is no other', async () => {
  const [sms, call] = [dock.way('sms'), { ...dock.way('call'), tellsEnds: false }]
  const chain = (name: string, order: (typeof sms)[]) =>
    dock.chain(name, { order, withinMs: 60_000, receiptMs: null })
  dock.configure(sms, call, chain('ops', [call, sms]), chain('calls', [call]))
  dock.open()
  dock.tell('g', 'ops')
  await dock.clock.runFor(0)
  dock.tell('g', 'ops', end)
  await dock.clock.runFor(0)
  // Something still fires, so somebody may be called.
  dock.tell('h', 'ops', { resolved: ['x'] })
  await dock.clock.runFor(0)
  dock.tell('i', 'calls', { ...end, resolved: ['i'] })
  await dock.clock.runFor(0)
  expect(ways()).toEqual(['call', 'sms', 'call', 'call'])
})
