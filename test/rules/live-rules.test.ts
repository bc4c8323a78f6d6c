import { expect, test } from 'vitest'
import { driven } from './live/driven.ts'

const rules = (...lines: string[]): string =>
  `groups:\n- name: g\n  rules:\n${lines.map(line => `  - ${line}\n`).join('')}`

const hot = rules('{alert: Hot, expr: cpu > 90, for: 1m}')
const a = { host: 'a' }
const b = { host: 'b' }

test('a threshold is met on arrival, and its for runs out to the millisecond', () => {
  const w = driven(hot)
  w.sample(1_234, [['cpu', a, 97]])
  w.sample(31_000, [['cpu', a, 98]])
  w.runUntil(61_233)
  expect(w.said()).toEqual([])
  w.runUntil(61_234)
  w.sample(70_001, [['cpu', a, 12]])
  expect(w.said()).toEqual(['61234 firing Hot host=a', '70001 resolved Hot host=a'])
})

test('what goes away while it is pending leaves without a word', () => {
  const w = driven(hot)
  w.sample(0, [['cpu', a, 97]])
  w.sample(30_000, [['cpu', a, 9]])
  w.runUntil(600_000)
  expect(w.said()).toEqual([])
})

test('a series that stops ends its alert when the lookback does, and says that nobody knows', () => {
  const w = driven(rules('{alert: Hot, expr: cpu > 90}'))
  w.sample(1_000, [['cpu', a, 97]])
  w.runUntil(300_999)
  expect(w.said()).toEqual(['1000 firing Hot host=a'])
  w.runUntil(301_000)
  expect(w.said().slice(1)).toEqual(['301000 resolved Hot host=a (stale)'])
})

test('only what changed is looked at, and one host says nothing of another', () => {
  const w = driven(hot)
  w.sample(0, [
    ['cpu', a, 97],
    ['cpu', b, 97],
  ])
  w.sample(50_000, [['cpu', b, 12]])
  w.runUntil(120_000)
  expect(w.said()).toEqual(['60000 firing Hot host=a'])
})

test('an older sample than the newest starts no evaluation', () => {
  const w = driven(rules('{alert: Hot, expr: cpu > 90}'))
  w.sample(10_000, [['cpu', a, 12]])
  w.sample(11_000, [['cpu', a, 97, 5_000]])
  w.runUntil(20_000)
  expect(w.said()).toEqual([])
})

test('a sample that leaves its window changes the average within a second', () => {
  const w = driven(rules('{alert: Hot, expr: "avg_over_time(cpu[1m]) > 50"}'))
  w.sample(1_500, [['cpu', a, 0]])
  w.sample(20_500, [['cpu', a, 90]])
  w.runUntil(70_000)
  expect(w.said()).toEqual(['62000 firing Hot host=a'])
})

test('a recorded series feeds later rules at once, and earlier ones too', () => {
  const w = driven(
    rules(
      '{alert: Early, expr: "double > 100"}',
      '{record: double, expr: cpu * 2}',
      '{alert: Late, expr: "double > 100"}',
    ),
  )
  w.sample(1_000, [['cpu', a, 60]])
  expect(w.said().sort()).toEqual(['1000 firing Early host=a', '1000 firing Late host=a'])
})

test('a rule that reads what it writes goes on with each sample, not for ever', () => {
  const w = driven(rules('{record: count, expr: "count + 1 or cpu * 0"}', '{alert: Many, expr: count >= 2}'))
  w.sample(1_000, [['cpu', a, 60]])
  w.sample(2_000, [['cpu', a, 61]])
  expect(w.said()).toEqual([])
  w.sample(3_000, [['cpu', a, 62]])
  expect(w.said()).toEqual(['3000 firing Many host=a'])
})

test('label sets that belong together are evaluated when one of them changes', () => {
  const w = driven(rules('{alert: Full, expr: "used / on (host) size > 0.9"}'))
  w.sample(1_000, [
    ['used', { ...a, path: '/' }, 95],
    ['size', a, 100],
    ['used', { ...b, path: '/' }, 95],
    ['size', b, 100],
  ])
  w.sample(2_000, [['size', a, 200]])
  expect(w.said()).toEqual([
    '1000 firing Full host=a',
    '1000 firing Full host=b',
    '2000 resolved Full host=a',
  ])
  expect(w.program.plans[0]!.kind).toBe('sets')
})

