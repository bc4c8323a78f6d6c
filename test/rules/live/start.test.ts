// After a start: what of before is waited for, and for how long; and what began after it, or is known to be over, is not.
import { expect, test } from 'vitest'
import { driven, type Sample } from './driven.ts'

const rules = (...lines: string[]): string =>
  `groups:\n- name: g\n  rules:\n${lines.map(line => `  - ${line}\n`).join('')}`
const timed = (line: string): string => `groups:\n- name: g\n  interval: 5s\n  rules:\n  - ${line}\n`
const q = (value: number | 'stale', host = 'a'): Sample => ['q', { host }, value]
const startMs = 1_000_000

// What was pending or firing before, and a start long after.
function restarted(
  text: string,
  before: readonly Sample[],
  more: Partial<Parameters<typeof driven>[1]> = {},
) {
  const first = driven(text, { nowMs: startMs - 400_000 })
  first.sample(startMs - 400_000, before)
  first.runUntil(startMs - 395_000)
  return driven(text, { nowMs: startMs, isPatient: true, saved: first.saved(), ...more })
}

const phases = (w: ReturnType<typeof driven>): string[] =>
  [...w.alerts().values()].flatMap(each =>
    [...each.values()].map(({ phase, activeAtMs }) => `${phase}${activeAtMs < startMs ? ' of before' : ''}`),
  )

const states = (w: ReturnType<typeof driven>): string[] => w.said().map(each => each.split(' ')[1]!)

test('what was pending goes on where it was, whichever way its rule is evaluated', () => {
  const t = (text: string, afterMs = 30_000): void => {
    const w = restarted(text, [q(1)])
    w.runUntil(startMs + afterMs)
    expect(phases(w), text).toEqual(['pending of before'])
    // `for` has long run out, and nothing fires without its data.
    expect(w.said(), text).toEqual([])
    w.sample(startMs + afterMs, [q(1)])
    w.runUntil(startMs + afterMs + 6_000)
    expect(states(w), text).toEqual(['firing'])
  }
  t(rules('{alert: Up, expr: q > 0, for: 20s}'))
  t(rules('{alert: Up, expr: q > 0, for: 20s}'), 299_000)
  t(rules('{alert: Up, expr: q + on (host) q > 0, for: 20s}'))
  t(rules('{alert: Up, expr: sum(q) > 0, for: 20s}'))
  t(rules('{alert: Up, expr: "topk(1, q) > 0", for: 6m40s}'))
  t(rules('{alert: Up, expr: q > 0, for: 20s, labels: {is: "{{ $value }}"}}'))
  t(rules('{alert: Up, expr: q > bool (time() * 0), for: 20s}'))
})

test('a group with an interval waits as long for what was pending', () => {
  const w = restarted(timed('{alert: Up, expr: q > 0, for: 20s}'), [q(1)])
  const [was] = phases(w)
  expect(was).toBe('pending of before')
  w.runUntil(startMs + 30_000)
  expect(phases(w)).toEqual([was])
  w.sample(startMs + 31_000, [q(1)])
  w.runUntil(startMs + 36_000)
  expect(states(w)).toEqual(['firing'])
})

test('what was pending and does not come back is forgotten without a word', () => {
  const t = (expr: string, untilMs: number): void => {
    const w = restarted(rules(`{alert: Up, expr: ${expr}, for: 20s}`), [q(1)])
    w.runUntil(startMs + untilMs - 1)
    expect(phases(w), expr).toEqual(['pending of before'])
    w.runUntil(startMs + untilMs)
    expect(phases(w), expr).toEqual([])
    expect(w.said(), expr).toEqual([])
  }
  t('q > 0', 300_000)
  t('sum(q) > 0', 60_000)
})

test('what was pending and is back without its condition is forgotten at once', () => {
  const w = restarted(rules('{alert: Up, expr: q > 0, for: 20s}'), [q(1)])
  w.sample(startMs + 10_000, [q(0)])
  expect(phases(w)).toEqual([])
})

test('what ended by a marker is not waited for', () => {
  const w = restarted(
    rules('{alert: Down, expr: q > 0, for: 20s}', '{alert: Watch, expr: "ALERTS{alertname=\\"Down\\"}"}'),
    [],
  )
  w.sample(startMs + 1_000, [q(1)])
  w.runUntil(startMs + 30_000)
  expect(w.said().map(each => each.replace(/^\d+ /, ''))).toEqual([
    'firing Watch alertstate=pending host=a',
    'firing Down host=a',
    'firing Watch alertstate=firing host=a',
    'resolved Watch alertstate=pending host=a (stale)',
  ])
  w.sample(startMs + 40_000, [q('stale')])
  expect(
    w
      .said()
      .slice(4)
      .map(each => each.split(' ')[1]),
  ).toEqual(['resolved', 'resolved'])
})

test('what was found since the start ends when its series say so', () => {
  const t = (text: string): void => {
    const w = restarted(text, [q(1)])
    w.sample(startMs + 3_000, [q(1)])
    w.runUntil(startMs + 10_000)
    w.sample(startMs + 10_000, [q(0)])
    w.runUntil(startMs + 15_000)
    expect(states(w), text).toEqual(['resolved'])
    // What begins now is nothing of before.
    w.sample(startMs + 20_000, [q(1)])
    w.runUntil(startMs + 25_000)
    w.sample(startMs + 25_000, [q(0)])
    w.runUntil(startMs + 30_000)
    expect(states(w), text).toEqual(['resolved', 'firing', 'resolved'])
  }
  t(rules('{alert: Up, expr: sum(q) > 0}'))
  t(timed('{alert: Up, expr: q > 0}'))
  t(rules('{alert: Up, expr: q > 0}'))
})

