import fc from 'fast-check'
import { expect, test } from 'vitest'
import { problemText } from '#core/config.ts'
import { isRuleFile, type RuleFile, readRuleFile } from '../../rules/rule-file.ts'
import { openRuleIds } from '../../rules/rule-ids.ts'
import { groupsOf } from './rules-of.ts'

const read = (text: string): RuleFile => readRuleFile('a.yml', text, openRuleIds())
// The first line of each, without the name of the file.
const problemsOf = (text: string, of: 'problems' | 'warnings' = 'problems'): string[] =>
  read(text)[of].map(each => problemText(each).split('\n')[0]!.replace('a.yml:', ''))

const group = (rules: string): string => `groups:\n- name: g\n  rules:\n${rules.replaceAll(/^/gm, '  ')}`

test('a file of rules is read whole', () => {
  const [g, h] = groupsOf(`
groups:
  - name: g
    interval: 30s
    query_offset: 1m
    limit: 5
    labels: {team: base, rack: a}
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
        labels: {rack: "", n: 1}
      - alert: Down
        expr: |
          up
            == 0
        for: 5m
        keep_firing_for: 1h30m
        labels: {severity: page}
        annotations:
          summary: "{{ $labels.instance }} is down"
  - name: h
    interval: 0s
`)
  expect(g).toMatchObject({ file: 'a.yml', intervalMs: 30_000, queryOffsetMs: 60_000, limit: 5 })
  expect(g?.rules).toMatchObject([
    { kind: 'record', record: 'job:up:sum', text: 'sum by (job) (up)', line: 9, column: 9 },
    { kind: 'alert', alert: 'Down', text: 'up\n  == 0\n', forMs: 300_000, keepFiringMs: 5_400_000, line: 12 },
  ])
  const [recorded, alert] = g?.rules ?? []
  expect(recorded?.labels).toEqual(
    new Map([
      ['team', 'base'],
      ['rack', ''],
      ['n', '1'],
    ]),
  )
  expect([...(alert?.labels.keys() ?? [])]).toEqual(['team', 'rack', 'severity'])
  expect(alert).toMatchObject({
    annotations: new Map([['summary', { text: '{{ $labels.instance }} is down' }]]),
  })
  // An interval of nothing is none: evaluated on arrival.
  expect(h).toMatchObject({ intervalMs: undefined, queryOffsetMs: 0, limit: 0, rules: [] })
})

test('files without rules are fine', () => {
  for (const text of ['', '# nothing\n', 'groups:', 'groups: []', '{}', 'groups:\n- name: g\n  rules:\n'])
    expect(problemsOf(text), text).toEqual([])
})

test('what stands at the wrong place is refused, with its place', () => {
  const t = (text: string, ...wanted: string[]) => expect(problemsOf(text), text).toEqual(wanted)

  t('- a', '1:1  wanted the key `groups` with a list, found a list')
  t('group: []', '1:1  wanted one of groups, found the key group')
  t('groups: x', '1:9  groups: wanted a list, found "x"')
  t('groups: [x]', '1:10  group 1: wanted a map of keys, found "x"')
  t('groups: [~]', '1:10  group 1: wanted a group with a name, found nothing')
  t('groups: [{rules: []}]', '1:10  group 1: wanted a name, found nothing')
  t('groups: [{name: ""}]', '1:17  group 1: wanted a name, found ""')
  t('groups: [{name: g, limit: -1}]', '1:27  group g, limit: wanted a whole number, 0 for no limit, found -1')
  t(
    'groups: [{name: g, limit: "5"}]',
    '1:27  group g, limit: wanted a whole number, 0 for no limit, found "5"',
  )
  t(
    'groups: [{name: g, interval: 5}]',
    '1:30  group g, interval: wanted a duration like 10s, 5m or 1h30m, found 5',
  )
  t(
    'groups:\n- name: g\n- name: h\n- name: g',
    '4:9  group g: wanted each name once in a file, found a second group g (the first stands in line 2)',
  )
  t('groups: [', expect.stringContaining('wanted YAML') as string)
  t(
    group('- alert: A\n  expr: up\n  expr: up'),
    '6:5  groups[0].rules[0].expr: wanted each key once, found a second one (the first stands in line 5)',
  )
})

