import { parser as grammar } from '@prometheus-io/lezer-promql'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from '#promql/parse.ts'
import { print } from '#promql/print.ts'
import { runs } from '../runs.ts'
import { expressions, withoutSpans } from './expressions.ts'

test('prints as Prometheus does', () => {
  const t = (text: string, printed = text) => expect(print(parse(text)), text).toBe(printed)

  t('up')
  t('up{}', 'up')
  t('up{b="x",a!="y"}', 'up{a!="y",b="x"}')
  t('up {a=~"b.*" , }', 'up{a=~"b.*"}')
  t('{__name__="up"}')
  t('{__name__="up",job="a"}')
  t('{"up"}', '{__name__="up"}')
  t('{"my.metric","a label"="x"}', '{"a label"="x",__name__="my.metric"}')
  t(`up{a='\\'"\\n'}`, `up{a="'\\"\\n"}`)
  t('up{a=`\\d`}', 'up{a="\\\\d"}')
  t('up{a="机器\\u200b"}', 'up{a="机器\\u200b"}')

  t('up[5m]')
  t('up[90s]', 'up[1m30s]')
  t('up[300]', 'up[5m]')
  t('up[1.5]', 'up[1s500ms]')
  t('up[8d]')
  t('up[14d]', 'up[2w]')
  t('up offset 1m')
  t('up offset -7m')
  t('up OFFSET 0s', 'up')
  t('up @ 10', 'up @ 10.000')
  t('up @ -1.5', 'up @ -1.500')
  t('up @ 1.2345', 'up @ 1.235')
  t('up @ start()')
  t('up[1m] @ end()')
  t('up[1m] offset 5m @ 10', 'up[1m] @ 10.000 offset 5m')
  t('up[1h:5m] offset 1m')
  t('up[1h:]')
  t('rate(up[5m])[1h:1m] @ start() offset -1m')

  t('sum by() (up)', 'sum(up)')
  t('SUM by(code) (up)', 'sum by (code) (up)')
  t('sum(up) by (code,)', 'sum by (code) (up)')
  t('sum without() (up)', 'sum without () (up)')
  t('sum without(a,"b c") (up)', 'sum without (a, "b c") (up)')
  t('topk(5, up)')
  t('count_values("value", up)')

  t('a+b', 'a + b')
  t('a AND b', 'a and b')
  t('a - on() c', 'a - on () c')
  t('a - on(b) group_left(x,y) c', 'a - on (b) group_left (x, y) c')
  t('a - on(b) group_left c', 'a - on (b) group_left () c')
  t('a - ignoring(b) group_right(x) (c)', 'a - ignoring (b) group_right (x) (c)')
  t('a - ignoring(b) c', 'a - ignoring (b) c')
  t('a - ignoring() c', 'a - c')
  t('1 + on() 2', '1 + 2')
  t('up > bool 0')
  t('a > bool ignoring (x) b')
  t('-a ^ b', '-a ^ b')
  t('(-2) ^ 2')
  t('a atan2 b')

  t('0x1F', '31')
  t('1e3', '1000')
  t('1e-7', '0.0000001')
  t('1e21', '1000000000000000000000')
  t('1.25e22', '12500000000000000000000')
  t('- 1', '-1')
  t('+1', '1')
  t('-0', '-0')
  t('inf', '+Inf')
  t('-INF', '-Inf')
  t('inf ^ 2', 'Inf ^ 2')
  t('2 ^ inf', '2 ^ +Inf')
  t('nan', 'NaN')
  t('90s', '1m30s')
  t('-1h', '-1h')
  t('"a\tb"', '"a\\tb"')
  t('label_replace(up,"a","$1","b",".*")', 'label_replace(up, "a", "$1", "b", ".*")')
  t('time( )', 'time()')
})

test('what is printed is read as the same expression', () => {
  fc.assert(
    fc.property(expressions, expr => {
      const printed = print(expr)
      const again = parse(printed)
      expect(withoutSpans(again), printed).toEqual(withoutSpans(expr))
      expect(print(again)).toBe(printed)
    }),
    { numRuns: runs(200) },
  )
})

// The grammar that Prometheus ships for editors does not know every precedence, but every word.
test('what is printed is PromQL by the grammar of its makers', () => {
  fc.assert(
    fc.property(expressions, expr => {
      const printed = print(expr)
      let bad: number | undefined
      grammar.parse(printed).iterate({
        enter: ({ type, from }) => {
          if (type.isError) bad ??= from
        },
      })
      expect(bad === undefined ? undefined : printed.slice(bad), printed).toBeUndefined()
    }),
    { numRuns: 500 },
  )
})
