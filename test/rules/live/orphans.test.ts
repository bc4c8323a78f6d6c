// Alerts of an earlier run whose series are back without the condition end at once, as what has gone; those whose series
// are not back wait for them.
import { expect, test } from 'vitest'
import { driven, type Sample } from './driven.ts'

const rules = (expr: string, more = ''): string =>
  `groups:\n- name: g\n  rules:\n  - {alert: Bad, expr: '${expr}'${more}}\n`
const disk = (host: string, used: number): Sample[] => [
  ['used', { host }, used],
  ['info', { host, rack: `rack_${host}` }, 1],
]

// What is said after a start at 100 s, when only `a` is back until ten minutes later.
function restarted(text: string, before: readonly Sample[], back: readonly Sample[]): string[] {
  const first = driven(text)
  first.sample(0, before)
  const second = driven(text, { saved: first.saved(), nowMs: 100_000, isPatient: true })
  second.sample(110_000, back)
  second.runUntil(700_000)
  return second.said()
}

test('labels from the other side of a match hide nobody', () => {
  const both = [...disk('a', 9), ...disk('b', 9)]
  const t = (text: string, labels: (host: string) => string) =>
    expect(restarted(text, both, disk('a', 1)), text).toEqual([
      `110000 resolved Bad ${labels('a')}`,
      `400000 resolved Bad ${labels('b')} (stale)`,
    ])
  t(rules('used * on (host) group_left (rack) info > 5'), host => `host=${host} rack=rack_${host}`)
  t(
    rules('used * on (host) group_left (rack) info > 5', ', labels: {severity: page}'),
    host => `host=${host} rack=rack_${host} severity=page`,
  )
  t(
    rules('used * ignoring (rack) group_left (rack) info > 5', ', labels: {severity: page}'),
    host => `host=${host} rack=rack_${host} severity=page`,
  )
  t(rules('label_replace(used, "at", "$1", "host", "(.*)") > 5'), host => `at=${host} host=${host}`)
  t(rules('sum by (host) (used) > 5'), host => `host=${host}`)
  t(rules('used + on (host) info > 5'), host => `host=${host}`)
})

test('a label that the rule sets tells two places apart no more, and whoever is back says what is', () => {
  const text = rules('used * on (host) group_left (rack) info > 5', ', labels: {host: all}')
  expect(restarted(text, disk('a', 9), disk('a', 1))).toEqual(['110000 resolved Bad host=all rack=rack_a'])
  // It goes on, and ends when its series do.
  expect(restarted(text, disk('a', 9), disk('a', 8))).toEqual([
    '410000 resolved Bad host=all rack=rack_a (stale)',
  ])
})