test('each rule is one of two kinds, with what belongs to it', () => {
  const t = (rule: string, ...wanted: string[]) => expect(problemsOf(group(rule)), rule).toEqual(wanted)

  t('- expr: up', '4:5  group g, rule 1: wanted either `alert` or `record`, found neither')
  t('- ~', '4:5  group g, rule 1: wanted a rule, found nothing')
  t(
    '- {alert: A, record: r, expr: up}',
    '4:16  group g, rule A: wanted either `alert` or `record`, found both',
  )
  t('- alert: A', '4:5  group g, rule A, expr: wanted an expression, found nothing')
  t('- {alert: A, expr: ""}', '4:16  group g, rule A, expr: wanted an expression, found nothing')
  t(
    '- {record: "r{a=1}", expr: up}',
    '4:14  group g, rule r{a=1}, record: wanted the name of a metric, without braces, found "r{a=1}"',
  )
  t(
    '- {record: r, expr: up, for: 5m}',
    '4:27  group g, rule r, for: wanted it in alerting rules only, found a recording rule',
  )
  t(
    '- {record: r, expr: up, annotations: {a: b}}',
    '4:27  group g, rule r, annotations: wanted it in alerting rules only, found a recording rule',
  )
  t(
    '- {record: r, expr: up, keep_firing_for: 5m}',
    '4:27  group g, rule r, keep_firing_for: wanted it in alerting rules only, found a recording rule',
  )
  // As promtool: what says nothing is let through.
  t('- {record: r, expr: up, for: 0s, annotations: {}}')
  t('- {alert: A, record: "", expr: up}')
  t(
    '- {alert: A, expr: up, for: 5}',
    '4:31  group g, rule A, for: wanted a duration like 10s, 5m or 1h30m, found 5',
  )
  t(
    '- {alert: A, expr: up, labels: {__name__: x}}',
    '4:35  group g, rule A, labels, __name__: wanted the name of a label, found __name__',
  )
  t(
    '- {alert: A, expr: up, labels: {"": x}}',
    '4:35  group g, rule A, labels, : wanted a name, found an empty one',
  )
  t('- {alert: A, expr: up, labels: {a: [b]}}', '4:38  group g, rule A, labels, a: wanted text, found a list')
  // Names of any letters, as in Prometheus 3.
  t('- {alert: A, expr: up, labels: {"a.b 中": x}, annotations: {"ü": y}}')
  t('- {record: "a.b", expr: up}')
  t(
    '- {record: r, expr: "up[5m]"}',
    '4:23  group g, rule r, expr: wanted an expression that comes to a vector or a number, found a range of samples',
  )
})

test('keys of others are refused with what to do', () => {
  const t = (text: string, hint: string) => expect(read(text).problems[0]?.hint, text).toMatch(hint)
  t('apiVersion: v1', 'object of Kubernetes')
  t('groups: [{name: g, partial_response_strategy: warn}]', 'Thanos')
  t('groups: [{name: g, eval_delay: 1m}]', 'query_offset')
  t('groups: [{name: g, intervall: 1m}]', 'did you mean interval?')
  t(group('- {alert: A, expr: up, fro: 5m}'), 'did you mean for?')
  t(group('- {alert: A, expr: up, severity: page}'), 'below `labels`')
})

// The place of § in a text, and the text without it.
function marked(text: string): { text: string; place: string } {
  const before = text.slice(0, text.indexOf('§')).split('\n')
  return { text: text.replace('§', ''), place: `${before.length}:${before.at(-1)!.length + 1}` }
}

test('a mistake in an expression is shown where it stands in the file', () => {
  const t = (rule: string) => {
    const { text, place } = marked(group(rule))
    const [first] = read(text).problems
    expect(`${first?.line}:${first?.column}`, rule).toBe(place)
  }
  t('- {alert: A, expr: sum(up) §)}')
  t('- {alert: A, expr: "sum(up) §)"}')
  t("- {alert: A, expr: 'sum(up) §)'}")
  // Quotes and escapes before it.
  t(`- {alert: A, expr: 'up{a="it''s"} §)'}`)
  t('- {alert: A, expr: "up{a=\\"b\\"} §)"}')
  t('- {alert: A, expr: "up{a=\\"\\\\\\\\\\"}\\n\\t §)"}')
  t('- {alert: A, expr: "up{a=\\"\\u4e2d\\x41\\"}\\x20§)"}')
  t('- alert: A\n  expr: |\n    sum(up)\n    + §)')
  t('- alert: A\n  expr: |2-\n      sum(up)\n    + §)')
  t('- alert: A\n  expr: > # folded\n    sum(up)\n\n    + §)')
  t('- alert: A\n  expr: sum(up)\n    + §)')
  t('- alert: A\n  expr: "sum(up)\n\n    + §)"')
  // Behind the last word.
  t('- alert: A\n  expr: |\n    sum(up)\n    +§\n')
  // Where the anchor is.
  t('- {alert: A, expr: &e §sum( ), labels: {a: b}}\n- {alert: B, expr: *e}')
  t('- {alert: A, expr: "up{a=\\"中😀\\"} §)"}')
})

