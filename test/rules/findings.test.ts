import { expect, test } from 'vitest'
import { problemText } from '#core/config.ts'
import { copied, farSighted, unwritten } from '../../rules/findings.ts'
import { groupOf } from './rules-of.ts'

test('rules that look further back than memory are named', () => {
  const t = (expr: string, found: string | undefined, head = '') => {
    const [first] = farSighted([groupOf(`- {record: r, expr: '${expr}'}`, head)], 3_600_000)
    expect(first?.found, expr).toBe(found)
  }
  t('rate(a[5m])', undefined)
  t('rate(a[1h])', undefined)
  t('rate(a[2h])', '2h')
  t('a offset 1h', '1h5m')
  t('max_over_time(rate(a[30m])[1h:5m])', '1h30m')
  t('rate(a[1h])', '1h1m', '    query_offset: 1m\n')
  // Bound to a time, it does not go along.
  t('a @ 0', undefined)
})

test('metrics that neither we nor a rule write are named, once for each rule', () => {
  const group = groupOf(
    [
      '- {record: r:sum, expr: sum(cpu_usage_idle)}',
      '- {alert: A, expr: r:sum > 1 and up and up == 1}',
      '- alert: B\n  expr: cpu_usage_idel > 1 or ALERTS or {job=~".+"}',
      '- alert: C\n  expr: histogram_quantile(0.9, rate(plimsoll_http_request_seconds_bucket[5m]))',
    ].join('\n'),
  )
  expect(unwritten([group]).map(each => problemText(each))).toEqual([
    'a.yml:5:9  group g, rule A, expr: wanted metrics that Plimsoll or a rule writes, found up\n    others may write it',
    'a.yml:6:9  group g, rule B, expr: wanted metrics that Plimsoll or a rule writes, found cpu_usage_idel\n    did you mean cpu_usage_idle?',
  ])
})

test('one rule in two files is named, where nothing tells its results apart', () => {
  const t = (mine: string, other: string, found: readonly string[]) => {
    const groups = [groupOf(mine), { ...groupOf(other), file: 'b.yml', name: 'h' }]
    expect(copied(groups).map(each => problemText(each).split('\n')[0])).toEqual(found)
  }
  const alert = '- {alert: A, expr: up==0, labels: {x: y, z: "1"}}'
  t(alert, '- {alert: A, expr: (up == 0) and up}', [])
  t(alert, '- {alert: A, expr: up == 1, labels: {x: y, z: "1"}}', [])
  t(alert, '- {alert: A, expr: up == 0, labels: {x: other, z: "1"}}', [])
  t(alert, '- {alert: A, expr: up == 0, labels: {z: "1", x: y}, for: 5m}', [
    'b.yml:4:9  group h, rule A, expr: wanted each rule once, found the same rule as in a.yml:4',
  ])
  t('- {record: r, expr: up}', '- {alert: r, expr: up}', [])
  t('- {record: r, expr: up}', '- {record: r, expr: up}', [expect.stringContaining('rule r, expr')])
  // In one file it is rule-file.ts that says so.
  expect(copied([groupOf(`${alert}\n${alert}`)])).toEqual([])
})
