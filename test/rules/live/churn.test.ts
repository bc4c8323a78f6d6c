// Series that come and go: what has long ended is given back, nothing of it is missed, and what comes again is as new.
import { expect, test } from 'vitest'
import { driven, type Sample } from './driven.ts'

const minuteMs = 60_000
const rules = (...each: string[]): string =>
  `groups:\n- name: g\n  rules:\n${each.map(line => `  - ${line}\n`).join('')}`

const cpu = (pod: string, value: number | 'stale'): Sample => ['cpu', { pod }, value]
const quota = (pod: string, value: number): Sample => ['quota', { pod }, value]

const every = rules(
  '{alert: Hot, expr: cpu > 90}',
  '{alert: Above, expr: cpu > on (pod) quota}',
  '{alert: Many, expr: count(cpu) > 1000}',
  '{record: double, expr: cpu * 2}',
  '{alert: Doubled, expr: "avg_over_time(double[2m]) > 180"}',
)

test('under pods that come and go the head holds those of the last minutes only', () => {
  const w = driven(every)
  const sizes: [series: number, bytes: number][] = []
  for (let minute = 0; minute < 60; minute++) {
    const pods = Array.from({ length: 100 }, (_, at) => `p${minute}_${at}`)
    for (const atMs of [0, 20_000, 40_000]) {
      w.sample(
        minute * minuteMs + atMs,
        pods.flatMap(pod => [cpu(pod, 1), quota(pod, 80)]),
      )
    }
    sizes.push([w.head.counts.series, w.head.bytes])
  }
  const [[early, bytes], [late, lateBytes]] = [sizes[15]!, sizes[59]!]
  expect(late).toBeLessThanOrEqual(early)
  // For each series of the table there is a number that says where it is.
  expect(lateBytes - bytes).toBeLessThan(w.table.size * 8)
  w.runUntil(70 * minuteMs)
  w.sample(80 * minuteMs, [cpu('last', 1)])
  w.runUntil(83 * minuteMs)
  expect(w.head.counts.series).toBe(2)
})

test('who leaves, and who comes back, changes nothing for the others, though all are equal', () => {
  for (const expr of ['topk(1, cpu) > 5', 'topk by (zone) (1, cpu) > 5', 'bottomk(1, cpu) > 5']) {
    const w = driven(`groups:\n- {name: g, rules: [{alert: Top, expr: '${expr}'}]}`)
    const of = (pod: string, value: number): Sample => ['cpu', { pod, zone: 'z' }, value]
    const gone = of('gone', expr.startsWith('b') ? 9 : 1)
    w.sample(0, [gone, ...['a', 'b', 'c'].map(pod => of(pod, 7))])
    for (let atMs = 15_000; atMs < 20 * minuteMs; atMs += 15_000)
      w.sample(
        atMs,
        ['a', 'b', 'c'].map(pod => of(pod, 7)),
      )
    w.sample(20 * minuteMs, [gone])
    expect(w.said(), expr).toEqual([expect.stringContaining('firing Top')])
  }
})

test('what takes the place of an ended series has alerts of its own', () => {
  const w = driven(every)
  const pods = (name: string) => Array.from({ length: 30 }, (_, at) => `${name}${at}`)
  for (const [at, name] of ['a', 'b', 'c'].entries()) {
    w.sample(
      at * 20 * minuteMs,
      pods(name).flatMap(pod => [cpu(pod, 99), quota(pod, 80)]),
    )
    w.sample(
      at * 20 * minuteMs + 20_000,
      pods(name).map(pod => cpu(pod, 99)),
    )
    w.runUntil((at + 1) * 20 * minuteMs - 1)
    expect(w.head.counts.series).toBeLessThanOrEqual(90)
  }
  for (const name of ['a', 'b', 'c']) {
    for (const pod of pods(name)) {
      const mine = w.said().filter(each => each.includes(`pod=${pod} `) || each.endsWith(`pod=${pod}`))
      const kinds = mine.map(each => each.split(' ').slice(1, 3).join(' ')).sort()
      expect(kinds, pod).toEqual(
        ['firing', 'resolved'].flatMap(each => [`${each} Above`, `${each} Doubled`, `${each} Hot`]),
      )
    }
  }
})

test('an alert that goes on without its series keeps their place, and knows them when they are back', () => {
  for (const expr of ['cpu > 90', 'cpu > on (pod) quota']) {
    const w = driven(rules(`{alert: Hot, expr: ${expr}, keep_firing_for: 30m}`))
    w.sample(0, [cpu('a', 99), quota('a', 80)])
    w.sample(15 * minuteMs, [cpu('b', 99), quota('b', 80)])
    w.sample(20 * minuteMs, [cpu('a', 99), quota('a', 80)])
    expect(w.live.seats.map(({ how }) => how)).not.toContain('whole')
    w.runUntil(120 * minuteMs)
    expect(w.said(), expr).toEqual([
      '0 firing Hot pod=a',
      `${15 * minuteMs} firing Hot pod=b`,
      `${50 * minuteMs} resolved Hot pod=b (stale)`,
      `${55 * minuteMs} resolved Hot pod=a (stale)`,
    ])
    w.sample(130 * minuteMs, [cpu('c', 1)])
    w.runUntil(136 * minuteMs)
    expect(w.head.counts.series, expr).toBe(1)
  }
})
