// Work that is cut into pieces comes to what it comes to in one go, and nobody else enters meanwhile.
import { expect, test } from 'vitest'
import { finish, type Pieces } from '../../../rules/ask.ts'
import { viewsOf } from '../../../rules/live/shown.ts'
import { driven, type Sample } from './driven.ts'

const rules = `
groups:
- name: hosts
  rules:
  - {alert: Hot, expr: cpu > 90, annotations: {summary: "{{ $labels.host }} is at {{ $value }}"}}
  - {alert: Held, expr: cpu > 90, for: 1m}
  - {alert: Full, expr: used / size > 0.9}
  - {alert: Top, expr: "topk(5000, cpu) > 90"}
  - {record: hot, expr: cpu > 90}
  - {alert: Many, expr: count(hot) > 1}
- name: timed
  interval: 10s
  rules:
  - {alert: Timed, expr: cpu > 90}
`
const hosts = Array.from({ length: 1_000 }, (_, at) => `host_${at}`)
const storm = (value: number): Sample[] =>
  hosts.flatMap(host => [
    ['cpu', { host }, value],
    ['used', { host }, value],
    ['size', { host }, 100],
  ])

type World = ReturnType<typeof driven>

// How many pieces there were.
function count(work: Pieces): number {
  let pieces = 1
  while (work.next().done !== true) pieces++
  return pieces
}

function outcome(w: World) {
  const { entries, transitions } = w.live.takeOutcome() ?? { entries: [], transitions: [] }
  const views = viewsOf(w.live).flatMap(each => each.rules.map(({ alerts }) => [...alerts]))
  return { entries, transitions, views }
}

test('a storm that is taken in pieces is the storm that is taken at once', () => {
  const [once, cut] = [driven(rules), driven(rules)]
  const both = (nowMs: number, work: (w: World) => Pieces, leastPieces: number): void => {
    finish(work(once))
    const pieces = count(work(cut))
    expect(pieces, `at ${nowMs}`).toBeGreaterThanOrEqual(leastPieces)
    expect(outcome(cut)).toEqual(outcome(once))
  }
  const take =
    (value: number, nowMs: number) =>
    (w: World): Pieces =>
      w.live.takeInPieces([w.rows(storm(value), nowMs)], nowMs)

  both(1_000, take(10, 1_000), 1)
  both(2_000, take(99, 2_000), 24)
  both(9_999, w => w.live.refreshInPieces(), 8)
  // `for` runs out, and the group with an interval begins.
  both(70_000, w => w.live.advanceInPieces(70_000), 12)
  both(80_000, take(10, 80_000), 18)
})

test('after a start everything is looked at in pieces', () => {
  const first = driven(rules)
  first.sample(0, storm(99))
  first.runUntil(1_000)
  const second = driven(rules, { saved: first.saved(), warm: storm(99), nowMs: 1_000 })
  expect(count(second.live.evaluateAllInPieces())).toBeGreaterThan(12)
  expect(second.transitions).toEqual([])
})

test('what is not done yet is not for others', () => {
  const w = driven(rules)
  const work = w.live.takeInPieces([w.rows(storm(99), 1_000)], 1_000)
  work.next()
  const refused = 'nobody else may enter'
  expect(() => w.live.take([], 1_000)).toThrow(refused)
  expect(() => w.live.advanceTo(2_000)).toThrow(refused)
  expect(() => w.live.refresh()).toThrow(refused)
  expect(() => w.live.changedAside()).toThrow(refused)
  finish(work)
  w.live.advanceTo(2_000)
  // Who gives up half way lets others in.
  const other = w.live.takeInPieces([w.rows(storm(1), 3_000)], 3_000)
  other.next()
  other.return()
  w.live.advanceTo(4_000)
})

test('an alert is with what is told of it, whenever the outcome is taken', () => {
  const w = driven(rules)
  const work = w.live.takeInPieces([w.rows(storm(99), 1_000)], 1_000)
  let told = 0
  for (;;) {
    const { done } = work.next()
    const { entries, transitions } = w.live.takeOutcome() ?? { entries: [], transitions: [] }
    const saved = new Set(entries.map(({ rule, fingerprint }) => `${rule}/${fingerprint}`))
    const strays = transitions.filter(({ id }) => !saved.has(id.split('/').slice(0, -2).join('/')))
    expect(strays).toEqual([])
    told += transitions.length
    if (done === true) break
  }
  expect(told).toBe(3_001)
})

test('a few samples are one piece', () => {
  const w = driven(rules)
  w.sample(0, storm(1).slice(0, 30))
  const one = [['size', { host: 'host_1' }, 101] as const]
  expect(count(w.live.takeInPieces([w.rows(one, 1_000)], 1_000))).toBe(1)
})
