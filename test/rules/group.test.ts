import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf, noLabels } from '#core/labels.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { type Point, readSeriesLine } from '#promql/series-line.ts'
import type { Source } from '#promql/source.ts'
import type { RuleSample } from '../../rules/evaluate-rule.ts'
import { evaluateGroup, evaluateGroupWaiting, type GroupState, type GroupStep } from '../../rules/group.ts'
import type { RuleGroup } from '../../rules/rule.ts'
import { groupOf } from './rules-of.ts'

const minute = 60_000

const sourceOf = (lines: readonly string[]): MemorySource => {
  const source = new MemorySource()
  for (const line of lines) {
    const { series, points } = readSeriesLine(line)
    source.add(series, points, minute)
  }
  return source
}

const nothing: GroupState = new Map()
const world = (source: Source, nowMs: number) => ({
  nowMs,
  source,
  externalLabels: noLabels,
  externalUrl: '',
})

const written = ({ series, tMs, value }: RuleSample): string => {
  const labels = Object.entries(series.labels).map(([name, text]) => `${name}=${text}`)
  return `${tMs / minute}m ${series.name}{${labels.join(',')}} ${value}`
}

// Minute by minute, each evaluation writing into the source; the answer are all steps.
function live(group: RuleGroup, source: MemorySource, minutes: number): GroupStep[] {
  const steps: GroupStep[] = []
  for (let at = 0; at < minutes; at++) {
    const stepped = evaluateGroup(group, steps.at(-1)?.next ?? nothing, world(source, at * minute))
    for (const { series, tMs, value } of stepped.samples) source.put(series, tMs, value)
    steps.push(stepped)
  }
  return steps
}

const healthOf = ({ next }: GroupStep): (string | undefined)[] =>
  [...next.values()].map(({ health, error }) => error ?? health)

test('later rules see what earlier ones found at the same time, and not the other way round', () => {
  const group = groupOf('- {record: a, expr: b + 1}\n- {record: b, expr: x * 10}\n- {record: c, expr: b + 1}')
  const [first, second] = live(group, sourceOf(['x 1 2']), 2)
  expect(first?.samples.map(written)).toEqual(['0m b{} 10', '0m c{} 11'])
  expect(second?.samples.map(written)).toEqual(['1m a{} 11', '1m b{} 20', '1m c{} 21'])
})

test('what was seen before in the source and is found anew counts as it is now', () => {
  const group = groupOf('- {record: b, expr: x}\n- {record: c, expr: "sum_over_time(b[5m])"}')
  const [stepped] = live(group, sourceOf(['x 5', 'b 1']), 1)
  expect(stepped?.samples.map(written)).toEqual(['0m b{} 5', '0m c{} 5'])
})

test('a series that a rule writes no more gets a stale marker, once', () => {
  const group = groupOf('- {record: r, expr: x > 1}\n- {alert: A, expr: x > 1, for: 1m}')
  const steps = live(group, sourceOf(['x{h="1"} 5 5 0 0']), 4).map(each => each.samples.map(written))
  expect(steps).toEqual([
    [
      '0m r{h=1} 5',
      '0m ALERTS{alertname=A,alertstate=pending,h=1} 1',
      '0m ALERTS_FOR_STATE{alertname=A,h=1} 0',
    ],
    [
      '1m r{h=1} 5',
      '1m ALERTS{alertname=A,alertstate=firing,h=1} 1',
      '1m ALERTS_FOR_STATE{alertname=A,h=1} 0',
      '1m ALERTS{alertname=A,alertstate=pending,h=1} stale',
    ],
    [
      '2m r{h=1} stale',
      '2m ALERTS{alertname=A,alertstate=firing,h=1} stale',
      '2m ALERTS_FOR_STATE{alertname=A,h=1} stale',
    ],
    [],
  ])
})

test('a recording rule sets and takes away labels', () => {
  const group = groupOf('- {record: r, expr: x, labels: {a: "", b: new, __proto__: p}}')
  const [stepped] = live(group, sourceOf(['x{a="1", b="2", c="3"} 7']), 1)
  expect(stepped?.samples.map(written)).toEqual(['0m r{__proto__=p,b=new,c=3} 7'])
})

test('a rule that fails keeps its alerts, writes nothing, and leaves the others alone', () => {
  const lines = ['x{h="1"} 5 5 5', 'x{h="2"} _ 5 stale', 'm{h="1"} 1 1 1', 'm{h="2"} _ 1 stale']
  const t = (rule: string, error: string) => {
    const group = groupOf(`${rule}\n- {record: fine, expr: count(x)}`)
    const [before, failed, after] = live(group, sourceOf(lines), 3)
    expect(healthOf(before!), rule).toEqual(['ok', 'ok'])
    expect(healthOf(failed!), rule).toEqual([expect.stringContaining(error), 'ok'])
    expect(failed?.samples.map(written), rule).toEqual(['1m fine{} 2'])
    expect(failed?.transitions, rule).toEqual([])
    const [id] = [...before!.next.keys()] as [string]
    expect(failed?.next.get(id)?.alerts, rule).toBe(before?.next.get(id)?.alerts)
    expect(after?.next.get(id)?.health, rule).toBe('ok')
    expect(after?.next.get(id), rule).not.toHaveProperty('error')
  }
  t('- {alert: A, expr: x, labels: {h: same}}', 'two results would be one alert: {alertname="A", h="same"}')
  t('- {record: r, expr: x, labels: {h: same}}', 'two results would be one series: {h="same"}')
  t('- {alert: A, expr: x * on () group_left () m}', 'found duplicate')
})

