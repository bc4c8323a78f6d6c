// What began and ended while nobody was there to tell it: told where it would have been told, and only there.
import { expect, test } from 'vitest'
import { alertOf, openWorld, receiverOf, routeOf, type Setup } from './world.ts'

const receivers = [receiverOf('hook', true)]
const [a, b] = [{ alertname: 'a' }, { alertname: 'b' }]
const plain = (groupBy: readonly string[] = []): Setup => ({
  route: routeOf({ groupBy: [...groupBy], wait: 30, interval: 300 }),
  receivers,
})

test('another route tree takes it to its new group', () => {
  const t = (endS: number, ...wanted: string[]) => {
    const w = openWorld(plain())
    w.at(1).post(a, 1, endS)
    w.kill(plain(['alertname']), 600).jumpTo(600)
    expect(w.until(2_000), String(endS)).toEqual(wanted)
    const v = openWorld(plain())
    v.at(1).begin(a)
    v.kill({}, 600)
    const endMs = endS * 1_000
    v.timeline.seat([alertOf(a, { startsAtMs: 1_000, endsAtMs: endMs, updatedAtMs: endMs })], 600_000)
    v.reload(plain(['alertname']))
    expect(v.until(2_000), String(endS)).toEqual(wanted)
  }
  t(40, '600 hook/0 resolved: -a@1-40!')
  t(61, '600 hook/0 resolved: -a@1-61!')
  // It ended before its group was to speak.
  t(20)
})

test('what was muted or silenced for as long as it fired stays so', () => {
  const t = (mutes: readonly string[], silencedS: number, ...wanted: string[]) => {
    const w = openWorld({
      route: routeOf({ wait: 30, interval: 300, mutes: [...mutes] }),
      receivers,
      intervals: { night: [0, 500] },
    })
    if (silencedS > 0) w.silence('s', a, 0, silencedS)
    w.at(1).post(a, 1, 400)
    w.kill({}, 600).jumpTo(600)
    expect(w.until(3_000)).toEqual(wanted)
  }
  t(['night'], 0)
  t([], 500)
  t([], 0, '600 hook/0 resolved: -a@1-400!')
  // It was over at the second flush that was missed.
  t([], 200, '600 hook/0 resolved: -a@1-400!')
})

test('what came and went between two flushes that were missed is told by neither', () => {
  const t = (endS: number, ...wanted: string[]) => {
    const w = openWorld(plain())
    w.silence('s', b, 0, 5_000)
    w.at(1).begin(b)
    w.at(60)
    w.kill({}, 1_000)
    w.timeline.seat([alertOf(a, { startsAtMs: 360_000, updatedAtMs: 360_000 })], 1_000_000)
    w.take([alertOf(a, { startsAtMs: 360_000, endsAtMs: endS * 1_000, updatedAtMs: endS * 1_000 })])
    expect(w.until(3_000), String(endS)).toEqual(wanted)
  }
  t(370)
  t(630)
  t(640, '1000 hook/0 resolved: -a@360-640!')
})
