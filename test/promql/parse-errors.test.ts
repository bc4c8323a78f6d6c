import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { parse } from '#promql/parse.ts'

function refusalOf(text: string): string {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof Failure) return error.detail
    throw error
  }
  throw new Error(`${text} was read`)
}

// The first line of the message; the excerpt is the next test's.
const t = (text: string, message: string) => expect(refusalOf(text).split('\n')[0], text).toBe(message)

test('a message shows the line and points at the place', () => {
  const shown = (text: string, ...lines: string[]) => expect(refusalOf(text), text).toBe(lines.join('\n'))

  shown(
    'sum by (host) (\n  rat(up[5m])\n)',
    '2:3: there is no function rat; did you mean rad?',
    '    rat(up[5m])',
    '    ^^^',
  )
  shown('up{host="a"', '1:3: this { has no }: the expression ends before it', '  up{host="a"', '    ^')
  // Two columns for what a terminal shows in two.
  shown(
    'up{机="a"}',
    '1:4: found 机, wanted a name of such letters in braces and quotes, as in {"…"}',
    '  up{机="a"}',
    '     ^^',
  )
  shown('{"机器"} x', '1:8: found x, wanted an operator or the end', '  {"机器"} x', `  ${' '.repeat(9)}^`)
  shown('\tup x', '1:5: found x, wanted an operator or the end', '   up x', '      ^')
  shown('', '1:1: found nothing, wanted an expression like up{host="a"}')
  shown(
    ' # only words\n',
    '1:1: found nothing, wanted an expression like up{host="a"}',
    '   # only words',
    '  ^',
  )
  // Of a long line only what is around.
  const lines = refusalOf(`${'a + '.repeat(60)}= b${' + c'.repeat(60)}`).split('\n')
  expect(lines[0]).toBe('1:241: found =, wanted an expression')
  expect(lines[1]).toHaveLength(104)
  expect(lines[1]?.[lines[2]?.indexOf('^') ?? 0]).toBe('=')
})

test('brackets and quotes that lack their other half', () => {
  t('sum(rate(up[5m])', '1:4: this ( has no ): the expression ends before it')
  t('sum(up', '1:4: this ( has no ): the expression ends before it')
  t('up[5m', '1:3: this [ has no ]: the expression ends before it')
  t('up{a="b", ', '1:3: this { has no }: the expression ends before it')
  t('sum by (a', '1:8: this ( has no ): the expression ends before it')
  t('up)', '1:3: found ), wanted an operator or the end')
  t('up]', '1:3: found ], wanted an operator or the end')
  t('(up]', '1:4: found ], wanted an operator or the closing )')
  t('rate(up[5m)', '1:11: found ), wanted : or the closing ]')
  t('up{a="b}', '1:6: the text that begins here has no closing "')
  t("up{a='b\n'}", "1:6: the text that begins here has no closing '")
  t('`', '1:1: the text that begins here has no closing `')
  t('()', '1:2: found ), wanted an expression')
  t('up +', '1:5: the expression ends too early, wanted an expression')
})

test('labels and their texts', () => {
  t('up{host=a}', '1:9: found a, wanted a text in quotes; write ="a"')
  t('up{port=80}', '1:9: found 80, wanted a text in quotes; write ="80"')
  t(
    'up{host==“a”}',
    '1:8: found ==, wanted = != =~ or !~ behind the label host; labels are compared by one =',
  )
  t('up{host=“a”}', '1:9: found “, wanted the plain quote "')
  t('up{host>"a"}', '1:8: found >, wanted = != =~ or !~ behind the label host')
  t('up{host}', '1:8: found }, wanted = != =~ or !~ behind the label host')
  t('up{host=}', '1:9: found }, wanted a text in quotes')
  t('up{host="a" job="b"}', '1:13: found job, wanted a comma or the closing }')
  t('up{,}', '1:4: found ,, wanted a label, as in host="a", or the closing }')
  t('up{a="b",,}', '1:10: found ,, wanted a label, as in host="a", or the closing }')
  t('up{1="a"}', '1:4: found 1, wanted a label, as in host="a", or the closing }')
  t('up{a:b="c"}', '1:5: found :, wanted = != =~ or !~ behind the label a')
  t('sum by ("") (up)', '1:9: found an empty label')
  t('{""}', '1:1: wanted at least one matcher that an empty label does not meet, as in {host=~".+"}')
  t(
    'up{a="\\d+"}',
    '1:7: \\d is no escape; in a regular expression write \\\\d, or put the text between backticks',
  )
  t('up{a="x\\y"}', '1:8: \\y is no escape')
  t(`up{a="\\'"}`, "1:7: \\' is no escape")
  t('"\\ud800"', '1:2: \\ud800 is no escape')
  t('up{a=~"(b"}', '1:7: this is no regular expression of RE2: missing closing ): `(b`')
  t('up{a=~"(?=b)"}', '1:7: this is no regular expression of RE2: invalid or unsupported Perl syntax: `(?=`')
  t('up{a!~"(b)\\\\1"}', '1:7: this is no regular expression of RE2: invalid escape sequence: `\\1`')
  t('up host="a"', '1:4: found host, wanted an operator or the end')
  t(
    'up "a"',
    '1:4: found the text "a", wanted an operator or the end; labels are compared in braces, as in up{host="a"}',
  )
  t(
    'sum(up){a="b"}',
    '1:8: found {, wanted an operator or the end; braces stand directly behind the name of a metric',
  )
  t(
    'up{a="b"}{c="d"}',
    '1:10: found {, wanted an operator or the end; braces stand directly behind the name of a metric',
  )
  t('{}', '1:1: wanted at least one matcher that an empty label does not meet, as in {host=~".+"}')
  t('{a=""}', '1:1: wanted at least one matcher that an empty label does not meet, as in {host=~".+"}')
  t(
    '1 + {a=~".*",b!="c"}',
    '1:5: wanted at least one matcher that an empty label does not meet, as in {host=~".+"}',
  )
  t('up{__name__="down"}', '1:1: the name of the metric is said twice: up and down')
  t('up{"down"}', '1:1: the name of the metric is said twice: up and down')
})

