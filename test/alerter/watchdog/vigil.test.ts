// When something is missing, and that it is said once: single cases, and what holds whatever happens.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { againMs, type Happening, idle, type Say, step, type Vigil } from '../../../alerter/watchdog/vigil.ts'

function run(happenings: readonly Happening[], vigil: Vigil = idle): { vigil: Vigil; said: (Say | null)[] } {
  const said: (Say | null)[] = []
  for (const each of happenings) {
    const { next, say } = step(vigil, each)
    vigil = next
    said.push(say)
  }
  return { vigil, said }
}
const looked = (nowMs: number): Happening => ({ kind: 'looked', nowMs })
const awaited = (dueMs: number): Happening => ({ kind: 'awaited', dueMs })
const came = (nextMs = Number.POSITIVE_INFINITY): Happening => ({ kind: 'came', nextMs })
const slept = (ms: number, atLeastMs: number): Happening => ({ kind: 'slept', ms, atLeastMs })

test('what is not awaited is never missing, and what comes in time neither', () => {
  expect(run([looked(1e12), came(), looked(2e12)]).said).toEqual([null, null, null])
  expect(run([awaited(10), looked(10), came(20), looked(20), came(30), looked(30)]).said).toEqual(
    Array(6).fill(null),
  )
})

test('is said once when it is missing, again after four hours, and once when it is over', () => {
  const { said } = run([
    awaited(10),
    looked(11),
    looked(12),
    looked(11 + againMs),
    looked(12 + againMs),
    came(),
  ])
  expect(said).toEqual([null, 'missing', null, 'still', null, 'over'])
})

test('what was said before is not said again, until it is time to, and its end is', () => {
  const missed = { kind: 'missed', sinceMs: 11, saidMs: 11 } as const
  expect(run([awaited(100), missed, looked(200), looked(11 + againMs), came()]).said).toEqual([
    ...[null, null, null, 'still', 'over'],
  ])
  expect(run([awaited(10), looked(12), missed, looked(11 + againMs), looked(12 + againMs)]).said).toEqual([
    ...[null, 'missing', null, null, 'still'],
  ])
})

test('the first that is awaited counts', () => {
  expect(run([awaited(10), awaited(20), looked(11)]).said.at(-1)).toBe('missing')
})

test('whoever slept waits on from where it was, and long enough for what is on its way', () => {
  expect(run([awaited(100), slept(1_000, 1_060), looked(1_099)]).said.at(-1)).toBeNull()
  expect(run([awaited(100), slept(1_000, 1_060), looked(1_101)]).said.at(-1)).toBe('missing')
  expect(run([awaited(1), slept(1_000, 1_060), looked(1_059)]).said.at(-1)).toBeNull()
  expect(run([slept(1_000, 1_060), looked(1e9)]).said.at(-1)).toBeNull()
})

// Against a model that only looks back at what happened.
test('whatever happens: begins and ends take turns, none is said early, and none is forgotten', () => {
  const happening = fc.oneof(
    fc.record({ kind: fc.constant('awaited' as const), inMs: fc.nat(50) }),
    fc.record({ kind: fc.constant('came' as const), inMs: fc.option(fc.nat(50)) }),
    fc.record({ kind: fc.constant('looked' as const) }),
    fc.record({ kind: fc.constant('slept' as const), ms: fc.nat(100) }),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(30), happening), { maxLength: 40 }), steps => {
      let nowMs = 0
      let dueMs = Number.POSITIVE_INFINITY
      let vigil = idle
      let isMissing = false
      for (const [waitMs, each] of steps) {
        nowMs += waitMs + (each.kind === 'slept' ? each.ms : 0)
        const inMs = 'inMs' in each && each.inMs !== null ? nowMs + each.inMs : Number.POSITIVE_INFINITY
        if (each.kind === 'awaited') dueMs = Math.min(dueMs, inMs)
        if (each.kind === 'came') dueMs = inMs
        if (each.kind === 'slept' && Number.isFinite(dueMs)) dueMs = Math.max(dueMs + each.ms, nowMs + 5)
        const { next, say } = step(
          vigil,
          {
            awaited: awaited(inMs),
            came: came(inMs),
            looked: looked(nowMs),
            slept: slept(each.kind === 'slept' ? each.ms : 0, nowMs + 5),
          }[each.kind],
        )
        vigil = next
        if (say === 'missing') expect([isMissing, nowMs > dueMs, each.kind]).toEqual([false, true, 'looked'])
        if (say === 'over') expect([isMissing, each.kind]).toEqual([true, 'came'])
        if (each.kind === 'looked' && nowMs > dueMs) isMissing = true
        if (each.kind === 'came') isMissing = false
        expect(vigil.missing !== null).toBe(isMissing)
      }
    }),
  )
})
