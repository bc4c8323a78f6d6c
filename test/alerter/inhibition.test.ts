import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprint, labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { isResolved, type KnownAlert } from '../../alerter/alert.ts'
import { type Inhibition, openInhibitor } from '../../alerter/inhibition.ts'
import { matchAll } from '../../alerter/matcher.ts'
import { readMatchers } from '../../alerter/matcher-text.ts'
import { runs } from '../runs.ts'

const labels = (text: string): Labels =>
  labelsOf(text.split(' ').map(each => each.split('=') as [string, string]))
const alert = (of: Labels, endsAtMs: number | null = null): KnownAlert => ({
  fingerprint: fingerprint(of),
  labels: of,
  annotations: labelsOf([]),
  startsAtMs: 0,
  endsAtMs,
  stale: false,
  value: '',
  generatorUrl: '',
  updatedAtMs: 0,
})
const rule = (sources: string, targets: string, equal: string[] = []): Inhibition => ({
  name: '',
  sources: readMatchers(sources).matchers,
  targets: readMatchers(targets).matchers,
  equal,
})

test('a source that fires holds targets with equal labels', () => {
  const inhibitor = openInhibitor([rule('s=critical', 's=warning', ['host', 'rack'])])
  const source = labels('s=critical host=a')
  inhibitor.set(alert(source))
  const t = (target: string, wanted: boolean) =>
    expect(inhibitor.inhibitedBy(labels(target), 10), target).toBe(wanted ? fingerprint(source) : undefined)

  t('s=warning host=a', true)
  t('s=warning host=b', false)
  t('s=info host=a', false)
  // Absent in both is equal, absent in one is not.
  t('s=warning host=a rack=r', false)
  t('s=critical host=a', false)
})

test('a source that ended holds nothing, until it fires again', () => {
  const inhibitor = openInhibitor([rule('s=critical', 's=warning')])
  const [source, target] = [labels('s=critical'), labels('s=warning')]
  inhibitor.set(alert(source, 100))
  expect(inhibitor.inhibitedBy(target, 99)).toBe(fingerprint(source))
  expect(inhibitor.inhibitedBy(target, 100)).toBeUndefined()
  inhibitor.set(alert(source))
  expect(inhibitor.inhibitedBy(target, 101)).toBe(fingerprint(source))
  inhibitor.delete(fingerprint(source))
  inhibitor.delete(fingerprint(source))
  expect(inhibitor.inhibitedBy(target, 102)).toBeUndefined()
})

test('what was forgotten comes back even when its neighbours left meanwhile', () => {
  const inhibitor = openInhibitor([rule('s=critical', 's=warning')])
  const [one, other, target] = [labels('s=critical n=1'), labels('s=critical n=2'), labels('s=warning')]
  inhibitor.set(alert(one, 5))
  inhibitor.set(alert(other))
  expect(inhibitor.inhibitedBy(target, 10)).toBe(fingerprint(other))
  inhibitor.delete(fingerprint(other))
  inhibitor.set(alert(one))
  expect(inhibitor.inhibitedBy(target, 10)).toBe(fingerprint(one))
})

test('an alert on both sides is held by others, not by itself nor by its like', () => {
  const inhibitor = openInhibitor([rule('s=~"critical|warning"', 's=~"warning|info"')])
  const both = labels('s=warning host=a')
  inhibitor.set(alert(both))
  expect(inhibitor.inhibitedBy(both, 1)).toBeUndefined()
  expect(inhibitor.inhibitedBy(labels('s=warning host=b'), 1)).toBeUndefined()
  expect(inhibitor.inhibitedBy(labels('s=info'), 1)).toBe(fingerprint(both))
  const only = labels('s=critical')
  inhibitor.set(alert(only))
  expect(inhibitor.inhibitedBy(both, 1)).toBe(fingerprint(only))
  expect(inhibitor.inhibitedBy(only, 1)).toBeUndefined()
})

test('rules are asked in their order, and none without a match', () => {
  const inhibitor = openInhibitor([
    rule('s=x', 't=y'),
    rule('s=critical', 's=warning'),
    rule('s=b', 's=warning'),
  ])
  inhibitor.set(alert(labels('s=b')))
  inhibitor.set(alert(labels('s=critical')))
  expect(inhibitor.inhibitedBy(labels('s=warning'), 1)).toBe(fingerprint(labels('s=critical')))
})

// The meaning, in its simplest words.
function slowly(
  rules: readonly Inhibition[],
  alerts: Iterable<KnownAlert>,
  target: Labels,
  nowMs: number,
): Set<string> {
  const all = [...alerts]
  for (const { sources, targets, equal } of rules) {
    if (!matchAll(targets, target)) continue
    const isSource = matchAll(sources, target)
    const holders = all.filter(
      each =>
        matchAll(sources, each.labels) &&
        !isResolved(each, nowMs) &&
        equal.every(name => (each.labels[name] ?? '') === (target[name] ?? '')) &&
        !(isSource && matchAll(targets, each.labels)),
    )
    if (holders.length > 0) return new Set(holders.map(each => each.fingerprint))
  }
  return new Set()
}

test('it finds what a double loop finds, through any history', () => {
  const set = fc
    .record({
      s: fc.constantFrom('a', 'b', 'c'),
      h: fc.constantFrom('', '1', '2'),
      k: fc.constantFrom('', 'x'),
    })
    .map(each => labelsOf(Object.entries(each)))
  const matchers = fc.constantFrom('s=a', 's=~"a|b"', 's!=a', 'h=1', 'h=""', 's=b,h=1', '{}', 'k!~"x"')
  const rules = fc.array(
    fc
      .record({ from: matchers, to: matchers, equal: fc.subarray(['h', 'k']) })
      .map(each => rule(each.from, each.to, each.equal)),
    { minLength: 1, maxLength: 4 },
  )
  const step = fc.oneof(
    fc.record({
      do: fc.constant('set' as const),
      of: set,
      lastsMs: fc.option(fc.integer({ min: -2, max: 6 })),
    }),
    fc.record({ do: fc.constant('delete' as const), of: set, lastsMs: fc.constant(null) }),
    fc.record({ do: fc.constant('ask' as const), of: set, lastsMs: fc.constant(null) }),
  )
  let held = 0
  fc.assert(
    fc.property(rules, fc.array(step, { minLength: 10, maxLength: 40 }), (rules, steps) => {
      const inhibitor = openInhibitor(rules)
      const alerts = new Map<string, KnownAlert>()
      for (const [nowMs, { do: what, of, lastsMs }] of steps.entries()) {
        const one = alert(of, lastsMs === null ? null : nowMs + lastsMs)
        if (what === 'set') {
          alerts.set(one.fingerprint, one)
          inhibitor.set(one)
        } else if (what === 'delete') {
          alerts.delete(one.fingerprint)
          inhibitor.delete(one.fingerprint)
        }
        const wanted = slowly(rules, alerts.values(), of, nowMs)
        const found = inhibitor.inhibitedBy(of, nowMs)
        if (wanted.size === 0) expect(found).toBeUndefined()
        else {
          held += 1
          expect(wanted).toContain(found)
        }
      }
    }),
    { numRuns: runs(100) },
  )
  expect(held).toBeGreaterThan(runs(20))
})