test('durations, offsets and times', () => {
  const units = 'wanted whole numbers with units from large to small (y w d h m s ms), like 5m or 1h30m'
  t('up[5x]', `1:4: 5x is no duration: ${units}`)
  t('up[5m1h]', `1:4: 5m1h is no duration: ${units}`)
  t('up[1.5h]', `1:4: 1.5h is no duration: ${units}`)
  t('up[5min]', `1:4: 5min is no duration: ${units}`)
  t('up[300y]', `1:4: 300y is no duration: ${units}`)
  t('up[1e10]', '1:4: 1e10 is longer than 292 years')
  t('up[]', '1:4: found ], wanted a duration like 5m')
  t('up[m]', '1:4: found m, wanted a duration like 5m')
  t('up["5m"]', '1:4: found the text "5m", wanted a duration like 5m')
  t('up[5 m]', '1:6: found m, wanted : or the closing ]')
  t('up[-5m]', '1:4: found -, wanted a duration like 5m')
  t('up[0.0009]', '1:4: found 0.0009, wanted a duration above 0')
  t('up[0s]', '1:4: found 0s, wanted a duration above 0')
  t('up[5m:0]', '1:7: found 0, wanted a duration above 0')
  t('up[:5m]', '1:4: found :, wanted a duration like 5m')
  t('up[5m:1m:]', '1:9: found :, wanted the closing ]')
  t('up[NaN]', '1:4: found NaN, wanted a duration like 5m')
  t('up 5m', '1:4: found 5m, wanted an operator or the end; a range is written [5m], a shift offset 5m')
  t('up offset', '1:10: the expression ends too early, wanted a duration behind offset, as in offset 5m')
  t('up offset x', '1:11: found x, wanted a duration behind offset, as in offset 5m')
  t(
    'sum(up) offset 5m',
    '1:9: offset stands only behind a selector or a subquery; put it inside, behind the selector',
  )
  t('(up) offset 5m', '1:6: offset stands only behind a selector or a subquery')
  t('1 @ 5', '1:3: @ stands only behind a selector or a subquery')
  t('up offset 5m offset 1m', '1:14: there is an offset already')
  t('up @ 5 @ end()', '1:8: there is an @ already')
  t('up @ x', '1:6: found x, wanted a time in seconds since 1970, start() or end() behind @')
  t('up @ start', '1:11: the expression ends too early, wanted ( behind start')
  t('up @ 1e300', '1:6: this is no time: wanted seconds since 1970')
  t('up offset 5m [5m]', '1:14: the range stands directly behind the selector, before offset and @')
  t('up @ 5 [5m]', '1:8: the range stands directly behind the selector, before offset and @')
  t('sum(up)[5m]', '1:8: only a selector has a range; of anything else it is a subquery: [5m:]')
  t('up[5m][5m]', '1:7: only a selector has a range; of anything else it is a subquery: [5m:]')
})

