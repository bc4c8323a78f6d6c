// What a message says: labels that all have, the order of alerts, thresholds, and the group that its key names.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { annotationsIn, labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { parse } from '#promql/parse.ts'
import type { KnownAlert } from '../../../alerter/alert.ts'
import { compareAlerts } from '../../../alerter/api/alert-json.ts'
import { byLabels } from '../../../alerter/delivery/by-labels.ts'
import { openComposer, type Part, shortened } from '../../../alerter/delivery/compose.ts'
import { groupLabelsOf } from '../../../alerter/delivery/group-labels.ts'
import { openThresholds, thresholdOf } from '../../../alerter/delivery/threshold.ts'
import type { Route } from '../../../alerter/route.ts'
import type { Telling } from '../../../alerter/timeline/outcome.ts'
import { openPlaces } from '../../../alerter/timeline/places.ts'
import type { AlertView } from '../../../alerter/timeline/views.ts'
import { alertOf, beginMs } from './dock.ts'

const composer = openComposer({
  externalUrl: 'https://p.example.org',
  language: 'zh',
  timeZone: 'Asia/Shanghai',
})

function partOf(alerts: readonly KnownAlert[], telling: Partial<Telling> = {}): Part {
  const group = 'ops\n{}:{alertname="DiskFull"}'
  const whole: Telling = {
    id: 'telling',
    group,
    integration: 'a',
    atMs: beginMs,
    reason: 'first',
    urgency: 'page',
    firing: alerts.map(({ fingerprint }) => fingerprint),
    resolved: [],
    begun: [],
    ...telling,
  }
  const times = { sinceMs: beginMs, tries: 0, notBeforeMs: beginMs }
  const groupKey = '{}:{alertname="DiskFull"}'
  const entry = {
    id: 'e',
    group,
    groupKey,
    receiver: 'ops',
    integration: 'a',
    telling: whole,
    incident: 7,
    ...times,
  }
  return { entry, alerts }
}

test('says what is common, what fires first, and where to read on', () => {
  const over = { endsAtMs: beginMs - 1 }
  const alerts = [alertOf('young'), alertOf('over', over), alertOf('old', { startsAtMs: 1 })]
  const message = composer.message(partOf(alerts, { resolved: ['over'] }), beginMs)
  expect(message).toMatchObject({
    id: 'telling',
    kind: 'alerts',
    status: 'firing',
    urgency: 'page',
    groupLabels: { alertname: 'DiskFull' },
    commonLabels: labelsOf([
      ['alertname', 'DiskFull'],
      ['severity', 'warning'],
    ]),
    commonAnnotations: {},
    incident: 7,
    link: 'https://p.example.org/i/7',
    language: 'zh',
    atMs: beginMs,
  })
  expect(message.alerts.map(each => `${each.fingerprint} ${each.status} ${each.endsAtMs}`)).toEqual([
    'old firing null',
    'young firing null',
    `over resolved ${beginMs - 1}`,
  ])
  expect(message.alerts[0]?.threshold).toBe('> 90')
  expect(composer.message(partOf([alertOf('x', over)], { resolved: ['x'] }), beginMs).status).toBe('resolved')
})

test('an end is said when it is decided, and it is true: else it would be told twice, or of what is back', () => {
  const over = [alertOf('a', { endsAtMs: beginMs })]
  const told = { resolved: ['a'] }
  expect(composer.message(partOf(over, told), beginMs).status).toBe('resolved')
  expect(composer.message(partOf(over), beginMs).status).toBe('firing')
  expect(composer.message(partOf(over, told), beginMs - 1).status).toBe('firing')
})

test('without an address of our own there are no links', () => {
  const bare = openComposer({ externalUrl: '', language: 'en', timeZone: 'UTC' })
  expect(bare.message(partOf([alertOf('a')]), beginMs).link).toBeNull()
  expect(bare.digest([partOf([alertOf('a')])], beginMs).link).toBeNull()
})

test('a digest has the most urgent first, is as urgent as they are, and is the same again', () => {
  const severe = (severity: string) => labelsOf([['severity', severity]])
  const parts = [
    partOf([alertOf('low', { labels: severe('info') })], { id: 'b', urgency: 'low' }),
    partOf([alertOf('page', { labels: severe('page') })], { id: 'a', urgency: 'page' }),
  ]
  const digest = composer.digest(parts, beginMs)
  expect(digest.alerts.map(({ fingerprint }) => fingerprint)).toEqual(['page', 'low'])
  const none = { firing: 0, resolved: 0 }
  expect(digest).toMatchObject({ kind: 'digest', urgency: 'page', receiver: 'ops', truncated: none })
  expect(composer.digest(parts.toReversed(), beginMs + 5).id).toBe(digest.id)
  const many = Array.from({ length: 1_500 }, (_, nth) => alertOf(`n${nth}`))
  expect(composer.digest([partOf(many)], beginMs)).toMatchObject({ truncated: { firing: 500, resolved: 0 } })
  // Ends come last, so they are what is left out.
  const over = Array.from({ length: 1_900 }, (_, nth) => alertOf(`o${nth}`, { endsAtMs: beginMs - 1 }))
  const resolved = over.map(({ fingerprint }) => fingerprint)
  const mixed = composer.digest([partOf(many.slice(0, 100)), partOf(over, { resolved })], beginMs)
  expect(mixed.truncated).toEqual({ firing: 0, resolved: 1_000 })
  expect(shortened(mixed).truncated).toEqual({ firing: 95, resolved: 1_900 })
})

