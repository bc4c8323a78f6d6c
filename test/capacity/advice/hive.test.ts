import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  followWithinMs,
  freshHive,
  type HiveRule,
  type HiveState,
  type Measured,
  type Step,
  step,
} from '../../../capacity/advice/hive.ts'

const minute = 60_000
const startMs = Date.UTC(2026, 10, 21, 8)

const rule: HiveRule = {
  concurrency: 1,
  share: 0.6,
  shrinkShare: 0.3,
  growAfterMs: 2 * minute,
  shrinkAfterMs: 10 * minute,
  steps: [1, 2, 4, 8],
  least: 1,
  most: 100,
}

// A pool that lives through minutes: each is measured and judged; `follow` does as was told.
function world(its: Partial<HiveRule> = {}, processes = 4) {
  const settings = { ...rule, ...its }
  const said: string[] = []
  let state: HiveState = freshHive
  let last: Step | undefined
  const w = {
    nowMs: startMs,
    processes,
    said,
    minute(busySeconds: number, measured?: Measured) {
      last = step(settings, state, measured ?? { busySeconds, processes: w.processes }, w.nowMs)
      // As it goes through the state and back.
      state = JSON.parse(JSON.stringify(last.state))
      if (last.given !== null)
        said.push(`${(w.nowMs - startMs) / minute}m ${last.given.from}→${last.given.to}`)
      w.nowMs += minute
      return last
    },
    minutes(count: number, busySeconds: number) {
      for (let at = 0; at < count; at++) w.minute(busySeconds)
    },
    follow() {
      w.processes = state.advice?.to ?? w.processes
    },
    get state() {
      return state
    },
    get why() {
      return last?.why
    },
  }
  return w
}

test('grows when more was handled than the share of what the processes can, to the letter', () => {
  const t = (busySeconds: number, concurrency: number, processes: number, grows: boolean) => {
    const w = world({ growAfterMs: 0, concurrency, shrinkShare: 0, least: 0 }, processes)
    w.minute(busySeconds)
    expect(w.said.length === 1, `${busySeconds} s, ${processes} × ${concurrency}`).toBe(grows)
  }
  // 4 × 1 × 60 × 0.6 = 144: more than, not as much as.
  t(144, 1, 4, false)
  t(144.000001, 1, 4, true)
  t(287.9, 2, 4, false)
  t(288.1, 2, 4, true)
  // Where nothing runs, any handling is too much, and none is not.
  t(0, 1, 0, false)
  t(0.001, 1, 0, true)
})

test('a peak shorter than it must last is no reason', () => {
  const w = world()
  w.minutes(2, 200)
  expect(w.why).toBe('may_grow')
  w.minutes(5, 100)
  expect(w.said).toEqual([])
  expect(w.why).toBe('enough')
})

test('advice is given once and waits until it is followed', () => {
  const w = world()
  w.minutes(8, 200)
  expect(w.said).toEqual(['2m 4→5'])
  expect(w.why).toBe('grow')
  w.follow()
  w.minutes(10, 140)
  expect(w.said).toEqual(['2m 4→5'])
  expect(w.state.advice).toBeNull()
})

test('growth in a row goes by larger steps, and by the first again after quiet', () => {
  const w = world()
  // The load stays ahead of what is there.
  for (let at = 0; at < 24; at++) {
    w.minute(w.processes * 50)
    w.follow()
  }
  expect(w.said.slice(0, 5)).toEqual(['2m 4→5', '6m 5→7', '10m 7→11', '14m 11→19', '18m 19→27'])

  w.minutes(4, w.processes * 20)
  w.minutes(3, w.processes * 50)
  expect(w.said.at(-1)).toBe('30m 35→36')
})

test('a quiet minute between two peaks does not begin the row anew', () => {
  const w = world()
  w.minutes(3, 200)
  w.follow()
  w.minutes(1, 100)
  w.minutes(1, 100)
  w.minutes(3, 400)
  expect(w.said).toEqual(['2m 4→5', '7m 5→7'])
})

test('the same advice keeps its id when nobody follows; another load makes another one', () => {
  const w = world()
  w.minutes(3, 200)
  const { advice } = w.state
  w.minutes(30, 200)
  expect(w.state.advice).toMatchObject({ id: advice?.id, atMs: advice?.atMs })
  expect(w.said).toEqual(['2m 4→5'])
  // Somebody has taken away another one, and the time to follow has passed.
  w.processes = 3
  w.minutes(12, 200)
  expect(w.said.slice(1)).toEqual([expect.stringMatching('3→4')])
  expect(w.state.advice?.id).not.toBe(advice?.id)
})