test('what looks at all series rests between two evaluations', () => {
  const w = driven(rules('{alert: Many, expr: count(cpu > 90) > 1}'))
  expect(w.program.plans[0]!.kind).toBe('whole')
  w.sample(1_000, [['cpu', a, 97]])
  w.sample(1_010, [['cpu', b, 97]])
  expect(w.said()).toEqual([])
  w.runUntil(2_000)
  expect(w.said()).toEqual(['1050 firing Many'])
})

test('absence is seen as soon as the lookback is over', () => {
  const w = driven(rules('{alert: Gone, expr: absent(cpu)}'))
  expect(w.said()).toEqual(['0 firing Gone'])
  w.sample(1_500, [['cpu', a, 97]])
  w.runUntil(301_500)
  expect(w.said().slice(1)).toEqual(['1500 resolved Gone', '301500 firing Gone'])
})

test('a group with an interval is evaluated at its times only', () => {
  const w = driven('groups:\n- name: g\n  interval: 10s\n  rules:\n  - {alert: Hot, expr: cpu > 90}\n')
  w.sample(1_000, [['cpu', a, 97]])
  w.runUntil(40_000)
  const [only] = w.transitions
  const [group] = w.live.timed
  expect(w.said()).toHaveLength(1)
  expect(only!.atMs % 10_000).toBe(group!.nextMs % 10_000)
})

test('two results that would be one alert are an error of the rule, and its alerts stay', async () => {
  const w = driven(rules('{alert: Hot, expr: cpu > 90, labels: {host: all}}'))
  w.sample(1_000, [['cpu', a, 97]])
  w.sample(2_000, [['cpu', b, 97]])
  expect(w.said()).toEqual(['1000 firing Hot host=all'])
  const view = w.live.seats[0]!.view()
  expect(view.health).toBe('err')
  expect(view.error).toContain('would be one alert')
  expect(await w.own.text()).toContain('plimsoll_rules_failures_total{group="g"} 1')
  w.sample(3_000, [['cpu', a, 1]])
  w.runUntil(4_000)
  expect(w.live.seats[0]!.view().health).toBe('ok')
})

test('keep_firing_for holds an alert that comes and goes', () => {
  const w = driven(rules('{alert: Hot, expr: cpu > 90, keep_firing_for: 1m}'))
  w.sample(1_000, [['cpu', a, 97]])
  w.sample(2_000, [['cpu', a, 1]])
  w.sample(30_000, [['cpu', a, 97]])
  w.sample(31_000, [['cpu', a, 1]])
  w.runUntil(100_000)
  expect(w.said()).toEqual(['1000 firing Hot host=a', '91000 resolved Hot host=a'])
})

test('ALERTS are there for other rules while an alert lives', () => {
  const w = driven(
    rules(
      '{alert: Hot, expr: cpu > 90}',
      `{alert: Any, expr: 'count(ALERTS{alertname="Hot",alertstate="firing"}) > 0'}`,
    ),
  )
  w.sample(1_000, [['cpu', a, 97]])
  w.runUntil(2_000)
  w.sample(3_000, [['cpu', a, 1]])
  w.runUntil(4_000)
  expect(w.said()).toEqual([
    '1000 firing Hot host=a',
    '1000 firing Any',
    '3000 resolved Hot host=a',
    '3000 resolved Any',
  ])
})

test('after a start nothing ends because its series have not come back yet', () => {
  const before = driven(rules('{alert: Hot, expr: cpu > 90}'))
  before.sample(1_000, [
    ['cpu', a, 97],
    ['cpu', b, 97],
  ])
  const after = driven(rules('{alert: Hot, expr: cpu > 90}'), {
    nowMs: 3_600_000,
    saved: before.alerts(),
    isPatient: true,
  })
  after.sample(3_601_000, [['cpu', a, 12]])
  expect(after.said()).toEqual(['3601000 resolved Hot host=a'])
  after.runUntil(3_899_999)
  expect(after.said()).toHaveLength(1)
  after.runUntil(3_900_000)
  expect(after.said().slice(1)).toEqual(['3900000 resolved Hot host=b (stale)'])
})

test('a pending alert goes on where it was', () => {
  const before = driven(hot)
  before.sample(1_000, [['cpu', a, 97]])
  const after = driven(hot, { nowMs: 20_000, saved: before.alerts(), isPatient: true })
  after.sample(30_000, [['cpu', a, 98]])
  after.runUntil(70_000)
  expect(after.said()).toEqual(['61000 firing Hot host=a'])
})

