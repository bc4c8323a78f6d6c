import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Channel } from '../../../alerter/channel.ts'
import type { LastHour, LastHourOf } from '../../../alerter/last-hour.ts'
import { openDock } from './dock.ts'

const picture = Uint8Array.of(0x89, 0x50)
let dock: ReturnType<typeof openDock>
let asked: LastHourOf[]
let answer: () => Promise<Uint8Array | null>

const lastHour: LastHour = {
  pictureOf(wanted) {
    asked.push(wanted)
    return answer()
  },
}

beforeEach(() => {
  dock = openDock()
  asked = []
  answer = async () => picture
})
afterEach(() => dock.close())

const open = (takesPicture: boolean | undefined, integration = dock.way('one')) => {
  dock.configure(integration)
  const fake = takesPicture === undefined ? dock.fake : { ...dock.fake, takesPicture: () => takesPicture }
  dock.open({ channels: { fake: fake as Channel }, lastHour })
}

const shown = () => dock.said.map(({ message }) => message.picture)

test('the picture is of the alerts of the message, at its time', async () => {
  open(true)
  dock.tell('a', 'one')
  await dock.clock.runFor(10)

  expect(shown()).toEqual([picture])
  expect(asked).toMatchObject([
    { atMs: dock.said[0]!.message.atMs, timeZone: 'UTC', alerts: [{ fingerprint: 'a' }] },
  ])
})

test('who takes none is not asked for', async () => {
  for (const takes of [false, undefined]) {
    open(takes)
    dock.tell('a', 'one')
    await dock.clock.runFor(10)
    await dock.close()
  }
  expect(shown()).toEqual([null, null])
  expect(asked).toEqual([])
})

test('without one the message leaves all the same', async () => {
  answer = async () => null
  open(true)
  dock.tell('a', 'one')
  await dock.clock.runFor(10)
  expect(shown()).toEqual([null])
})

test('digests and storms have none', async () => {
  const slow = { key: 'robot', times: 1, perMs: 600_000, reserve: 0 }
  open(true, dock.way('one', { budgets: [slow] }))
  dock.tell('first', 'one')
  await dock.clock.runFor(10)
  for (const group of ['a', 'b', 'c']) dock.tell(group, 'one')
  await dock.clock.runFor(600_000)

  expect(dock.said.map(({ message }) => message.kind)).toEqual(['alerts', 'digest'])
  expect(shown()).toEqual([picture, null])

  asked = []
  await dock.close()
  open(true)
  for (let nth = 0; nth < 100; nth++) dock.tell(`storm-${nth}`, 'one')
  await dock.clock.runFor(1_000)
  expect(dock.said.length).toBe(102)
  expect(asked.length).toBeLessThan(60)
})

test('a retry of what did not get there with its picture goes without, and by another way with one', async () => {
  const order = [dock.way('a'), dock.way('b')]
  open(true, dock.chain('ops', { order, withinMs: 10_000, receiptMs: null }))
  dock.answer(({ way, message }) =>
    way === 'a' || message.picture !== null
      ? { kind: 'later', reason: 'no answer within 10 s' }
      : { kind: 'delivered' },
  )
  dock.tell('a', 'ops', { urgency: 'page' })
  await dock.clock.runFor(60_000)
  expect(
    dock.said.map(({ way, message }) => `${way} ${message.picture === null ? 'bare' : 'shown'}`),
  ).toEqual(['a shown', 'a bare', 'a bare', 'a bare', 'b shown', 'a bare', 'b bare'])
})

test('a limit is no reason to leave it out', async () => {
  open(true)
  dock.answer(() =>
    dock.said.length > 1
      ? { kind: 'delivered' }
      : { kind: 'later', reason: 'answered 429', isLimit: true, afterMs: 60_000 },
  )
  dock.tell('a', 'one')
  await dock.clock.runFor(100_000)
  expect(shown()).toEqual([picture, picture])
})