test('advice that nobody followed ends with its reason, but not before its time', () => {
  const w = world()
  w.minutes(3, 200)
  w.minutes(9, 100)
  expect(w.state.advice?.to).toBe(5)
  w.minutes(2, 100)
  expect(w.state.advice).toBeNull()
})

test('a count that is reported late does not make it grow twice', () => {
  const w = world()
  w.minutes(3, 200)
  // Five run by now, and handle it; the count says four for a while.
  w.minutes(6, 200)
  w.follow()
  w.minutes(6, 160)
  expect(w.said).toEqual(['2m 4→5'])
})

test('shrinks after a long time of little, by steps, and not below what the most of it needs', () => {
  const w = world({ steps: [8] }, 20)
  w.minutes(5, 40)
  w.minute(130)
  w.minutes(5, 40)
  // 130 s need four; three would have had to grow.
  expect(w.said).toEqual(['10m 20→12'])
  w.follow()
  w.minute(40)
  w.minutes(5, 40)
  w.minute(130)
  w.minutes(5, 40)
  expect(w.said.slice(1)).toEqual(['22m 12→4'])
})

test('a peak of long ago does not keep processes for ever', () => {
  const w = world({}, 20)
  // 200 s need six; then somebody takes away more than that.
  w.minute(200)
  w.processes = 5
  w.minutes(19, 20)
  expect(w.said).toEqual([])
  w.minute(20)
  expect(w.said).toEqual(['20m 5→4'])
})

test('advice to shrink is taken back at once when it would do harm', () => {
  const w = world({}, 4)
  w.minutes(11, 10)
  expect(w.said).toEqual(['10m 4→3'])
  w.minute(120)
  expect(w.state.advice).toBeNull()
})

test('never below least, never above most', () => {
  const w = world({ least: 3, most: 6 }, 4)
  w.minutes(60, 0)
  w.follow()
  w.minutes(60, 0)
  expect(w.said).toEqual(['10m 4→3'])
  for (let at = 0; at < 60; at++) {
    w.minute(10_000)
    w.follow()
  }
  expect(w.processes).toBe(6)
  expect(w.why).toBe('at_most')
})

test('what lies outside of the bounds is led back, unless that would do harm', () => {
  const low = world({ least: 3 }, 1)
  low.minutes(3, 0)
  expect(low.said).toEqual(['2m 1→3'])

  const high = world({ most: 6, steps: [1, 9] }, 10)
  for (let at = 0; at < 40; at++) {
    high.minute(200)
    high.follow()
  }
  // 200 s need six.
  expect(high.said).toEqual(['10m 10→9', '22m 9→6'])

  const needed = world({ most: 6 }, 10)
  needed.minutes(40, 350)
  expect(needed.said).toEqual([])
})

test('without a measurement there is no advice, and the reason is said', () => {
  const t = (measured: Measured) => {
    const w = world()
    w.minutes(2, 200)
    for (let at = 0; at < 5; at++)
      expect(w.minute(0, measured)).toMatchObject({ why: 'unmeasured', given: null })
    // What leaned before the gap counts no more.
    w.minutes(2, 200)
    expect(w.said).toEqual([])
    w.minute(200)
    expect(w.said).toEqual(['9m 4→5'])
  }
  t({ missing: 'busy: nothing is measured' })
  t({ busySeconds: Number.NaN, processes: 4 })
  t({ busySeconds: -1, processes: 4 })
  t({ busySeconds: Number.POSITIVE_INFINITY, processes: 4 })
  t({ busySeconds: 200, processes: Number.NaN })
  t({ busySeconds: 200, processes: 3.5 })
  t({ busySeconds: 200, processes: -4 })
})

test('one minute that was not measured is forgiven', () => {
  const w = world({ growAfterMs: 3 * minute })
  w.minutes(2, 200)
  w.minute(0, { missing: 'x' })
  w.minute(200)
  expect(w.said).toEqual(['3m 4→5'])
})