test('numbers', () => {
  t('0x', '1:1: 0x is no number: wanted one like 5, 0.5, 1e6 or 0x1f')
  t('0xg', '1:1: 0xg is no number: wanted one like 5, 0.5, 1e6 or 0x1f')
  t('0x1_', '1:1: 0x1_ is no number: wanted one like 5, 0.5, 1e6 or 0x1f')
  t('0xffffffffffffffff', '1:1: 0xffffffffffffffff is no number: wanted one like 5, 0.5, 1e6 or 0x1f')
  t('1..2', '1:1: 1..2 is no number: wanted one like 5, 0.5, 1e6 or 0x1f')
  t('1__0', '1:1: 1__0 is no number: wanted one like 5, 0.5, 1e6 or 0x1f')
  t('1e999', '1:1: 1e999 is no number: wanted one like 5, 0.5, 1e6 or 0x1f')
  t('1 2', '1:3: found 2, wanted an operator or the end; a range is written [2], a shift offset 2')
})

test('functions and aggregations', () => {
  t('rte(up[5m])', '1:1: there is no function rte; did you mean rate?')
  t('summ(up)', '1:1: there is no function summ; did you mean sum?')
  t('Rate(up[5m])', '1:1: there is no function Rate; did you mean rate?')
  t(
    'histogram_percentile(0.9, up)',
    '1:1: there is no function histogram_percentile; did you mean histogram_quantile?',
  )
  t('frobnicate(up)', '1:1: there is no function frobnicate')
  t('a:b(up)', '1:1: there is no function a:b')
  t('by (a)', '1:1: found by, wanted an expression')
  t('constructor(up)', '1:1: there is no function constructor')
  t(
    'rate(up)',
    '1:6: rate wants a range vector, found an instant vector; give the selector a range, as in up[5m]',
  )
  t(
    'rate(sum(up))',
    '1:6: rate wants a range vector, found an instant vector; a subquery makes one, as in (…)[5m:]',
  )
  t(
    'abs(up[5m])',
    '1:5: abs wants an instant vector, found a range vector; leave out the brackets, or put a function like rate around',
  )
  t('abs(1)', '1:5: abs wants an instant vector, found a number; vector(…) makes one')
  t('vector(up)', '1:8: vector wants a number, found an instant vector; scalar(…) makes one')
  t('clamp(up, 1)', '1:1: found 2 arguments of clamp, wanted 3')
  t('time(1)', '1:1: found 1 argument of time, wanted none')
  t('rate()', '1:1: found no arguments of rate, wanted 1')
  t('round(up, 1, 2)', '1:1: found 3 arguments of round, wanted 1 to 2')
  t('label_join(up, "a")', '1:1: found 2 arguments of label_join, wanted 3 or more')
  t('label_join(up, "a", ",", "b", 5)', '1:31: argument 5 of label_join wants a text, found a number')
  t(
    'label_replace(up, a, "b", "c", "d")',
    '1:19: argument 2 of label_replace wants a text, found an instant vector; put it in quotes',
  )
  t(
    'quantile_over_time(up[5m], 0.9)',
    '1:20: argument 1 of quantile_over_time wants a number, found a range vector',
  )
  t('rate(up[5m],)', '1:13: found ), wanted one more argument behind the comma')
  t('rate(up[5m] up)', '1:13: found up, wanted an operator or a comma or the closing )')
  t('rate(,)', '1:6: found ,, wanted an expression')
  t('topk(up)', '1:1: found 1 argument of topk, wanted topk(number, vector)')
  t('count_values(up)', '1:1: found 1 argument of count_values, wanted count_values("label", vector)')
  t('sum(up, up)', '1:1: found 2 arguments of sum, wanted sum(vector)')
  t('sum()', '1:1: found 0 arguments of sum, wanted sum(vector)')
  t(
    'sum(up[5m])',
    '1:5: sum wants an instant vector, found a range vector; leave out the brackets, or put a function like rate around',
  )
  t('topk("5", up)', '1:6: the first argument of topk wants a number, found a text')
  t('count_values(5, up)', '1:14: the first argument of count_values wants a text, found a number')
  t('sum(up) by host', '1:12: found host, wanted ( and labels behind by, as in by (host)')
  t('sum by host (up)', '1:8: found host, wanted ( and labels behind by, as in by (host)')
  t('sum by (host', '1:8: this ( has no ): the expression ends before it')
  t('sum by (host job) (up)', '1:14: found job, wanted a comma or the closing ) of the labels of by')
  t('sum by (a:b) (up)', '1:9: found a:b, wanted a label of by, or the closing )')
  t('sum by (host) up', '1:15: found up, wanted ( and what sum is taken of')
  t(
    'sum(rate(up[5m]) by (host))',
    '1:18: found by, wanted an operator or a comma or the closing ); by stands behind the name or the closing ) of an aggregation, as in sum by (host) (up)',
  )
  t(
    'rate(up[5m]) without (host)',
    '1:14: found without, wanted an operator or the end; without stands behind the name or the closing ) of an aggregation, as in sum by (host) (up)',
  )
})

