import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelsOf } from '#core/labels.ts'
import { matches } from '#core/matchers.ts'
import type { Labels, Series } from '#core/model.ts'
import { evaluate } from '#promql/evaluate.ts'
import { MemorySource } from '#promql/memory-source.ts'
import { parse } from '#promql/parse.ts'
import { print } from '#promql/print.ts'
import { narrowed, wantedOf } from '../../../alerter/last-hour/narrow.ts'
import { runs } from '../../runs.ts'

const web: Labels = { alertname: 'Hot', host: 'a', severity: 'page' }
const of = (text: string, alerts: readonly Labels[] = [web]) => print(narrowed(parse(text), wantedOf(alerts)))

test('selectors get the labels of the alert, as far as these reach the result', () => {
  const t = (text: string, wanted: string) => expect(of(text)).toBe(wanted)
  const both = 'host=~"a|",severity=~"page|"'

  t('x', `x{${both}}`)
  t('rate(x[5m]) / y', `rate(x{${both}}[5m]) / y{${both}}`)
  t('sum by (host) (x)', 'sum by (host) (x{host=~"a|"})')
  t('sum without (host) (x)', 'sum without (host) (x{severity=~"page|"})')
  t('sum(x)', 'sum(x)')
  t('topk(3, x)', 'topk(3, x)')
  t('max_over_time(sum by (host) (x)[1h:1m])', 'max_over_time(sum by (host) (x{host=~"a|"})[1h:1m])')
  t('x / on (host) y', 'x{host=~"a|"} / on (host) y{host=~"a|"}')
  t('x * on (host) group_left (severity) y', 'x{host=~"a|"} * on (host) group_left (severity) y{host=~"a|"}')
  t('x - ignoring (host) y', 'x{severity=~"page|"} - ignoring (host) y{severity=~"page|"}')
  t('x and on () y', `x{${both}} and on () y`)
  t('scalar(x) + y', `scalar(x) + y{${both}}`)
  t('label_replace(x, "host", "b", "", "")', 'label_replace(x, "host", "b", "", "")')
})

test('of several alerts all values pass; what one of them lacks is no matter', () => {
  const two = [web, { ...web, host: 'b.c' }]
  expect(of('x', two)).toBe('x{host=~"a|b\\\\.c|",severity=~"page|"}')
  expect(of('x', [web, { alertname: 'Hot', severity: 'page' }])).toBe('x{severity=~"page|"}')
  const many = Array.from({ length: 30 }, (_, nth) => ({ ...web, host: `h${nth}` }))
  expect(of('x', many)).toBe('x{severity=~"page|"}')
})

test('what is narrowed comes to the same for these alerts, and reads less', async () => {
  const source = new MemorySource()
  const hosts = ['a', 'b', 'c.d', '']
  for (const name of ['x', 'y'])
    for (const host of hosts)
      for (const zone of ['1', '2']) {
        const series = {
          name,
          labels: labelsOf(
            [
              ['host', host],
              ['zone', zone],
            ].filter(([, value]) => value !== '') as [string, string][],
          ),
        }
        const base = name.charCodeAt(0) + host.length * 3 + Number(zone)
        source.add(
          series,
          Array.from({ length: 20 }, (_, nth) => base + ((nth * 7) % 5)),
          15_000,
        )
      }
  const read: Series[] = []
  const counting = {
    select: (...asked: Parameters<MemorySource['select']>) => {
      const found = source.select(...asked)
      read.push(...found.map(({ series }) => series))
      return found
    },
  }
  const text = fc.constantFrom(
    'x',
    'x / y',
    '-x + y',
    'x{zone="1"} > 2',
    'sum by (host) (x)',
    'sum by (zone) (x) / sum by (zone) (y)',
    'avg without (zone) (x) * 2',
    'x / on (host, zone) y',
    'x * on (zone) group_left () sum by (zone) (y)',
    'sum by (zone) (y) - on (zone) group_right () x',
    'x unless on (zone) (y{host="b"} > 0)',
    'x or on (zone) y',
    'x and ignoring (host) (y{host="b"} > 0)',
    'rate(x[1m]) - ignoring (zone) group_left () sum by (host) (y)',
    'quantile by (host) (0.5, x)',
    'topk(2, x)',
    'max_over_time((x + y)[1m:15s])',
    'count(x) by (host) or y',
    'label_replace(x, "kind", "a", "", "")',
    'x * scalar(sum(y))',
    'sort(clamp_max(x, 3))',
  )
  const labels = fc.record({ host: fc.constantFrom('a', 'b', 'c.d'), zone: fc.constantFrom('1', '2', '3') })
  await fc.assert(
    fc.asyncProperty(text, fc.array(labels, { minLength: 1, maxLength: 3 }), async (written, alerts) => {
      const expr = parse(written)
      const wanted = wantedOf(alerts)
      const question = { startMs: 60_000, endMs: 240_000, stepMs: 30_000 }
      const shown = async (asked: typeof expr) => {
        read.length = 0
        const { value } = await evaluate(asked, counting, question)
        if (value.kind !== 'matrix') throw new Error(value.kind)
        const own = value.series.filter(({ series }) =>
          [...wanted].every(([name, values]) => {
            const has = series.labels[name]
            return has === undefined || values.has(has)
          }),
        )
        return { found: own.map(each => [each.series, [...each.values]]), reads: read.length }
      }
      const [all, few] = [await shown(expr), await shown(narrowed(expr, wanted))]
      expect(few.found, written).toEqual(all.found)
      expect(few.reads).toBeLessThanOrEqual(all.reads)
    }),
    { numRuns: runs(16) },
  )
})

test('values are taken by the letter', () => {
  const odd = 'a.b*(c)|d\\e$'
  const { matchers } = narrowed(parse('x'), wantedOf([{ host: odd }])) as {
    matchers: Parameters<typeof matches>[1]
  }
  expect(matches({ name: 'x', labels: { host: odd } }, matchers)).toBe(true)
  expect(matches({ name: 'x', labels: {} }, matchers)).toBe(true)
  expect(matches({ name: 'x', labels: { host: 'aXb*(c)|d\\e$' } }, matchers)).toBe(false)
})
