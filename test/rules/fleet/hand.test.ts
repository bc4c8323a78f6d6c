// Which shares a process campaigns for.
import { beforeEach, expect, test } from 'vitest'
import { SimulatedClock } from '#core/clock.ts'
import type { Campaign, Leases } from '#core/lease.ts'
import { openLog } from '#core/log.ts'
import { openHand } from '../../../rules/fleet/hand.ts'
import { dealt, shares } from '../../../rules/fleet/shares.ts'

const log = openLog({ clock: new SimulatedClock(0), write: () => {} })
const all = shares.map(each => each.name)

let follow: (present: readonly string[]) => void
let running: Map<string, PromiseWithResolvers<void>>
let begun: string[]
let leases: Leases
beforeEach(() => {
  running = new Map()
  begun = []
  leases = {
    // As the real ones: nobody campaigns twice, and who stops gives up waiting before the work has ended.
    campaign(name: string): Campaign {
      if (running.has(name)) throw new Error(`this process campaigns for ${name} already`)
      const ended = Promise.withResolvers<void>()
      running.set(name, ended)
      begun.push(name)
      return { ended: ended.promise.finally(() => running.delete(name)), stop: async () => {} }
    },
    members: (_kind: string, _self: string, given: typeof follow) => {
      follow = given
      return { close: async () => {} }
    },
    watch: () => {},
  } as unknown as Leases
})
const open = () => openHand({ leases, self: 'me', log, work: async () => {} })
const names = (): string[] => [...running.keys()].sort()

test('it campaigns for what it is dealt, and for nothing while it is not among them', () => {
  open()
  expect(names()).toEqual([])
  follow(['me'])
  expect(names()).toEqual([...all].sort())
  follow(['me', 'you'])
  expect(begun.length).toBe(all.length)
})

test('what is still ending when it is dealt again is begun when it has ended', async () => {
  open()
  follow(['me'])
  follow(['me', 'you'])
  const left = all.filter(each => !dealt('me', ['me', 'you']).has(each))
  expect(left.length).toBe(10)
  await new Promise(setImmediate)
  follow(['me'])
  await new Promise(setImmediate)
  expect(begun.length).toBe(all.length)
  for (const each of left) running.get(each)!.resolve()
  await new Promise(setImmediate)
  expect(begun.slice(all.length).sort()).toEqual([...left].sort())
  expect(names()).toEqual([...all].sort())
})

test('who closes begins nothing any more', async () => {
  const hand = open()
  follow(['me'])
  follow(['you'])
  await hand.close()
  for (const each of [...running.values()]) each.resolve()
  follow(['me'])
  await new Promise(setImmediate)
  expect(begun.length).toBe(all.length)
})