test('the text before a mistake does not matter for its place', () => {
  const space = fc.constantFrom(' ', '  ', '\n', '\n\n', ' \n ')
  const styles = fc.constantFrom('|', '>', '"', "'")
  fc.assert(
    fc.property(fc.array(space, { minLength: 1, maxLength: 5 }), styles, (spaces, style) => {
      const expr = `${spaces.map(each => `up +${each}`).join('')}]`
      const indented = expr.replaceAll('\n', '\n        ')
      const text =
        style === '"' || style === "'"
          ? `- alert: A\n  expr: ${style}${indented}${style}`
          : `- alert: A\n  expr: ${style}\n        ${indented}`
      const { problems } = read(group(text))
      const lines = group(text).split('\n')
      const line = lines.findIndex(each => each.includes(']'))
      expect([problems[0]?.line, problems[0]?.column]).toEqual([line + 1, lines[line]!.indexOf(']') + 1])
    }),
  )
})

test('a mistake in a template is shown where it stands', () => {
  const t = (rule: string) => {
    const { text, place } = marked(group(rule))
    expect(problemsOf(text), rule).toEqual([
      expect.stringMatching(`^${place}  group g, rule A, annotations, s: wanted`),
    ])
  }
  t('- {alert: A, expr: up, annotations: {s: "a §{{ $labels.x "}}')
  t('- alert: A\n  expr: up\n  annotations:\n    s: |\n      fine {{ $value }}\n      {{ §nix }}')
  // A label of the group is read for each of its rules and told once.
  const labelled = group('- {alert: A, expr: up}\n- {alert: A, expr: down}')
  const { text, place } = marked(labelled.replace('  rules', '  labels: {l: "{{ §nix }}"}\n  rules'))
  expect(problemsOf(text)).toEqual([expect.stringMatching(`^${place}  group g, labels, l: wanted`)])
})

test('what is probably not meant is a warning', () => {
  const t = (text: string, ...wanted: unknown[]) => {
    expect(problemsOf(text), text).toEqual([])
    expect(problemsOf(text, 'warnings'), text).toEqual(wanted)
  }
  t('groups: []\n---\ngroups: []', '2:1  wanted one document, found a second one after `---`')
  t(group('- {record: r, expr: a}\n- {record: r, expr: b, labels: {x: y}}'))
  t(
    group('- {record: r, expr: a, labels: {x: y}}\n- {record: r, expr: b, labels: {x: y}}'),
    '5:5  group g, rule r: wanted rules that differ in name or labels, found the same name and labels as in line 4',
  )
  t(
    group('- {alert: A, expr: a, labels: {x: "is {{ $value | humanize }}"}}'),
    '4:37  group g, rule A, labels, x: wanted labels that stay the same, found $value',
  )
  t(group('- {alert: A, expr: a, labels: {x: "{{ $labels.value }}"}, annotations: {y: "{{ $value }}"}}'))
  t(group('- {alert: A, expr: a, labels: {x: "{{ $labels.query }}{{ $labels.now }}"}}'))
})

