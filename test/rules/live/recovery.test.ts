// A rule that failed is evaluated as a whole until it has been healthy for a while, and then goes its quick way again.
import { expect, test } from 'vitest'
import { openPatience } from '../../../rules/live/patience.ts'
import { driven, type Sample } from './driven.ts'

const hot = `
groups:
- name: hosts
  rules:
  - {alert: Hot, expr: cpu > 90, labels: {core: all}}
`
const core = (host: string, core: string, value: number): Sample => ['cpu', { host, core }, value]

type World = ReturnType<typeof driven>
const seatOf = (w: World) => w.live.seats[0]!
const failed = (w: World): string[] => {
  const { health, error } = seatOf(w).view()
  return [seatOf(w).how, health, ...(error === undefined ? [] : [error.replace(/:.*/, '')])]
}

test('a rule that failed goes its quick way again after a healthy minute, and its alerts stay', () => {
  const w = driven(hot)
  w.sample(0, [core('a', '0', 99), core('b', '0', 99)])
  expect(failed(w)).toEqual(['kernel', 'ok'])
  w.sample(10_000, [core('a', '1', 99)])
  expect(failed(w)).toEqual(['whole', 'err', 'two results would be one alert'])
  // What goes meanwhile is not heard of, as in Prometheus.
  w.sample(15_000, [core('b', '0', 1)])
  w.sample(20_000, [core('a', '1', 1)])
  expect(failed(w)).toEqual(['whole', 'ok'])
  w.sample(79_999, [core('a', '0', 98)])
  expect(failed(w)).toEqual(['whole', 'ok'])
  w.sample(80_050, [core('a', '0', 97)])
  expect(failed(w)).toEqual(['kernel', 'ok'])
  w.sample(81_000, [core('a', '0', 1)])
  w.sample(82_000, [core('b', '0', 99)])
  expect(w.said()).toEqual([
    '0 firing Hot core=all host=a',
    '0 firing Hot core=all host=b',
    '20000 resolved Hot core=all host=b',
    '81000 resolved Hot core=all host=a',
    '82000 firing Hot core=all host=b',
  ])
})

test('a minute begins anew with each failure', () => {
  const w = driven(hot)
  w.sample(0, [core('a', '0', 99), core('a', '1', 99)])
  w.sample(30_000, [core('a', '1', 1)])
  w.sample(80_000, [core('a', '1', 99)])
  w.sample(90_000, [core('a', '1', 1)])
  w.sample(149_000, [core('a', '0', 98)])
  expect(failed(w)).toEqual(['whole', 'ok'])
  w.sample(150_000, [core('a', '0', 97)])
  expect(failed(w)).toEqual(['kernel', 'ok'])
})

test('one that fails again soon waits for twice as long', () => {
  const w = driven(hot)
  // Two cores are hot for a second each ten minutes; the other samples keep the rule busy.
  const waits: number[] = []
  let wholeSinceMs = -1
  for (let second = 0; second < 4 * 3_600; second++) {
    const both = second % 600 === 1 ? 99 : 1
    w.sample(second * 1_000, [core('a', '0', 95 + (second % 3)), core('a', '1', both)])
    const isWhole = seatOf(w).isWhole
    if (isWhole && wholeSinceMs < 0) wholeSinceMs = second
    if (!isWhole && wholeSinceMs >= 0) {
      waits.push(second - wholeSinceMs - 1)
      wholeSinceMs = -1
    }
  }
  // Nine minutes of ten it goes well: it is never whole for longer than a minute.
  expect(new Set(waits)).toEqual(new Set([60]))

  const patience = openPatience()
  const wait = (atMs: number): number => {
    patience.failed(atMs)
    let waitMs = 0
    while (!patience.isOver(true, atMs + waitMs)) waitMs += 1_000
    patience.recovered(atMs + waitMs)
    return waitMs
  }
  let atMs = 0
  const all = Array.from({ length: 9 }, () => {
    const waitMs = wait(atMs)
    atMs += waitMs + 5_000
    return waitMs / 60_000
  })
  expect(all).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  // A good hour, and it is as new.
  expect(wait(atMs + 3_600_000)).toBe(60_000)
})

