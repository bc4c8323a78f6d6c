import fc from 'fast-check'
import { expect, test } from 'vitest'
import { format } from '#promql/format.ts'
import { parse } from '#promql/parse.ts'
import { print } from '#promql/print.ts'
import { expressions, withoutSpans } from './expressions.ts'

test('what fits into a line stays on it', () => {
  const t = (text: string, formatted: string) => expect(format(text), text).toBe(formatted)

  t('sum( rate(up[5m]) )by(job)', 'sum by (job) (rate(up[5m]))')
  t('# a comment\nup # another', 'up')
  t('a\n+\nb', 'a + b')
  const hundred = `up{host="${'a'.repeat(89)}"}`
  expect(hundred).toHaveLength(100)
  t(`${hundred} + 1`, `  ${hundred}\n+\n  1`)
  t(`(${hundred.replace('aa', '')})`, `(${hundred.replace('aa', '')})`)
  t(`(${hundred.replace('aa', 'a')})`, `(\n  ${hundred.replace('aa', 'a')}\n)`)
  // Bytes count, not characters.
  t(`(up{host="${'机'.repeat(30)}"})`, `(\n  up{host="${'机'.repeat(30)}"}\n)`)
})

// As Prometheus tests its own formatter, on lines of ten characters.
test('what does not fit is split', () => {
  const t = (text: string, ...lines: string[]) => expect(format(text, 10), text).toBe(lines.join('\n'))

  t('sum(foo)', 'sum(foo)')
  t('sum by() (a:b{job="s"})', 'sum(', '  a:b{job="s"}', ')')
  t('sum(a:b{job="s"}) without(job,foo)', 'sum without (job, foo) (', '  a:b{job="s"}', ')')
  t('topk(10, a:b{job="s"})', 'topk(', '  10,', '  a:b{job="s"}', ')')
  t('sum by(a) (sum by(b) (a:b{job="s"}))', 'sum by (a) (', '  sum by (b) (', '    a:b{job="s"}', '  )', ')')

  t('a == bool 1', '  a', '== bool', '  1')
  t('a + ignoring(job) b', '  a', '+ ignoring (job)', '  b')
  t('foo_1 + foo_2 + foo_3', '    foo_1', '  +', '    foo_2', '+', '  foo_3')
  t('foo + baar + foo_3', '  foo + baar', '+', '  foo_3')
  t('a + on(x) group_left b', '  a', '+ on (x) group_left ()', '  b')

  t('rate(foo[1m])', 'rate(', '  foo[1m]', ')')
  t(
    'label_replace(up, "a", "$1", "b", "")',
    'label_replace(',
    '  up,',
    '  "a",',
    '  "$1",',
    '  "b",',
    '  ""',
    ')',
  )
  t(
    'max_over_time(rate(long_name[1m])[1m:] @ start() offset 1m)',
    'max_over_time(',
    '  rate(',
    '    long_name[1m]',
    '  )[1m:] @ start() offset 1m',
    ')',
  )
  // One that fits is not indented: Prometheus forgets to, and tools compare.
  t('sum_over_time(a[1m:1s])', 'sum_over_time(', 'a[1m:1s]', ')')

  t('((foo_long))', '(', '  (foo_long)', ')')
  t('(foo + bar)', '(', '  foo + bar', ')')
  t('-vector_selector', '-vector_selector')
  t('(-vector_selector)', '(', '  -vector_selector', ')')
  t('-rate(foo[1m] @ start())', '-rate(', '  foo[1m] @ start()', ')')
})

test('lines of a hundred characters split what people write', () => {
  const text =
    'min by (job, integration) (rate(notifications_failed_total{job="a", integration=~".*"}[5m]) / rate(notifications_total{job="a"}[5m])) > 0.01'
  expect(format(text)).toBe(`  min by (job, integration) (
      rate(notifications_failed_total{integration=~".*",job="a"}[5m])
    /
      rate(notifications_total{job="a"}[5m])
  )
>
  0.01`)
})

test('formatting changes no meaning and is done once', () => {
  fc.assert(
    fc.property(expressions, fc.constantFrom(10, 40, 100), (expr, widthMax) => {
      const once = format(print(expr), widthMax)
      expect(withoutSpans(parse(once)), once).toEqual(withoutSpans(expr))
      expect(format(once, widthMax)).toBe(once)
    }),
    { numRuns: 300 },
  )
})
