// Which groups are evaluated host by host.
import { expect, test } from 'vitest'
import { partitionOf } from '#core/partition.ts'
import { groupsOf, hears, liesIn } from '../../../rules/fleet/cut.ts'
import { type Share, shareOfGroup, shares } from '../../../rules/fleet/shares.ts'
import { groupsOf as read } from '../live/driven.ts'

const hourMs = 3_600_000
const kindOf = (...exprs: readonly string[]): string => {
  const rules = exprs.map((expr, at) => `  - {record: r${at}, expr: '${expr}'}`)
  const groups = read(`groups:\n- name: g\n  rules:\n${rules.join('\n')}\n`)
  const found = shares.filter(each => groupsOf(each, groups, hourMs).length > 0)
  const kinds = new Set(found.map(each => each.kind))
  expect(kinds.size).toBe(1)
  // Every share of hosts, or one of groups.
  expect(found.length).toBe(kinds.has('hosts') ? 16 : 1)
  return [...kinds][0]!
}

test('a rule that looks at one host at a time is evaluated where its samples travel', () => {
  expect(kindOf('a > 5')).toBe('hosts')
  expect(kindOf('avg_over_time(a[5m]) > 5')).toBe('hosts')
  expect(kindOf('a / b > 0.5')).toBe('hosts')
  expect(kindOf('sum by (host, instance) (a)')).toBe('hosts')
  expect(kindOf('a and on (host, instance) b')).toBe('hosts')
})

test('one that looks at others is evaluated over everything, and takes its group with it', () => {
  expect(kindOf('sum(a)')).toBe('groups')
  expect(kindOf('sum by (zone) (a)')).toBe('groups')
  expect(kindOf('sum by (host) (a)')).toBe('groups')
  expect(kindOf('absent(a)')).toBe('groups')
  expect(kindOf('a > 5', 'b > 5', 'max(a)')).toBe('groups')
  // Memory does not go back so far.
  expect(kindOf('avg_over_time(a[2h]) > 5')).toBe('groups')
})

test('of groups with one name in several files both are in one share', () => {
  const one = read('groups:\n- name: g\n  rules: [{record: a, expr: sum(x)}]\n')
  const other = read('groups:\n- name: g\n  rules: [{record: b, expr: sum(y)}]\n')
  const share = shares.find(({ kind, number }) => kind === 'groups' && number === shareOfGroup('g'))!
  expect(groupsOf(share, [...one, ...other], hourMs).length).toBe(2)
})

test('a series lies where it travels: by host, else by instance', () => {
  const at = (key: string): Share =>
    shares.find(each => each.kind === 'hosts' && each.partitions.includes(partitionOf(key)))!
  expect(liesIn(at('a'), { host: 'a', instance: 'b' })).toBe(true)
  expect(liesIn(at('b'), { instance: 'b' })).toBe(true)
  expect(liesIn(at('b'), {})).toBe(false)
  expect(shares.filter(each => each.kind === 'hosts' && liesIn(each, { host: 'a', instance: 'b' }))).toEqual([
    at('a'),
  ])
  expect(shares.filter(each => liesIn(each, { host: 'a' })).length).toBe(5)
  // Of one host's silence only one share knows.
  expect(shares.filter(each => hears(each, 'a'))).toEqual([at('a')])
})