test('after a reload another expression keeps the alerts that it still finds, and ends the others', () => {
  const before = driven(rules('{alert: Hot, expr: cpu > 90}'))
  before.sample(1_000, [
    ['cpu', a, 97],
    ['cpu', b, 93],
  ])
  const after = driven(rules('{alert: Hot, expr: cpu > 95}'), {
    nowMs: 2_000,
    saved: before.alerts(),
    warm: [
      ['cpu', a, 97],
      ['cpu', b, 93],
    ],
  })
  after.runUntil(4_000)
  expect(after.said()).toEqual(['2000 resolved Hot host=b'])
})

test('resolved alerts are remembered for fifteen minutes', () => {
  const w = driven(rules('{alert: Hot, expr: cpu > 90}'))
  w.sample(1_000, [['cpu', a, 97]])
  w.sample(2_000, [['cpu', a, 1]])
  w.runUntil(2_000 + 15 * 60_000 + 1)
  expect(w.entries.map(each => each.split(' ')[1])).toEqual(['firing', 'resolved', 'gone'])
})

const all = rules('{alert: Hot, expr: cpu > 90, labels: {host: all}}')

test('of two series that come to one alert, the second may take over from the first in one batch', () => {
  const w = driven(all)
  w.sample(1_000, [
    ['cpu', a, 97],
    ['cpu', b, 1],
  ])
  w.sample(2_000, [
    ['cpu', a, 1],
    ['cpu', b, 97],
  ])
  expect(w.said()).toEqual(['1000 firing Hot host=all'])
})

test('nothing fires of results that get in the way of each other', () => {
  const w = driven(all)
  w.sample(1_000, [
    ['cpu', a, 97],
    ['cpu', b, 97],
  ])
  expect(w.said()).toEqual([])
})

test('what was recorded ends before the alert on it has been pending for long enough', () => {
  const w = driven(rules('{record: double, expr: cpu * 2}', '{alert: Hot, expr: double > 100, for: 5m}'))
  w.sample(1_000, [['cpu', a, 97]])
  w.recorder.take(62_000)
  w.runUntil(400_000)
  expect(w.said()).toEqual([])
})

test('an earlier rule sees at a start what a later one records', () => {
  const w = driven(rules('{alert: Early, expr: double > 100}', '{record: double, expr: cpu * 2}'), {
    warm: [['cpu', a, 60]],
  })
  expect(w.said()).toEqual(['0 firing Early host=a'])
})

test('type and unit go with the name of a metric', () => {
  const w = driven(rules('{alert: Hot, expr: cpu * 2 > 90}'))
  w.sample(1_000, [['cpu', { ...a, __type__: 'gauge', __unit__: 'percent' }, 97]])
  expect(w.said()).toEqual(['1000 firing Hot host=a'])
})

test('a longer `for` makes an alert pending again', () => {
  const before = driven(rules('{alert: Hot, expr: cpu > 90}'))
  before.sample(1_000, [['cpu', a, 97]])
  const after = driven(hot, { nowMs: 2_000, saved: before.saved(), warm: [['cpu', a, 97]] })
  after.runUntil(61_000)
  expect(after.said()).toEqual([
    '2000 resolved Hot host=a (`for` of the rule was made longer)',
    '61000 firing Hot host=a',
  ])
})

test('a look at what is pending does not end it before its series are back', () => {
  const before = driven(hot)
  before.sample(1_000, [['cpu', a, 97]])
  const after = driven(hot, { nowMs: 2_000, saved: before.saved(), isPatient: true })
  after.live.refresh()
  after.sample(3_000, [['cpu', a, 97]])
  after.runUntil(61_000)
  expect(after.said()).toEqual(['61000 firing Hot host=a'])
})

test('an alert that flaps is forgotten once, fifteen minutes after its last end', () => {
  const w = driven(rules('{alert: Hot, expr: cpu > 90}'))
  for (let second = 1; second <= 1_000; second++) w.sample(second * 1_000, [['cpu', a, 90 + (second % 2)]])
  expect(w.said()).toHaveLength(1_000)
  w.runUntil(1_900_000)
  expect([...w.alerts().values()][0]!.size).toBe(1)
  w.runUntil(1_900_001)
  expect([...w.alerts().values()][0]!.size).toBe(0)
  expect(w.entries.filter(each => each.endsWith('gone'))).toHaveLength(1)
})