test('more results than the limit are an error that keeps the alerts there were', () => {
  const group = groupOf('- {alert: A, expr: x > 1}\n- {record: r, expr: x > 1}', '    limit: 1\n')
  const [first, second, third] = live(group, sourceOf(['x{h="1"} 5 5 0', 'x{h="2"} 0 5 0']), 3)
  expect(first?.transitions).toHaveLength(1)
  const error = 'found 2 results, `limit` of the group is 1'
  expect(healthOf(second!)).toEqual([error, error])
  expect(second?.transitions).toEqual([])
  expect(second?.samples).toEqual([])
  expect(third?.transitions).toMatchObject([{ state: 'resolved', alert: { labels: { h: '1' } } }])
})

test('a group with an offset looks back, and writes there', () => {
  const group = groupOf('- {record: r, expr: x}\n- {alert: A, expr: x > 1}', '    query_offset: 1m\n')
  const [, second] = live(group, sourceOf(['x 5']), 2)
  expect(second?.samples.map(written)).toEqual([
    '0m r{} 5',
    '0m ALERTS{alertname=A,alertstate=firing} 1',
    // The alert itself is active as of now.
    '0m ALERTS_FOR_STATE{alertname=A} 60',
  ])
  expect(second?.transitions).toMatchObject([{ sinceMs: minute }])
})

test('labels and annotations are filled in at each evaluation', () => {
  const rule =
    '- {alert: A, expr: x > 1, labels: {n: "{{ $labels.__name__ }}"}, annotations: {s: "{{ $value }}", e: "{{ nix }}"}}'
  expect(() => groupOf(rule)).toThrow('nix')
  const group = groupOf(rule.replace('{{ nix }}', '{{ $labels.a.b }}'))
  const steps = live(group, sourceOf(['x 5 6']), 2)
  const alerts = steps.map(({ next }) => [...next.values()].flatMap(each => [...each.alerts.values()]))
  expect(alerts).toMatchObject([
    [{ labels: { alertname: 'A', n: 'x' }, annotations: { s: '5' } }],
    [{ labels: { alertname: 'A', n: 'x' }, annotations: { s: '6' } }],
  ])
  // What fails says so in its place.
  expect(alerts[0]?.[0]?.annotations['e']).toMatch(/^<error expanding template: /)
})

test('a template may ask', () => {
  const group = groupOf(
    `- {alert: A, expr: x > 1, annotations: {s: '{{ query "sum(x)" | first | value }}', t: '{{ query "x[1m]" }}'}}`,
  )
  const [stepped] = live(group, sourceOf(['x{h="1"} 5', 'x{h="2"} 1']), 1)
  const { annotations } = stepped!.transitions[0]!.alert
  expect(annotations['s']).toBe('6')
  expect(annotations['t']).toMatch(/^<error expanding template: .*comes to a matrix/)
})

test('a source that answers later gives the same', async () => {
  const group = groupOf(
    `- {record: r, expr: x * 2}\n- {alert: A, expr: r > 1, annotations: {s: '{{ query "sum(r)" | first | value }}'}}\n- {record: bad, expr: x, labels: {h: same}}`,
  )
  const source = sourceOf(['x{h="1"} 5', 'x{h="2"} 1'])
  const slow: Source = { select: async (matchers, range) => source.select(matchers, range) }
  const [now, later] = [
    evaluateGroup(group, nothing, world(source, 0)),
    await evaluateGroupWaiting(group, nothing, world(slow, 0)),
  ]
  expect(now.samples).toHaveLength(6)
  expect(later).toEqual(now)
  expect(() => evaluateGroup(group, nothing, world(slow, 0))).toThrow('does not answer at once')
})

test('a bug of ours is no error of the rule', () => {
  const broken: Source = {
    select() {
      throw new TypeError('our mistake')
    },
  }
  const group = groupOf('- {record: r, expr: x}')
  expect(() => evaluateGroup(group, nothing, world(broken, 0))).toThrow('our mistake')
})

test('two halves with the states between them are one run', () => {
  const point = fc.constantFrom<Point>(0, 1, 5, 9, undefined, 'stale')
  const timelines = fc.array(fc.array(point, { minLength: 12, maxLength: 12 }), {
    minLength: 1,
    maxLength: 3,
  })
  const group = groupOf(
    [
      '- {record: top, expr: max by (h) (x)}',
      '- {alert: A, expr: top > 4, for: 2m, keep_firing_for: 1m, annotations: {s: "{{ $value }}"}}',
      '- {alert: B, expr: absent(x), for: 1m}',
    ].join('\n'),
  )
  fc.assert(
    fc.property(timelines, fc.integer({ min: 1, max: 11 }), (all, half) => {
      const source = (): MemorySource => {
        const made = new MemorySource()
        for (const [h, points] of all.entries())
          made.add({ name: 'x', labels: labelsOf([['h', String(h)]]) }, points, minute)
        return made
      }
      const whole = live(group, source(), 12)
      const again = source()
      let state = nothing
      for (let at = 0; at < 12; at++) {
        // As if it had been saved and read again.
        if (at === half) state = structuredClone(state)
        const stepped = evaluateGroup(group, state, world(again, at * minute))
        for (const { series, tMs, value } of stepped.samples) again.put(series, tMs, value)
        expect(stepped).toEqual(whole[at])
        state = stepped.next
      }
    }),
  )
})

test('a label whose template comes to nothing is none of the alert, and shows in ALERTS as it was written', () => {
  const group = groupOf('- {alert: A, expr: x > 1, labels: {l: "{{ $labels.nix }}"}}')
  const [stepped] = live(group, sourceOf(['x 5']), 1)
  expect(stepped?.transitions[0]?.alert.labels).toEqual({ alertname: 'A' })
  expect(stepped?.samples[0]?.series.labels).toMatchObject({ l: '{{ $labels.nix }}' })
})
