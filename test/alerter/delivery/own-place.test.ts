// A place that a message's own labels filled in, and that the service refuses: whose fault is it, and who waits for that?
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Verdict } from '../../../alerter/channel.ts'
import { openTemplates } from '../../../alerter/template.ts'
import { openDock, type Said } from './dock.ts'

let dock: ReturnType<typeof openDock>
beforeEach(() => {
  dock = openDock()
  dock.configure(dock.way('a'))
})
afterEach(async () => {
  await dock.close()
})

const gone: Verdict = { kind: 'refused', because: 'settings', reason: 'answered 404' }
const isOf = (group: string, { message }: Said) => message.groupKey.includes(group)
const page = { urgency: 'page' as const }

function open(to = 'of {{ .Receiver }}') {
  const templates = openTemplates([])
  const channel = { ...dock.fake, texts: () => ({ to }), places: ['to'] }
  return dock.open({ channels: { fake: channel }, templates: () => templates })
}

test('others are told by the same way meanwhile, and it is tried again itself, more and more seldom', async () => {
  let isMended = false
  dock.answer(said => (isOf('bad', said) && !isMended ? gone : { kind: 'delivered' }))
  const delivery = open()
  dock.tell('bad', 'a')
  await dock.clock.runFor(10)
  expect(delivery.health().broken).toEqual([])
  dock.tell('good', 'a', page)
  await dock.clock.runFor(0)
  expect(dock.kinds()).toEqual(['failed a', 'told a'])
  await dock.clock.runFor(1_100_000)
  const tries = dock.said.filter(each => isOf('bad', each)).map(each => each.atMs - dock.said[0]!.atMs)
  expect(tries).toEqual([0, 60, 180, 420, 720, 1_020].map(seconds => seconds * 1_000))
  isMended = true
  await dock.clock.runFor(300_000)
  expect(dock.kinds()).toEqual(['failed a', 'told a', 'told a'])
})

test('it counts as not told at once and once, since no breaker says so', async () => {
  dock.answer(() => gone)
  const delivery = open()
  dock.tell('bad', 'a')
  await dock.clock.runFor(1_000)
  expect(await dock.own.text()).toContain('plimsoll_alerter_failed_total{channel="fake"} 1')
  await dock.clock.runFor(1_000_000)
  expect(delivery.health()).toMatchObject({ waiting: 1, oldestMs: 0 })
  await dock.clock.runFor(4_000_000)
  expect(delivery.health()).toMatchObject({ waiting: 0 })
  expect(await dock.own.text()).toContain('plimsoll_alerter_failed_total{channel="fake"} 1')
})

test('where its place comes from no template, the way is shut as ever', async () => {
  dock.answer(() => gone)
  const delivery = dock.open()
  dock.tell('bad', 'a')
  await dock.clock.runFor(10)
  expect(delivery.health().broken).toHaveLength(1)
})

test('nobody says that our own words were sent where no place was found', async () => {
  open('{{ nonsense }}')
  dock.tell('g', 'a')
  await dock.clock.runFor(0)
  expect(dock.lines.join()).toContain('nothing was sent: a template that says where it goes failed')
  expect(dock.lines.join()).not.toContain('our own words')
})
