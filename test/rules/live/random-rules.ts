// Rule files and what arrives, made at random, for whoever holds live rules against something else.
import fc from 'fast-check'

const hosts = ['a', 'b', 'c']
// `load` is read over windows, where late samples count only with the next change; so it has none.
const names = ['cpu', 'used', 'size', 'load'] as const

// Whole rules may be late by their rest. Their durations end between samples, so that it makes no other alert of them.
const exact = [
  'cpu > 5',
  'cpu * 2 > 10 and cpu < 9',
  '-cpu < -7 or cpu == 2',
  'cpu + cpu > bool 10',
  'used / on (host) size > 1',
  'used > on (host, path) group_left () size',
  'max by (host) (used) > 5',
  'cpu > 3 unless on (host) size > 6',
  "cpu{host='a'} > 6",
  "used{host!='b'} > 4",
  'avg_over_time(load[1m]) > 5',
  'max_over_time(load[30s]) - min_over_time(load[30s]) > 3',
  'changes(load[1m]) > 1',
  'double > 10',
  'by_host > 8',
]
const wide = [
  'count(cpu > 5) > 1',
  'absent(cpu)',
  'sum(used) > 10',
  'many > 1',
  'cpu > on () group_left () max(size)',
]
const records = [
  '  - {record: flat, expr: cpu > 7, labels: {host: all}}',
  '  - {record: double, expr: cpu * 2}',
  '  - {record: by_host, expr: "sum by (host) (used)"}',
  '  - {record: many, expr: count(cpu > 4)}',
]

const label = fc.constantFrom('', '', '', '{host: all}', '{path: ""}', '{severity: page}')
const alert = (exprs: readonly string[], times: readonly string[], keeps: readonly string[]) =>
  fc.record({
    expr: fc.constantFrom(...exprs),
    labels: label,
    hold: fc.constantFrom(...times),
    keep: fc.constantFrom(...keeps),
  })
const wideAlert = alert(wide, ['0s', '7s400ms'], ['0s', '4s250ms'])
const mayFail = ({ expr, labels }: Readonly<{ expr: string; labels: string }>): boolean =>
  /host|path/.test(labels) || expr.includes('on (host) size')
// Those that an error may make whole have the durations of whole ones.
const exactAlert = alert(
  exact,
  ['0s', '0s', '10s', '1m', '5m', '7s400ms'],
  ['0s', '0s', '20s', '4s250ms', '20m'],
).map(each => {
  return mayFail(each) ? { ...each, hold: '7s400ms', keep: each.keep === '0s' ? '0s' : '4s250ms' } : each
})

export const ruleFile = fc
  .record({
    exacts: fc.array(exactAlert, { minLength: 1, maxLength: 5 }),
    wides: fc.array(wideAlert, { maxLength: 2 }),
    limited: fc.boolean(),
    after: fc.boolean(),
  })
  .map(({ exacts, wides, limited, after }) => {
    const line = (of: string, { expr, labels, hold, keep }: (typeof exacts)[number], at: number) => {
      const more = labels === '' ? '' : `, labels: ${labels}`
      return `  - {alert: ${of}${at}, expr: "${expr}", for: ${hold}, keep_firing_for: ${keep}${more}}`
    }
    return [
      'groups:',
      '- name: records',
      '  rules:',
      ...records,
      '- name: exact',
      '  rules:',
      ...exacts.map((each, at) => line('Exact', each, at)),
      ...(wides.length > 0 ? ['- name: wide', '  rules:'] : []),
      ...wides.map((each, at) => line('Wide', each, at)),
      ...(limited ? ['- name: limited', '  limit: 1', '  rules:', '  - {alert: Wide9, expr: cpu > 6}'] : []),
      // What a failing rule wrote ends five minutes after it was last written, which is up to a minute earlier here.
      ...(after && !mayFail(exacts[0]!)
        ? ['- name: after', '  rules:', `  - {alert: Wide8, expr: 'count(ALERTS{alertname="Exact0"}) > 1'}`]
        : []),
    ].join('\n')
  })

export const arrival = fc.record({
  waitS: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 30 }) },
    { weight: 1, arbitrary: fc.constantFrom(60, 300, 301, 1_200, 8_000) },
  ),
  samples: fc.array(
    fc.record({
      name: fc.constantFrom(...names),
      host: fc.constantFrom(...hosts),
      path: fc.constantFrom('', '/', '/x'),
      value: fc.oneof(
        { weight: 12, arbitrary: fc.integer({ min: 0, max: 10 }) },
        { weight: 1, arbitrary: fc.constant('stale' as const) },
      ),
      lateS: fc.constantFrom(0, 0, 0, 0, 5, 40),
    }),
    { minLength: 1, maxLength: 5 },
  ),
})
export type Arrival = typeof arrival extends fc.Arbitrary<infer T> ? T : never
