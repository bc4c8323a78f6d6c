import { expect, test } from 'vitest'
import type { Mistake } from '../../../rules/unit-test/mistake.ts'
import { nextAfter } from '../../../rules/unit-test/next-after.ts'
import { runTest } from '../../../rules/unit-test/run-test.ts'
import { readTestFile } from '../../../rules/unit-test/test-file.ts'
import { groupOf } from '../rules-of.ts'

function run(rules: string, body: string): Mistake[] {
  const read = readTestFile('t.yml', `tests:\n- name: t\n${body.replaceAll(/^/gm, '  ')}`)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return runTest(read.file.tests[0]!, { ...read.file, groups: rules === '' ? [] : [groupOf(rules)] })
}

test('what was wanted and what was there are told line by line', () => {
  const rule = '- {alert: A, expr: x > 1, annotations: {s: "{{ $value }}"}}'
  const body = `input_series: [{series: 'x{h="1"}', values: 5}, {series: 'x{h="2"}', values: 6}]
alert_rule_test:
- alertname: A
  exp_alerts:
  - {exp_labels: {h: 2}, exp_annotations: {s: 6}}
  - {exp_labels: {h: 1}, exp_annotations: {s: 4}}
promql_expr_test: [{expr: x, exp_samples: [{labels: 'x{h="1"}', value: 5}, {labels: y, value: 1}]}]`
  expect(run(rule, body)).toEqual([
    {
      kind: 'alert',
      line: 5,
      atMs: 0,
      subject: 'A',
      missing: ['{alertname="A", h="1"} {s="4"}'],
      extra: ['{alertname="A", h="1"} {s="5"}'],
    },
    { kind: 'expr', line: 9, atMs: 0, subject: 'x', missing: ['y 1'], extra: ['x{h="2"} 6'] },
  ])
})

test('equal alerts are counted, not merged', () => {
  const rule = '- {alert: A, expr: 1}\n- {alert: A, expr: 2}'
  const one = 'alert_rule_test: [{alertname: A, exp_alerts: [{}]}]'
  expect(run(rule, one)).toMatchObject([{ missing: [], extra: ['{alertname="A"} {}'] }])
  expect(run(rule, one.replace('[{}]', '[{}, {}]'))).toEqual([])
})

test('nothing looks ahead of its time', () => {
  const body = `input_series: [{series: x, values: 1 2 3}]
promql_expr_test:
- {expr: seen, eval_time: 1m, exp_samples: [{labels: seen, value: 2}]}`
  expect(run('- {record: seen, expr: "x offset -1m or vector(1)"}', body)).toEqual([])
})

test('an error of a rule ends the test, with the file and line of the rule', () => {
  const body = `input_series: [{series: 'x{h="1"}', values: 5 5}, {series: 'x{h="2"}', values: _ 6}]
alert_rule_test: [{eval_time: 5m, alertname: Never, exp_alerts: [{}]}]`
  const rule = '- {record: r, expr: x, labels: {h: ""}}'
  expect(run(rule, body)).toEqual([
    {
      kind: 'error',
      atMs: 60_000,
      line: 4,
      file: 'a.yml',
      rule: 'r',
      error: expect.stringContaining('two results'),
    },
  ])
})

test('of two rules that write one series the later one fails', () => {
  const rules = ['- {record: r, expr: x}', '- {record: r, expr: x + 1}', '- {record: s, expr: x}'].join('\n')
  const body = `input_series: [{series: x, values: 5}]
promql_expr_test: [{expr: s, exp_samples: [{labels: s, value: 5}]}]`
  expect(run(rules, body)).toMatchObject([
    { kind: 'error', line: 5, rule: 'r', error: expect.stringContaining('another sample of this time') },
  ])
})

test('years in small steps are refused', () => {
  const read = readTestFile(
    't.yml',
    'evaluation_interval: 1s\ntests: [{promql_expr_test: [{expr: a, eval_time: 1y}]}]',
  )
  if (!read.ok) throw new Error('not read')
  const [mistake] = runTest(read.file.tests[0]!, { ...read.file, groups: [] })
  expect(mistake).toMatchObject({ kind: 'error', error: expect.stringContaining('31536000 evaluations') })
})

test('the next float is the next float', () => {
  const t = (from: number, up: number) => {
    expect(nextAfter(from, 1)).toBe(up)
    expect(nextAfter(-from, -1)).toBe(-up)
    expect(nextAfter(up, -1)).toBe(from)
  }
  t(1, 1 + Number.EPSILON)
  t(0.1 + 0.2 - 2 ** -54, 0.1 + 0.2)
  t(0, Number.MIN_VALUE)
  t(2 ** 53, 2 ** 53 + 2)
  expect(nextAfter(Number.POSITIVE_INFINITY, 1)).toBe(Number.POSITIVE_INFINITY)
})
