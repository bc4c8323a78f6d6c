import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { evaluateNow } from '#promql/evaluate.ts'
import { parse } from '#promql/parse.ts'
import { canHave, resultLabels } from '#promql/result-labels.ts'
import { runs } from '../runs.ts'
import { expression, source } from './evaluate/expressions.ts'

const boundOf = (text: string): string => {
  const { kind, labels } = resultLabels(parse(text))
  return `${kind} ${[...labels].sort().join(' ')}`.trim()
}

test('which labels the results of an expression can have', () => {
  const t = (text: string, bound: string) => expect(boundOf(text), text).toBe(bound)

  t('a', 'without')
  t('a{x="", y="z", w!=""} == 0', 'without x')
  t('rate(a{x=""}[5m] offset 1h)', 'without x')
  t('1 > bool 2', 'by')
  t('vector(1)', 'by')
  t('time() - a', 'without')
  t('3 < a', 'without')
  t('scalar(a) * b', 'without')
  t('hour()', 'by')
  t('hour(a)', 'without')

  t('sum(a)', 'by')
  t('sum by (host, le) (a)', 'by host le')
  t('sum without (cpu) (a)', 'without cpu')
  t('sum by (host) (sum by (host, cpu) (a))', 'by host')
  t('max by (host) (sum without (host) (a))', 'by')
  t('topk(3, sum by (host) (a))', 'by host')
  t('topk by (job) (3, a)', 'without')
  t('count_values by (host) ("v", a)', 'by host v')
  t('max_over_time(sum by (host) (a)[1h:])', 'by host')
  t('-(sum by (host) (a))', 'by host')

  t('a / b', 'without')
  t('a / on (host) b', 'by host')
  t('a > on (host) b', 'by host')
  t('a / ignoring (mode) b', 'without mode')
  t('sum by (host) (a) / b', 'by host')
  t('a * on (host) group_left () b', 'without')
  t('a * on (host) group_left (rack) b', 'without')
  t('sum by (host) (a) * on (host) group_left (rack) b', 'by host rack')
  t('a * on (host) group_left (rack) sum by (host) (b)', 'without rack')
  t('sum by (host) (b) * on (host) group_right (rack) a', 'without rack')
  t('sum by (host) (a) and b', 'by host')
  t('a unless sum by (host) (b)', 'without')
  t('sum by (host) (a) or sum by (job) (b)', 'by host job')
  t('sum by (host) (a) or b{host="", job=""}', 'without job')

  t('absent(a)', 'by')
  t('absent(a{job="x", host=~".+", p!="q"})', 'by job')
  t('absent_over_time((a{job="x"})[5m:])', 'by')
  t('absent_over_time(a{job="x"}[5m])', 'by job')
  t('absent(sum by (host) (a))', 'by')
  t('label_replace(sum(a), "x", "$1", "y", "(.*)")', 'by x')
  t('label_join(sum by (host) (a), "x", "-", "y")', 'by host x')
  t('histogram_quantile(0.9, sum by (le, job) (rate(a[5m])))', 'by job')
  t('histogram_quantile(0.9, rate(a[5m]))', 'without le')
})

test('no result has a label that it cannot have', () => {
  fc.assert(
    fc.property(expression, source, (text, data) => {
      const bound = resultLabels(parse(text))
      try {
        const { value } = evaluateNow(parse(text), data, { atMs: 400_000 })
        if (value.kind !== 'vector') return
        for (const { labels } of value.series) {
          for (const label of Object.keys(labels))
            expect(canHave(bound, label), `${text}: ${label}`).toBe(true)
        }
      } catch (error) {
        if (!(error instanceof Failure)) throw error
      }
    }),
    { numRuns: runs(200) },
  )
})
