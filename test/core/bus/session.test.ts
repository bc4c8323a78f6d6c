// A membership: heartbeats while somebody works, commits that go out together, and the end of it.
import { beforeEach, expect, test } from 'vitest'
import { errorOf } from '#core/bus/kafka/mended.ts'
import { Session } from '#core/bus/kafka/session.ts'
import { SimulatedClock } from '#core/clock.ts'
import { openLog } from '#core/log.ts'

let clock: SimulatedClock
let session: Session
let beats: number
let beatFails: unknown
let commits: { offsets: Record<string, number>; done: PromiseWithResolvers<void> }[]
const membership = {
  heartbeat: async () => {
    beats++
    if (beatFails !== undefined) throw beatFails
  },
  commit: (offsets: ReadonlyMap<number, number>) => {
    const done = Promise.withResolvers<void>()
    commits.push({ offsets: Object.fromEntries(offsets), done })
    return done.promise
  },
}
beforeEach(() => {
  clock = new SimulatedClock(0)
  session = new Session(clock, openLog({ write: () => {}, clock }))
  beats = 0
  beatFails = undefined
  commits = []
})

const work = (): PromiseWithResolvers<void> & { ended: Promise<void> } => {
  const gate = Promise.withResolvers<void>()
  return { ...gate, ended: session.while(membership, () => gate.promise) }
}

test('the heart beats each second while somebody works, once for all of them', async () => {
  const [one, two] = [work(), work()]
  await clock.runFor(3_500)
  expect(beats).toBe(3)
  one.resolve()
  await clock.runFor(1_000)
  expect(beats).toBe(4)
  two.resolve()
  await clock.runFor(10_000)
  expect(beats).toBe(4)
  const three = work()
  await clock.runFor(1_000)
  expect(beats).toBe(5)
  three.resolve()
  await Promise.all([one.ended, two.ended, three.ended])
})

test('a rebalance ends it, other trouble does not, and the heart beats on for what is in hand', async () => {
  const { resolve } = work()
  beatFails = new Error('connection closed')
  await clock.runFor(1_000)
  expect(session.over.aborted).toBe(false)
  beatFails = errorOf(27)
  await clock.runFor(1_000)
  expect(session.over.aborted).toBe(true)
  expect(session.lostBy).toBe(beatFails)
  await clock.runFor(2_000)
  expect(beats).toBe(4)
  resolve()
})

test('commits that come while one is under way go out together, each with its newest', async () => {
  const { resolve } = work()
  const first = session.commit(1, 10)
  const others = [session.commit(2, 20), session.commit(3, 30)]
  expect(commits.map(each => each.offsets)).toEqual([{ 1: 10 }])
  commits[0]?.done.resolve()
  await first
  await clock.runFor(0)
  expect(commits[1]?.offsets).toEqual({ 2: 20, 3: 30 })
  commits[1]?.done.resolve()
  await Promise.all(others)
  resolve()
})

test('a commit is tried again until it is taken, for a while', async () => {
  const { resolve } = work()
  const told: string[] = []
  session.commit(1, 10).catch(error => told.push(error.message))
  while (told.length === 0 && clock.nowMs() < 60_000) {
    commits.at(-1)?.done.reject(new Error('connection closed'))
    await clock.runFor(250)
  }
  expect(told).toEqual(['connection closed'])
  expect(clock.nowMs()).toBeGreaterThanOrEqual(20_000)
  expect(clock.nowMs()).toBeLessThan(22_000)
  expect(session.over.aborted).toBe(false)
  resolve()
})

test('a commit by who is no member any more fails at once and ends the session', async () => {
  const { resolve } = work()
  const told = session.commit(1, 10).then(
    () => 'taken',
    error => error.type,
  )
  commits[0]?.done.reject(errorOf(22))
  expect(await told).toBe('ILLEGAL_GENERATION')
  expect(session.over.aborted).toBe(true)
  resolve()
})