test('a recording rule goes on with the series that it has, and ends those that are gone', () => {
  const w = driven(`
groups:
- name: hosts
  rules:
  - {record: load, expr: cpu * 2, labels: {core: all}}
  - {alert: Loaded, expr: load > 10}
`)
  w.sample(0, [core('a', '0', 9), core('b', '0', 9)])
  w.sample(1_000, [core('a', '1', 1)])
  expect(failed(w)).toEqual(['whole', 'err', 'two results would be one series'])
  w.sample(2_000, [['cpu', { host: 'a', core: '1' }, 'stale']])
  expect(failed(w)).toEqual(['whole', 'ok'])
  w.sample(62_000, [core('a', '0', 8)])
  expect(failed(w)).toEqual(['kernel', 'ok'])
  w.sample(63_000, [core('a', '0', 1)])
  w.sample(64_000, [['cpu', { host: 'b', core: '0' }, 'stale']])
  expect(w.said()).toEqual([
    '0 firing Loaded core=all host=a',
    '0 firing Loaded core=all host=b',
    '63000 resolved Loaded core=all host=a',
    '64000 resolved Loaded core=all host=b (stale)',
  ])
})

const full = `
groups:
- name: disks
  rules:
  - {alert: Full, expr: used / on (host) size > 0.9, keep_firing_for: 30s}
`

test('what is wrong with one label set is an error of the rule, and the alerts of the others stay', () => {
  const w = driven(full)
  w.sample(0, [
    ['used', { host: 'a' }, 95],
    ['size', { host: 'a' }, 100],
  ])
  // Nothing is used on b: to b alone it would be no error, to the rule it is one.
  w.sample(1_000, [
    ['size', { host: 'b', path: '/' }, 100],
    ['size', { host: 'b', path: '/x' }, 100],
  ])
  expect(failed(w)).toEqual([
    'whole',
    'err',
    'found duplicate series for the match group {host="b"} on the right hand-side of the operation',
  ])
  w.sample(2_000, [['used', { host: 'a' }, 1]])
  expect(w.said()).toEqual(['0 firing Full host=a'])
  w.sample(10_000, [['size', { host: 'b', path: '/x' }, 'stale']])
  // It is kept from when the rule has first seen it gone.
  w.runUntil(60_000)
  expect(w.said()).toEqual(['0 firing Full host=a', '40000 resolved Full host=a'])
  w.sample(80_000, [['used', { host: 'b' }, 95]])
  expect(failed(w)).toEqual(['sets', 'ok'])
  w.sample(81_000, [['used', { host: 'b' }, 1]])
  w.runUntil(120_000)
  expect(w.said().slice(2)).toEqual(['80000 firing Full host=b', '111000 resolved Full host=b'])
})

test('what is kept while a rule goes its quick way again ends without a word of staleness', () => {
  const w = driven(full, { isPatient: true })
  w.sample(0, [
    ['used', { host: 'a' }, 95],
    ['size', { host: 'a', path: '/' }, 100],
  ])
  w.sample(400_000, [
    ['used', { host: 'a' }, 95],
    ['size', { host: 'a', path: '/' }, 100],
    ['size', { host: 'a', path: '/x' }, 100],
  ])
  w.sample(401_000, [['size', { host: 'a', path: '/x' }, 'stale']])
  w.sample(460_500, [['used', { host: 'a' }, 1]])
  w.sample(461_500, [['used', { host: 'a' }, 2]])
  expect(failed(w)).toEqual(['sets', 'ok'])
  w.runUntil(500_000)
  expect(w.said().at(-1)).toBe('490500 resolved Full host=a')
})
