import { expect, test } from 'vitest'
import { problemText } from '#core/config.ts'
import { readTestFile, type TestFile } from '../../../rules/unit-test/test-file.ts'

function good(text: string): TestFile {
  const read = readTestFile('t.yml', text)
  if (!read.ok) throw new Error(read.problems.map(problemText).join('\n'))
  return read.file
}

test('a file of tests is read whole', () => {
  const file = good(`
rule_files: [a.yml, b/*.yml]
evaluation_interval: 30s
group_eval_order: [h, g]
fuzzy_compare: true
tests:
  - name: one
    interval: 1m
    start_timestamp: 2026-11-20T08:00:00Z
    external_labels: {region: eu, n: 1}
    external_url: http://a.example
    input_series: [{series: 'x{a="b"}', values: 1+1x2 _ stale}]
    alert_rule_test:
      - {eval_time: 5m, alertname: A, exp_alerts: [{exp_labels: {x: 1}, exp_annotations: {s: }}]}
    promql_expr_test:
      - {expr: x, eval_time: 1m, exp_samples: [{labels: 'x{a="b"}', value: 2}, {value: .inf}]}
  - {}
`)
  expect(file).toMatchObject({
    ruleFiles: ['a.yml', 'b/*.yml'],
    intervalMs: 30_000,
    order: ['h', 'g'],
    isFuzzy: true,
  })
  const [one, two] = file.tests
  expect(one).toMatchObject({
    name: 'one',
    line: 7,
    stepMs: 60_000,
    startMs: Date.UTC(2026, 10, 20, 8),
    externalLabels: [
      ['region', 'eu'],
      ['n', '1'],
    ],
    series: [{ points: [1, 2, 3, undefined, 'stale'] }],
    alerts: [{ line: 14, atMs: 300_000, alert: 'A' }],
    exprs: [{ text: 'x', atMs: 60_000, wanted: [{ value: 2 }, { value: Number.POSITIVE_INFINITY }] }],
  })
  expect(one?.alerts[0]?.wanted).toEqual([
    {
      labels: [
        ['x', '1'],
        ['alertname', 'A'],
      ],
      annotations: [['s', '']],
    },
  ])
  // By default as often as the groups are evaluated.
  expect(two).toMatchObject({ name: '', stepMs: 30_000, startMs: 0, series: [], alerts: [], exprs: [] })
  expect(good('').intervalMs).toBe(60_000)
})

test('every mistake is told with its place', () => {
  const t = (text: string, ...wanted: string[]) => {
    const read = readTestFile('t.yml', text)
    const said = read.ok ? [] : read.problems.map(each => problemText(each).split('\n')[0])
    expect(said, text).toEqual(wanted)
  }
  t(
    'test: []',
    't.yml:1:1  wanted one of rule_files, evaluation_interval, group_eval_order, fuzzy_compare, tests, found the key test',
  )
  t('rule_files: [[a]]', 't.yml:1:14  rule_files: wanted a list of texts, found a list')
  t('group_eval_order: [a, b, a]', 't.yml:1:26  group_eval_order: wanted each group once, found a')
  t('fuzzy_compare: 1', 't.yml:1:16  fuzzy_compare: wanted true or false, found 1')
  t(
    'tests: [{start_timestamp: soon}]',
    't.yml:1:27  test 1, start_timestamp: wanted a time like 2026-11-20T08:00:00Z, or seconds since 1970, found "soon"',
  )
  t(
    'tests: [{name: n, input_series: [{values: 1}]}]',
    't.yml:1:34  test n, input_series 1: wanted a `series` like up{host="a"}, found nothing',
  )
  t(
    'tests: [{input_series: [{series: a, values: 1+2}]}]',
    't.yml:1:34  test 1, input_series 1, series: wanted a series and its points, found a mistake: 1+2 does not say how often',
  )
  t(
    'tests: [{promql_expr_test: [{expr: "sum("}]}]',
    't.yml:1:36  test 1, promql_expr_test 1, expr: wanted an expression of PromQL, found a mistake: 1:4: this ( has no ): the expression ends before it',
  )
  t(
    'tests: [{promql_expr_test: [{expr: a, exp_samples: [{value: much}]}]}]',
    't.yml:1:61  test 1, promql_expr_test 1, exp_samples 1, value: wanted a number, found "much"',
  )
  t(
    'tests: [{promql_expr_test: [{expr: a, exp_samples: [{histogram: "{{}}"}]}]}]',
    't.yml:1:54  test 1, promql_expr_test 1, exp_samples 1: wanted samples that are numbers, found a native histogram, which is not kept here',
  )
  t(
    'tests: [{alert_rule_test: [{eval_time: x}]}]',
    't.yml:1:28  test 1, alert_rule_test 1: wanted the name of an alert, `alertname`, found none',
    't.yml:1:40  test 1, alert_rule_test 1, eval_time: wanted a duration like 10s, 5m or 1h30m, found "x"',
  )
})