test('what was too long is short, and says how much is left out', () => {
  const long = alertOf('a', { annotations: labelsOf([['summary', '磁盘🔥'.repeat(10_000)]]) })
  const whole = composer.message(
    partOf([long, ...Array.from({ length: 9 }, (_, nth) => alertOf(`${nth}`))]),
    beginMs,
  )
  const short = shortened(whole)
  expect(short).toMatchObject({ id: whole.id, truncated: { firing: 5, resolved: 0 } })
  expect(JSON.stringify(short).length).toBeLessThan(5_000)
  expect(JSON.stringify(short).isWellFormed()).toBe(true)
})

test('reads from an expression what the value is compared with', () => {
  const t = (expr: string, wanted: string) => expect(thresholdOf(parse(expr)), expr).toBe(wanted)

  t('up == 0', '== 0')
  t('disk_used_percent > 90', '> 90')
  t('(a / b) * 100 >= 97.5', '>= 97.5')
  t('90 < a', '> 90')
  t('a < -5', '< -5')
  t('a > (1e9)', '> 1000000000')
  t('a > 5 and on(host) b == 1', '> 5')
  t('a > 5 unless b', '> 5')
  t('a > 5 or b > 6', '')
  t('a > b', '')
  t('a > bool 5', '')
  t('sum(a > 5)', '')
})

test('reads it from links, and from nothing else', () => {
  const thresholds = openThresholds()
  const t = (url: string, wanted: string) => expect(thresholds(url), url).toBe(wanted)

  t('http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1', '== 0')
  t('/graph?g0.expr=a+%3E+1', '> 1')
  t('http://prometheus:9090/graph?g0.expr=up+%3D%3D', '')
  t('http://grafana/alerting/1', '')
  t('no address: %%', '')
  t('', '')
  for (let nth = 0; nth < 3_000; nth++) thresholds(`/graph?g0.expr=a+%3E+${nth}`)
  t('/graph?g0.expr=a+%3E+1', '> 1')
})

test('what is common to annotations is so where it is empty, too', () => {
  const commonOf = (...all: readonly Readonly<Record<string, string>>[]) => {
    const alerts = all.map((each, nth) => alertOf(String(nth), { annotations: annotationsIn(each) }))
    return composer.message(partOf(alerts), beginMs).commonAnnotations
  }
  expect(commonOf({ a: '', b: 'x' })).toEqual({ a: '', b: 'x' })
  expect(commonOf({ a: '', b: 'x' }, { a: '', b: 'x' })).toEqual({ a: '', b: 'x' })
  expect(commonOf({ a: '', b: 'x', c: '1' }, { b: 'y', c: '1' })).toEqual({ a: '', c: '1' })
})

test('the labels of a group are those that made its key', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('a"b', ':{', '}', '\\', '", x="', '磁盘', '\n', ''))
  const route = (key: string): Route => ({
    key,
    matchers: [],
    receiver: 'r',
    groupBy: 'all',
    groupWaitMs: 0,
    groupIntervalMs: 1,
    urgentWaitMs: 0,
    urgentIntervalMs: 1,
    repeatMs: 1,
    continues: false,
    mutes: [],
    actives: [],
    routes: [],
  })
  const keys = fc.constantFrom('{}', '{}/{team="a"}', '{}/{a=~"x:{y}",b!="\\"q"}')
  fc.assert(
    fc.property(keys, fc.dictionary(fc.constantFrom('a', 'alertname', 'b_c', '__d'), text), (key, found) => {
      const labels = labelsOf(Object.entries(found))
      const [place] = openPlaces(route(key))(labels)
      expect(groupLabelsOf(place!.groupKey)).toEqual(labels)
    }),
  )
  expect(groupLabelsOf('not a key')).toEqual({})
})

test('what began together is in the order of Alertmanager: by job, by instance, then by all labels', () => {
  const words: readonly Readonly<Record<string, string>>[] = [
    { job: 'a', instance: '1', z: 'z', y: 'y' },
    { job: 'a', instance: '2' },
    { job: 'a' },
    { job: 'b', instance: '1' },
    { instance: '1' },
    { alertname: 'x' },
    { alertname: 'y' },
    { b: '1', c: '1' },
    { a: '9', b: '1' },
  ]
  // Their fingerprints would have them the other way round.
  const alerts = words.map((each, nth) =>
    alertOf(`${9 - nth}`, { labels: labelsOf(Object.entries(each)), startsAtMs: 1 }),
  )
  const young = alertOf('0', { labels: labelsOf([['job', 'a']]), startsAtMs: 2 })
  const inOrder = (found: readonly KnownAlert[]) =>
    composer.message(partOf(found), beginMs).alerts.map(({ fingerprint }) => fingerprint)
  const wanted = [...alerts, young].map(({ fingerprint }) => fingerprint)
  expect(inOrder([young, ...alerts])).toEqual(wanted)
  expect(inOrder([...alerts.toReversed(), young])).toEqual(wanted)
  fc.assert(
    fc.property(fc.shuffledSubarray([...words.keys()], { minLength: words.length }), order => {
      expect(inOrder([young, ...order.map(nth => alerts[nth]!)])).toEqual(wanted)
    }),
    { numRuns: 50 },
  )
})

test('labels are compared as where alerts are shown', () => {
  const name = fc.constantFrom('job', 'instance', 'a', 'b')
  const some = fc.dictionary(name, fc.constantFrom('1', '2', '3')).map(each => labelsOf(Object.entries(each)))
  const view = (labels: Labels) => ({ alert: alertOf('x', { labels }) }) as unknown as AlertView
  fc.assert(
    fc.property(some, some, (one, other) => {
      expect(Math.sign(byLabels(one, other))).toBe(Math.sign(compareAlerts(view(one), view(other))))
    }),
  )
})