test('a clock that jumps makes it neither hasty nor stuck', () => {
  const ahead = world()
  ahead.minutes(2, 200)
  // An hour later nobody knows what was in between.
  ahead.nowMs += 60 * minute
  ahead.minutes(2, 200)
  expect(ahead.said).toEqual([])
  ahead.minute(200)
  expect(ahead.said).toEqual(['64m 4→5'])

  const back = world()
  back.minutes(3, 200)
  expect(back.said).toHaveLength(1)
  back.nowMs -= 24 * 60 * minute
  // It waits as long as it would have, from now on, and no day longer.
  back.minutes(9, 100)
  expect(back.state.advice).not.toBeNull()
  back.minutes(3, 100)
  expect(back.state.advice).toBeNull()
  back.minutes(3, 200)
  expect(back.said).toHaveLength(2)
})

test('settings that have changed take back what they would not say', () => {
  const w = world()
  w.minutes(3, 200)
  const measured = { busySeconds: 200, processes: 4 }
  expect(step({ ...rule, most: 4 }, w.state, measured, w.nowMs)).toMatchObject({
    state: { advice: null },
    why: 'at_most',
  })
})

const rules = fc.record({
  concurrency: fc.integer({ min: 1, max: 8 }),
  share: fc.double({ min: 0.05, max: 1, noNaN: true }),
  shrinkShare: fc.double({ min: 0, max: 1, noNaN: true }),
  growAfterMs: fc.integer({ min: 0, max: 5 }).map(each => each * minute),
  shrinkAfterMs: fc.integer({ min: 0, max: 12 }).map(each => each * minute),
  steps: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }),
  least: fc.integer({ min: 0, max: 10 }),
  most: fc.integer({ min: 10, max: 80 }),
})
const load = fc.double({ min: 0, max: 4_000, noNaN: true })

// Directions in which the number of processes changed, over four hours of the same load.
function ways(its: HiveRule, busySeconds: number, from: number, delay: number): string[] {
  const w = world(its, from)
  const changes: string[] = []
  let due: number | undefined
  for (let at = 0; at < 240; at++) {
    const { given } = w.minute(busySeconds)
    if (given !== null) changes.push(given.way)
    if (w.state.advice === null) due = undefined
    else due ??= at + delay
    if (due !== undefined && at >= due) w.follow()
  }
  return changes
}

test('constant load never makes it flap, however late it is followed', () => {
  const fits = fc.tuple(rules, load, fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 15 }))
  fc.assert(
    fc.property(fits, ([its, busySeconds, from, delay]) => {
      const changes = ways(its, busySeconds, from, delay)
      // At most one turn: it overshot by a step, and came back.
      const turns = changes.filter((each, at) => at > 0 && each !== changes[at - 1])
      expect(turns.length).toBeLessThanOrEqual(1)
      expect(changes.slice(changes.indexOf('shrink')).includes('grow') && changes.includes('shrink')).toBe(
        false,
      )
    }),
    { numRuns: 150 },
  )
})

test('whatever happens, advice lies within the bounds, and shrinking leaves enough for the load', () => {
  const event = fc.record({
    busySeconds: fc.oneof(load, fc.constant(Number.NaN)),
    isFollowed: fc.boolean(),
    jump: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: -600, max: 600 })),
  })
  const stories = fc.tuple(rules, fc.integer({ min: 0, max: 100 }), fc.array(event, { maxLength: 80 }))
  fc.assert(
    fc.property(stories, ([its, from, events]) => {
      const w = world(its, from)
      let id: string | undefined
      for (const { busySeconds, isFollowed, jump } of events) {
        w.nowMs += jump * minute
        const { state, given } = w.minute(busySeconds)
        if (given !== null) {
          expect(given.to).toBeGreaterThanOrEqual(its.least)
          if (given.way === 'grow') expect(given.to).toBeLessThanOrEqual(its.most)
          else expect(busySeconds > given.to * its.concurrency * 60 * its.share).toBe(false)
          expect(given.way === 'grow' ? given.to > given.from : given.to < given.from).toBe(true)
          id = given.id
        }
        // What stands is what was given last.
        if (state.advice !== null) expect(state.advice.id).toBe(id)
        if (isFollowed) w.follow()
      }
    }),
    { numRuns: 200 },
  )
})

test('who does not follow hears something else after ten minutes at the earliest', () => {
  const w = world({ growAfterMs: 0, steps: [5] })
  const atMs: number[] = []
  for (let at = 0; at < 60; at++) {
    w.processes = 2 + (at % 3)
    if (w.minute(50_000).given !== null) atMs.push(w.nowMs)
  }
  expect(atMs.length).toBeGreaterThan(3)
  for (const [nth, ms] of atMs.slice(1).entries())
    expect(ms - atMs[nth]!).toBeGreaterThanOrEqual(followWithinMs)
})
