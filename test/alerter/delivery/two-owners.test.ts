// Two alerters during a takeover: what a process does that slept and is the owner no more.
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { openDock } from './dock.ts'

test('who fell asleep between taking a message and sending it sends nothing', async () => {
  const dock = openDock()
  dock.configure(dock.way('a'))
  let isHeld = true
  const reach = (point: string): void => {
    if (point === 'before_send') isHeld = false
  }
  dock.open({ isHeld: () => isHeld, reach })
  dock.tell('g', 'a')
  await dock.clock.runFor(120_000)
  expect(dock.said).toEqual([])
  expect(dock.kinds()).toEqual(['failed a'])
  // It says nothing of a service that nobody has asked.
  expect(dock.lines).toEqual([])
  await dock.close()
})

test('a turn that is lost while the probe is on its way does not shut the way for ever', async () => {
  const dock = openDock()
  dock.configure(dock.way('a'))
  let isHeld = true
  let isLost = false
  const reach = (point: string): void => {
    if (point === 'before_send' && isLost) isHeld = false
  }
  dock.answer(() => ({ kind: 'later', reason: 'down' }))
  const delivery = dock.open({ isHeld: () => isHeld, reach })
  for (let nth = 0; nth < 6; nth++) dock.tell(`g${nth}`, 'a')
  await dock.clock.runFor(4_000)
  dock.answer(() => ({ kind: 'delivered' }))
  const before = dock.said.length
  isLost = true
  await dock.clock.runFor(60_000)
  expect(dock.said.length).toBe(before)
  isLost = false
  isHeld = true
  await dock.clock.runFor(60_000)
  expect(dock.shelf.entries.size).toBe(0)
  expect(delivery.health().broken).toEqual([])
  await dock.close()
})

test('what can be written by another process only is tried once, and closing waits for nothing', async () => {
  const dock = openDock()
  dock.configure(dock.way('a'))
  let tries = 0
  const done = async (): Promise<void> => {
    tries += 1
    throw new Failure('lease_lost', 'somebody else is the owner')
  }
  dock.open({ outbox: { ...dock.shelf.open(), done } })
  dock.tell('g', 'a')
  await dock.clock.runFor(60_000)
  expect([dock.said.length, tries]).toEqual([1, 1])
  // Nobody moves the clock.
  await dock.close()
})
