// Kills at any time: budgets go on where they were.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Budget } from '../../../alerter/channel.ts'
import { pastOf } from '../../../alerter/delivery/past.ts'
import { openDock } from './dock.ts'

const dayMs = 86_400_000
const phone: Budget = { key: 'phone', times: 10, perMs: dayMs, reserve: 2 }

async function openKilled() {
  const dock = openDock()
  dock.configure(dock.way('a', { budgets: [phone] }))
  const open = () => dock.open({ past: pastOf(dock.shelf.facts(), dayMs) })
  open()
  return {
    dock,
    kill() {
      dock.shelf.kill()
      open()
    },
    // In the worst day.
    most(): number {
      const times = dock.said.map(({ atMs }) => atMs)
      return Math.max(0, ...times.map(from => times.filter(at => at >= from && at < from + dayMs).length))
    },
  }
}

test('a first start has all of it, a restart neither all of it again nor almost nothing', async () => {
  const { dock, kill } = await openKilled()
  for (let nth = 0; nth < 4; nth++) {
    dock.tell(`g${nth}`, 'a', { urgency: 'page' })
    await dock.clock.runFor(1_000)
  }
  kill()
  for (let nth = 4; nth < 20; nth++) dock.tell(`g${nth}`, 'a', { urgency: 'page' })
  await dock.clock.runFor(1_000)
  // Six are left: five alone, and when it is scarce the rest as one.
  expect(dock.said.length).toBeGreaterThan(4)
  expect(dock.said.length).toBeLessThanOrEqual(10)
  await dock.close()
})

test('however often it is killed, a number has never more than its messages of a day, and all is told', async () => {
  const step = fc.record({
    tells: fc.integer({ min: 0, max: 6 }),
    urgency: fc.constantFrom('page' as const, 'normal' as const),
    waitMs: fc.integer({ min: 0, max: dayMs / 3 }),
    isKilled: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
      const { dock, kill, most } = await openKilled()
      let groups = 0
      for (const { tells, urgency, waitMs, isKilled } of steps) {
        for (let nth = 0; nth < tells; nth++) dock.tell(`g${groups++}`, 'a', { urgency })
        await dock.clock.runFor(waitMs)
        if (isKilled) kill()
      }
      await dock.clock.runFor(2 * dayMs)
      expect(most()).toBeLessThanOrEqual(phone.times)
      expect(dock.shelf.entries.size).toBe(0)
      await dock.close()
    }),
    { numRuns: 30 },
  )
})
