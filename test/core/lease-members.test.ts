// Who takes part, as stories on a simulated clock: each process writes down which lists it hears, and when.
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isPresent, type Presences, present } from '#core/lease/presence.ts'
import { timing } from '#core/lease/timing.ts'
import type { Members } from '#core/lease.ts'
import { openLeaseWorld, type Process, type World } from './lease-world.ts'

let w: World
beforeEach(async () => {
  w = await openLeaseWorld()
})
afterEach(() => w.close())

type Member = Process & Readonly<{ heard: string[]; at: number[]; members: Members }>

function join(name: string, self = name, options: Readonly<{ sole?: boolean }> = {}): Member {
  const process = w.start(name, options)
  const heard: string[] = []
  const at: number[] = []
  const members = process.leases.members('crew', self, names => {
    heard.push(names.join())
    at.push(w.secondsNow())
  })
  return { ...process, heard, at, members }
}

test('one alone hears of itself at once, and nothing more', async () => {
  const a = join('a')
  await w.runFor(500)
  expect(a.heard).toEqual(['a'])
  await w.runFor(60_000)
  expect(a.heard).toEqual(['a'])
})

test('each hears all names, sorted, first when it is among them, and only what has changed', async () => {
  const b = join('b')
  await w.runFor(3_000)
  const a = join('a')
  // Takes part in something else.
  w.start('other').leases.members('crew2', 'x', () => {})
  await w.runFor(3_000)
  const c = join('c')
  await w.runFor(3_000)
  expect(b.heard).toEqual(['b', 'a,b', 'a,b,c'])
  expect(a.heard).toEqual(['a,b', 'a,b,c'])
  expect(c.heard).toEqual(['a,b,c'])
  expect(b.at[1]! - 3).toBeLessThan(2.2)
  await w.runFor(60_000)
  expect([a, b, c].map(each => each.heard.length)).toEqual([2, 3, 1])
})

test('one that is killed is gone when it was silent for six seconds, and not before', async () => {
  const [a, b] = [join('a'), join('b')]
  await w.runFor(10_300)
  b.kill()
  await w.runFor(20_000)
  expect(a.heard.at(-1)).toBe('a')
  const tookS = a.at.at(-1)! - 10.3
  expect(tookS).toBeGreaterThan(4)
  expect(tookS).toBeLessThan(9)
  expect(a.heard).not.toContain('b')
})

test('one that closes is gone at the next look, and hears nothing of it', async () => {
  const [a, b] = [join('a'), join('b')]
  await w.runFor(10_000)
  const before = b.heard.length
  const closing = b.members.close()
  await w.runFor(2_300)
  await closing
  expect(a.heard.at(-1)).toBe('a')
  expect(b.heard).toHaveLength(before)
  // And so with everything that its process owns.
  const leaving = a.leases.close()
  await w.runFor(3_000)
  await leaving
  expect(a.heard.at(-1)).toBe('a')
  expect((await w.rows()).filter(each => each.name.startsWith('crew/')).map(each => each.owner)).toEqual([
    '',
    '',
  ])
  expect(() => a.leases.members('crew', 'a', () => {})).toThrow('stopping')
})

test('one may come back by its name after a close and after a kill', async () => {
  const [a, b] = [join('a'), join('b')]
  await w.runFor(5_000)
  const closing = b.members.close()
  await w.runFor(2_300)
  await closing
  const again = join('b2', 'b')
  await w.runFor(5_000)
  expect(a.heard.at(-1)).toBe('a,b')
  expect(again.heard).toEqual(['a,b'])
  again.kill()
  const third = join('b3', 'b')
  await w.runFor(15_000)
  expect(a.heard.at(-1)).toBe('a,b')
  expect(third.heard).toEqual(['a,b'])
})

test('one that was killed long ago is forgotten by who comes after, in six seconds', async () => {
  const b = join('b')
  await w.runFor(5_000)
  b.kill()
  await w.runFor(600_000)
  const a = join('a')
  await w.runFor(10_000)
  expect(a.heard).toEqual(['a,b', 'a'])
  await w.runFor(60_000)
  expect(a.heard).toHaveLength(2)
})

test('a state that is away for long makes nobody leave but each one itself', async () => {
  const all = [join('a'), join('b'), join('c')]
  await w.runFor(10_000)
  for (const road of ['away', 'cut', 'deaf'] as const) {
    const before = all.map(each => each.heard.length)
    for (const each of all) each.set(road)
    await w.runFor(30_000)
    expect(
      all.map((each, at) => each.heard.slice(before[at])),
      road,
    ).toEqual([['b,c'], ['a,c'], ['a,b']])
    for (const each of all) each.set('open')
    await w.runFor(20_000)
    expect(
      all.map((each, at) => each.heard.slice(before[at]).at(-1)),
      road,
    ).toEqual(Array(3).fill('a,b,c'))
    // Each hears of its own return only: the others were there all the time.
    expect(
      all.map((each, at) => each.heard.slice(before[at]).length),
      road,
    ).toEqual([2, 2, 2])
  }
})

