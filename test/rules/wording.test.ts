// What an alert is called and what is said of it, and how long that may be.
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { atOnce } from '../../rules/ask.ts'
import type { Found, World } from '../../rules/results.ts'
import type { AlertRule } from '../../rules/rule.ts'
import {
  alertLabels,
  annotationsAtOnce,
  annotationsOf,
  labelsAtOnce,
  textMaxBytes,
} from '../../rules/wording.ts'
import { driven, groupsOf } from './live/driven.ts'

function ruleOf(fields: string): AlertRule {
  const rule = groupsOf(`groups:\n- name: g\n  rules:\n  - {alert: Hot, expr: cpu, ${fields}}`)[0]!.rules[0]!
  if (rule.kind !== 'alert') throw new Error('wanted an alerting rule')
  return rule
}

const found = (labels: Record<string, string>, value = 97): Found => ({
  series: { name: 'cpu', labels: labelsOf(Object.entries(labels)) },
  value,
})
let cuts = 0
const world: World = {
  nowMs: 0,
  source: { select: () => [] },
  externalLabels: labelsOf([]),
  externalUrl: 'http://x',
  cutText: () => cuts++,
}
const annotations = (rule: AlertRule, result: Found) => atOnce(annotationsOf(rule, result, world))
const labels = (rule: AlertRule, result: Found) => atOnce(alertLabels(rule, result, world))

test('labels of the rule win, and an empty one takes a label away', () => {
  const rule = ruleOf('labels: {zone: "", host: all, alertname: no}')
  const wanted = labelsOf(Object.entries({ alertname: 'Hot', host: 'all', path: '/' }))
  const result = found({ host: 'a', path: '/', zone: 'z' })
  expect(labels(rule, result)).toEqual(wanted)
  expect(Object.keys(labels(rule, result))).toEqual(['alertname', 'host', 'path'])
  expect(labelsAtOnce(rule, result)).toEqual(wanted)
  expect(labelsAtOnce(ruleOf('labels: {host: "{{ $value }}"}'), result)).toBeUndefined()
})

test('an annotation is cut where it gets too long, never within a character', () => {
  const t = (host: string, summary: string) => {
    const rule = ruleOf('annotations: {summary: "{{ $labels.host }}"}')
    expect(annotations(rule, found({ host }))['summary']).toBe(summary)
    expect(annotationsAtOnce(rule, found({ host }), world)!['summary']).toBe(summary)
  }
  cuts = 0
  t('x'.repeat(4_096), 'x'.repeat(4_096))
  t('水'.repeat(1_365), '水'.repeat(1_365))
  expect(cuts).toBe(0)
  t('x'.repeat(4_097), `${'x'.repeat(4_093)}…`)
  t('水'.repeat(1_366), `${'水'.repeat(1_364)}…`)
  // Four bytes each, and two code units.
  t('😀'.repeat(1_025), `${'😀'.repeat(1_023)}…`)
  t(`x${'😀'.repeat(1_024)}`, `x${'😀'.repeat(1_023)}…`)
  expect(cuts).toBe(8)
})

test('what a template asks for and what it fails with is no longer either', () => {
  const many = 'annotations: {all: "{{ range query `cpu` }}{{ .Labels.host }}{{ end }}"}'
  const series = { name: 'cpu', labels: labelsOf([['host', 'x'.repeat(1_000)]]) }
  const one = { series, tMs: Float64Array.of(0), values: Float64Array.of(1) }
  const source = {
    select: () =>
      Array.from({ length: 50 }, (_, at) => ({ ...one, series: { ...series, name: `cpu${at}` } })),
  }
  const text = atOnce(annotationsOf(ruleOf(many), found({}), { ...world, source }))['all']!
  expect(Buffer.byteLength(text)).toBe(textMaxBytes)
  expect(text.endsWith('x…')).toBe(true)
  expect(annotationsAtOnce(ruleOf(many), found({}), world)).toBeUndefined()
  const plain = ruleOf(`annotations: {text: ${'y'.repeat(5_000)}, short: z}`)
  expect(annotations(plain, found({}))).toEqual({ text: `${'y'.repeat(4_093)}…`, short: 'z' })
})

test('a label that gets too long is an error of the rule, whoever evaluates it', () => {
  const t = (rule: AlertRule, host: string) =>
    expect(() => labels(rule, found({ host }))).toThrow(
      /label far of Hot comes to \d+ bytes, at most 4096 may be/,
    )
  t(ruleOf('labels: {far: "{{ $labels.host }}"}'), 'x'.repeat(4_097))
  t(ruleOf(`labels: {far: ${'x'.repeat(4_097)}}`), 'a')
  // Labels of the series itself are not the rule's to judge.
  expect(labels(ruleOf('labels: {near: x}'), found({ host: 'x'.repeat(9_000) }))['host']).toHaveLength(9_000)
  const rules = `groups:\n- name: g\n  rules:\n  - {alert: Hot, expr: cpu, labels: {far: ${'x'.repeat(5_000)}}}`
  const w = driven(rules)
  w.sample(0, [['cpu', { host: 'a' }, 1]])
  expect(w.live.seats[0]!.view()).toMatchObject({ health: 'err' })
  expect(w.said()).toEqual([])
})

test('what was cut is counted', async () => {
  const w = driven(
    'groups:\n- name: g\n  rules:\n  - {alert: Hot, expr: cpu, annotations: {a: "{{ $labels.host }}", b: "{{ $value }}"}}',
  )
  w.sample(0, [['cpu', { host: 'x'.repeat(9_000) }, 1]])
  expect(w.transitions[0]!.alert.annotations['a']).toHaveLength(4_094)
  expect(await w.own.text()).toMatch(/^plimsoll_rules_cut_annotations_total 1$/m)
})