test('a rule that fails at the start has found nothing', () => {
  const text = rules('{alert: Up, expr: sum(q) > 0 and on () (q * on (host) r)}')
  const r = (path: string, value: number | 'stale'): Sample => ['r', { host: 'a', path }, value]
  const w = restarted(text, [q(1), r('/', 1)])
  // Two series on the side of one.
  w.sample(startMs + 1_000, [q(1, 'b'), q(1), r('/', 1), r('/x', 1)])
  expect(w.live.seats[0]!.view().health).toBe('err')
  w.sample(startMs + 2_000, [r('/x', 'stale'), r('/', 'stale')])
  expect([w.live.seats[0]!.view().health, w.said()]).toEqual(['ok', []])
  w.sample(startMs + 3_000, [r('/', 1)])
  w.runUntil(startMs + 70_000)
  expect(w.said()).toEqual([])
})

const everyMs = 10_000
const minute = [0, 1, 2, 3, 4, 5]

// A counter that goes up, before and after; and `used` and `total`, of which `used` comes a while later.
const counter = (at: number): Sample => ['q', { host: 'a' }, 100 * at]
const used: Sample = ['used', { host: 'a' }, 95]
const total: Sample = ['total', { host: 'a' }, 100]

function came(text: string, gapMs: number, send: (w: ReturnType<typeof driven>, atMs: number) => void) {
  const first = driven(text, { nowMs: startMs - gapMs - 100_000 })
  for (let atMs = startMs - gapMs - 100_000; atMs < startMs - gapMs; atMs += everyMs) send(first, atMs)
  return driven(text, { nowMs: startMs, isPatient: true, saved: first.saved() })
}
const counted = (w: ReturnType<typeof driven>, atMs: number): void => {
  w.sample(atMs, [counter(atMs / everyMs)])
  w.runUntil(atMs + everyMs - 1_000)
}
const ofBoth = (w: ReturnType<typeof driven>, atMs: number): void => {
  w.sample(atMs, [total])
  w.sample(atMs + 500, [used])
  w.runUntil(atMs + everyMs - 1_000)
}

test('a window that has not enough in it yet, or half of what is compared, ends nothing', () => {
  const t = (expr: string, send: typeof counted): void => {
    const w = came(rules(`{alert: Up, expr: ${expr}, for: 20s}`), 400_000, send)
    for (const at of minute) send(w, startMs + 1_000 + at * everyMs)
    expect([phases(w), w.said()], expr).toEqual([['firing of before'], []])
    // And `for` goes on.
    const pending = came(rules(`{alert: Up, expr: ${expr}, for: 10m}`), 400_000, send)
    for (const at of minute) send(pending, startMs + 1_000 + at * everyMs)
    expect(phases(pending), expr).toEqual(['pending of before'])
  }
  t('"rate(q[1m]) > 0"', counted)
  t('"sum by (host) (rate(q[1m])) > 0"', counted)
  t('used / on (host) total > 0.9', ofBoth)
})

test('a gap that is shorter than the lookback and longer than the window is one too', () => {
  const text = rules('{alert: Up, expr: "rate(q[1m]) > 0", for: 20s}')
  const { saved } = came(text, 90_000, counted)
  const warm = [-100, -90].map((s): Sample => ['q', { host: 'a' }, 1, startMs + s * 1_000])
  const w = driven(text, { nowMs: startMs, isPatient: true, saved: saved(), warm })
  for (const at of minute) counted(w, startMs + 1_000 + at * everyMs)
  expect([phases(w), w.said()]).toEqual([['firing of before'], []])
})

test('what is not enough for a minute is no reason to go on, and nothing has ended', () => {
  const t = (expr: string, send: typeof counted, only: () => readonly Sample[]): void => {
    const w = came(rules(`{alert: Up, expr: ${expr}}`), 400_000, send)
    for (const at of minute) w.sample(startMs + 1_000 + at * everyMs, only())
    expect(w.said(), expr).toEqual([])
    w.runUntil(startMs + 60_000)
    expect(w.said(), expr).toEqual([`${startMs + 60_000} resolved Up host=a`])
  }
  t(
    '"rate(q[5s]) > 0"',
    (w, atMs) => w.sample(atMs, [counter(atMs), ['q', { host: 'a' }, 1, atMs - 1_000]]),
    () => [counter(1)],
  )
  t('used / on (host) total > 0.9', ofBoth, () => [total])
})

test('a rate that says otherwise ends it as soon as it is one', () => {
  const w = came(rules('{alert: Up, expr: "rate(q[1m]) > 0"}'), 400_000, counted)
  w.sample(startMs + 1_000, [counter(1)])
  expect(w.said()).toEqual([])
  w.sample(startMs + 11_000, [counter(1)])
  expect(w.said()).toEqual([`${startMs + 11_000} resolved Up host=a`])
})

test('of what is compared one that has ended by a marker is known', () => {
  const w = came(rules('{alert: Up, expr: used / on (host) total > 0.9}'), 400_000, ofBoth)
  w.sample(startMs + 1_000, [total])
  w.sample(startMs + 2_000, [['used', { host: 'a' }, 'stale']])
  expect(w.said()).toEqual([`${startMs + 2_000} resolved Up host=a`])
})

test('what was found since the start is not held where half of it goes', () => {
  const w = came(rules('{alert: Up, expr: used / on (host) total > 0.9}'), 400_000, ofBoth)
  ofBoth(w, startMs + 1_000)
  w.sample(startMs + 11_000, [['total', { host: 'a' }, 200]])
  expect(w.said()).toEqual([`${startMs + 11_000} resolved Up host=a`])
})