test('one that cannot reach the state leaves, as itself and others see it, and comes back', async () => {
  const [a, b] = [join('a'), join('b')]
  await w.runFor(10_000)
  b.set('away')
  await w.runFor(15_000)
  expect(b.heard.slice(-1)).toEqual(['a'])
  expect(a.heard.slice(-1)).toEqual(['a'])
  // It was not counted any more by itself before others stopped counting it.
  expect(b.at.at(-1)).toBeLessThan(a.at.at(-1)!)
  b.set('open')
  await w.runFor(5_000)
  expect(a.heard.slice(-2)).toEqual(['a', 'a,b'])
  expect(b.heard.slice(-2)).toEqual(['a', 'a,b'])
})

test('one that slept hears that it was gone, and counts nobody out for its own sleep', async () => {
  const [a, b] = [join('a'), join('b')]
  await w.runFor(10_000)
  a.pause()
  await w.runFor(60_000)
  a.wake()
  await w.runFor(10_000)
  expect(a.heard.slice(-3)).toEqual(['a,b', 'b', 'a,b'])
  expect(b.heard.slice(-3)).toEqual(['a,b', 'b', 'a,b'])
})

test('a slow road makes nobody leave', async () => {
  const all = [join('a'), join('b')]
  await w.runFor(5_000)
  const before = all.map(each => each.heard.join(' '))
  expect(all.map(each => each.heard.at(-1))).toEqual(['a,b', 'a,b'])
  for (const each of all) each.set('slow')
  await w.runFor(60_000)
  expect(all.map(each => each.heard.join(' '))).toEqual(before)
})

test('who owns the state alone hears only itself, and at once', async () => {
  const a = join('a', 'a', { sole: true })
  await Promise.resolve()
  expect(a.heard).toEqual(['a'])
  await w.runFor(10_000)
  await a.members.close()
  expect(a.heard).toEqual(['a'])
  expect((await w.rows()).map(each => each.name)).not.toContain('crew/a')
  const never: unknown[] = []
  await a.leases.members('crew', 'b', names => void never.push(names)).close()
  await w.settled()
  expect(never).toEqual([])
})

test('a process takes part once under a name', () => {
  const a = join('a')
  expect(() => a.leases.members('crew', 'a', () => {})).toThrow('campaigns for crew/a already')
})

const row = (beat: number, owner = 'o') => ({ name: 'crew/a', owner, epoch: 1, beat })

test('a member is present until six seconds of looking have shown no change', () => {
  const t = (looks: readonly (readonly [passedMs: number, beat: number])[], expected: boolean) => {
    let seen: Presences = new Map()
    for (const [passedMs, beat] of looks) seen = present(seen, [row(beat)], passedMs)
    expect(isPresent(seen.get('crew/a')!), JSON.stringify(looks)).toBe(expected)
  }
  t([[Number.POSITIVE_INFINITY, 1]], true)
  t(
    [
      [0, 1],
      [2_000, 1],
      [2_000, 1],
    ],
    true,
  )
  t(
    [
      [0, 1],
      [2_000, 1],
      [2_000, 1],
      [1_999, 1],
    ],
    true,
  )
  t(
    [
      [0, 1],
      [2_000, 1],
      [2_000, 1],
      [2_000, 1],
    ],
    false,
  )
  t(
    [
      [0, 1],
      [2_000, 1],
      [2_000, 1],
      [2_000, 2],
    ],
    true,
  )
  // However long nobody could look.
  t(
    [
      [0, 1],
      [600_000, 1],
      [600_000, 1],
    ],
    true,
  )
  // Silent it stays until it shows something.
  t(
    [
      [0, 1],
      [2_000, 1],
      [2_000, 1],
      [2_000, 1],
      [600_000, 1],
    ],
    false,
  )
  t(
    [
      [0, 1],
      [2_000, 1],
      [2_000, 1],
      [2_000, 1],
      [600_000, 2],
    ],
    true,
  )
})

test('who beats in time is present, whenever it was looked at; who is nobody is not', () => {
  const looks = fc.array(fc.record({ passedMs: fc.nat({ max: 20_000 }), beats: fc.boolean() }))
  fc.assert(
    fc.property(looks, all => {
      let seen: Presences = new Map()
      let [beat, quietMs] = [1, 0]
      for (const { passedMs, beats } of all) {
        if (beats) beat++
        quietMs = beats ? 0 : quietMs + passedMs
        seen = present(seen, [row(beat)], passedMs)
        if (quietMs < timing.silentMs) expect(isPresent(seen.get('crew/a')!)).toBe(true)
      }
      seen = present(seen, [row(beat, '')], 0)
      expect(isPresent(seen.get('crew/a')!)).toBe(false)
    }),
  )
})