test('templates that write out what the results never have are named', () => {
  const t = (expr: string, annotation: string, found?: string) => {
    const text = group(
      `- alert: A\n  expr: ${expr}\n  labels: {severity: page}\n  annotations: {s: '${annotation}'}`,
    )
    expect(problemsOf(text), text).toEqual([])
    const wanted = '7:22  group g, rule A, annotations, s: wanted labels that the expression keeps, found '
    expect(problemsOf(text, 'warnings'), text).toEqual(found === undefined ? [] : [wanted + found])
  }
  t('sum by (host) (a) > 1', '{{ $labels.host }}')
  t('sum by (host) (a) > 1', '{{ $labels.instance }} on {{ $labels.host }}', '$labels.instance')
  t('sum(a) > 1', '{{ .Labels.host }}', '$labels.host')
  t('sum without (host) (a)', '{{ index $labels "host" }}', '$labels.host')
  t('a > 1', '{{ $labels.whatever }}')
  // Labels of the rule come later.
  t('sum by (host) (a)', '{{ $labels.severity }}', '$labels.severity')
  t('sum by (host) (a)', '{{ $labels.alertname }}', '$labels.alertname')
  t('sum(a)', '{{ with $labels.host }} on {{ . }}{{ end }}')
  t('absent(up{job="x"})', '{{ $labels.job }} {{ $labels.instance }}', '$labels.instance')
})

test('aliases are filled in, within a bound', () => {
  const [g] = groupsOf(`
groups:
  - name: g
    rules:
      - &a {alert: A, expr: up, labels: &l {x: y, z: 1}}
      - {<<: *a, alert: B, labels: {<<: *l, x: other}}
      - {<<: [{alert: C}, *a]}
`)
  expect(g?.rules.map(each => (each.kind === 'alert' ? each.alert : ''))).toEqual(['A', 'B', 'C'])
  expect(
    [...(g?.rules[1]?.labels ?? [])].map(([name, each]) => [name, (each as { text: string }).text]),
  ).toEqual([
    ['x', 'other'],
    ['z', '1'],
  ])
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
  for (const [at, name] of [...'bcdefgh'].entries()) {
    const before = 'abcdefgh'[at]
    bomb.push(`${name}: &${name} [${new Array(10).fill(`*${before}`).join(',')}]`)
  }
  expect(problemsOf(bomb.join('\n'))).toEqual([expect.stringContaining('at most 100000 values')])
})

test('a variable in braces is text, not the environment', () => {
  const [g] = groupsOf(group(`- {alert: A, expr: up, annotations: {s: "costs \${HOME}"}}`))
  expect(g?.rules[0]).toMatchObject({ annotations: new Map([['s', { text: `costs \${HOME}` }]]) })
})

test('a rule stays the same over changes of what it computes, and no two are the same', () => {
  const ids = (text: string, file = 'a.yml'): string[] =>
    readRuleFile(file, text, openRuleIds()).groups.flatMap(each => each.rules.map(({ id }) => id))
  const before = ids(
    group(
      '- {alert: A, expr: up, labels: {x: y}}\n- {alert: A, expr: up, labels: {x: y}}\n- {record: A, expr: up}',
    ),
  )
  expect(new Set(before).size).toBe(3)
  for (const id of before) expect(id).toMatch(/^[\da-f]{16}$/)
  const after = ids(
    group(
      '- {alert: A, expr: up == 0, for: 5m, labels: {x: y}, annotations: {a: b}}\n- {alert: A, expr: up, labels: {x: y}}\n- {record: A, expr: up}',
    ),
    'b.yml',
  )
  expect(after).toEqual(before)
  expect(ids(group('- {alert: A, expr: up, labels: {x: z}}'))[0]).not.toBe(before[0])
  // Over all files that are read together.
  const shared = openRuleIds()
  const twice = ['a.yml', 'b.yml'].map(
    file => readRuleFile(file, group('- {alert: A, expr: up}'), shared).groups[0]?.rules[0]?.id,
  )
  expect(twice[0]).not.toBe(twice[1])
})

test('a file of rules is known by its look', () => {
  for (const text of [
    'groups:\n',
    '# x\ngroups: []',
    '"groups": []',
    '{"groups": []}',
    'kind: PrometheusRule',
  ])
    expect(isRuleFile(text), text).toBe(true)
  for (const text of ['listen: :9', 'rules: [groups]', '# groups:', ''])
    expect(isRuleFile(text), text).toBe(false)
})

test('no text makes the reader throw', () => {
  const word = fc.constantFrom('groups:', '- name: g', '  rules:', '- alert: A', 'expr:', 'up', '{{', '*a', '&a', '<<:', '\n', '  ', '[', '}', '"', '|', '---') // biome-ignore format: a table
  fc.assert(
    fc.property(fc.array(word, { maxLength: 25 }), words => {
      for (const glue of [' ', '\n']) expect(read(words.join(glue)).problems.length).toBeGreaterThanOrEqual(0)
    }),
  )
})