test('operators', () => {
  t('up = 1', '1:4: found =, wanted an operator or the end; numbers are compared by ==')
  t(
    'up =~ "a"',
    '1:4: found =~, wanted an operator or the end; labels are compared in braces, as in up{host="a"}',
  )
  t('a && b', '1:3: found &, wanted and')
  t('a || b', '1:3: found |, wanted or')
  t('! a', '1:1: found !, wanted != or unless')
  t('a <> b', '1:4: found >, wanted an expression')
  t('* a', '1:1: found *, wanted an expression')
  t('a b', '1:3: found b, wanted an operator or the end')
  t('a;', '1:2: found ;, wanted nothing: one expression stands alone')
  t('（a）', '1:1: found （, wanted the plain bracket (')
  t('a\u00a0+ b', '1:2: found the character U+00A0, wanted a plain space (this one is non-breaking)')
  t('$host', '1:1: found $, wanted what the variable stands for: a dashboard puts that in before it asks')
  t('my.metric', '1:3: found ., wanted a name with dots in braces and quotes, as in {"my.metric"}')
  t('温度 > 30', '1:1: found 温, wanted a name of such letters in braces and quotes, as in {"…"}')
  t('1 > 2', '1:3: two numbers are compared by > bool, found >')
  t('(1) == time()', '1:5: two numbers are compared by == bool, found ==')
  t('a + bool b', '1:3: bool stands behind == != > < >= <= only, found it behind +')
  t('a and bool b', '1:3: bool stands behind == != > < >= <= only, found it behind and')
  t('a and 1', '1:7: and joins instant vectors, found a number; vector(…) makes one')
  t('1 unless a', '1:1: unless joins instant vectors, found a number; vector(…) makes one')
  t('a + "b"', '1:5: + wants an instant vector, found a text')
  t(
    'a[5m] > 1',
    '1:1: > wants an instant vector, found a range vector; leave out the brackets, or put a function like rate around',
  )
  t('-"a"', '1:2: the sign - wants an instant vector, found a text')
  t(
    'a[5m][5m:]',
    '1:1: a subquery wants an instant vector, found a range vector; leave out the brackets, or put a function like rate around',
  )
  t('5[5m:]', '1:1: a subquery wants an instant vector, found a number; vector(…) makes one')
  t('a * on (x) group_left (x) b', '1:3: the label x stands in on and in group_left')
  t('a * group_left (x) b', '1:5: found group_left, wanted on (…) or ignoring (…) before it')
  t('a and on (x) group_left b', '1:3: and takes no group_left and no group_right')
  t('a + on (x) 1', '1:1: on and ignoring match two instant vectors, found a number')
  t('a on (x) b', '1:3: found on, wanted an operator or the end; on stands behind an operator')
  t('a + on x b', '1:8: found x, wanted ( and labels behind on, as in on (host)')
  t(
    'a + on (x) bool b',
    '1:12: found bool, wanted an expression; bool is a word of the language; as a metric it is written {"bool"}',
  )
  t(
    'on',
    '1:1: found on, wanted an expression; on is a word of the language; as a metric it is written {"on"}',
  )
  t(
    'a * on (x) group_left (b + c)',
    '1:26: found +, wanted a comma or the closing ) of the labels of group_left',
  )
})

test('what Prometheus has and this service has not is named', () => {
  const experimental = 'is experimental in Prometheus and not built here'
  const native = 'works on native histograms, which this service does not store'
  for (const name of ['info', 'start', 'end', 'step', 'range', 'min_of', 'histogram_quantiles']) {
    t(`${name}()`, `1:1: ${name} ${experimental}`)
  }
  for (const name of ['count', 'sum', 'avg', 'stddev', 'stdvar']) {
    t(`histogram_${name}(x)`, `1:1: histogram_${name} ${native}`)
  }
  t('limitk(5, up)', `1:1: limitk ${experimental}`)
  t('limit_ratio by (a) (0.5, up)', `1:1: limit_ratio ${experimental}`)
  t('up anchored', `1:4: anchored ${experimental}`)
  t('rate(up[5m] smoothed)', `1:13: smoothed ${experimental}`)
  t('a + fill(0) b', `1:5: fill ${experimental}`)
  t('a + on (x) group_left fill_left (0) b', `1:23: fill_left ${experimental}`)
  const computed =
    'durations that are computed are experimental in Prometheus and not built here: wanted a plain one like 5m'
  t('up[5m+1m]', `1:6: ${computed}`)
  t('up[step()]', `1:4: ${computed}`)
  t('up offset (5m)', `1:11: ${computed}`)
  t(
    'holt_winters(up[5m], 1, 1)',
    '1:1: holt_winters is called double_exponential_smoothing since Prometheus 3',
  )
})
