import { expect, test } from 'vitest'
import { compileAlertTemplate, expandAlertTemplate } from '#promql/template.ts'
import { data, expanded, failure, world } from './expand-with.ts'

const t = (text: string, wanted: string) => expect(expanded(`{{ ${text} }}`), text).toBe(wanted)
const fails = (text: string, wanted: string) => expect(failure(`{{ ${text} }}`), text).toContain(wanted)

test('queries and their samples', () => {
  t('query "m" | first | value', '21')
  t('query "m" | first | label "instance"', 'b')
  t('query "m" | first | label "nope"', '')
  t('query "m" | first | label "__name__"', 'metric')
  t('query "m" | first | strvalue', '')
  t('(query "m" | first).Labels.instance', 'b')
  t('query "m" | first', '{map[__name__:metric instance:b] 21}')
  t('printf "%v" (query "m" | first)', '&{map[__name__:metric instance:b] 21}')
  t('len (query "none")', '0')
  t('range query "m" | sortByLabel "instance" }}{{ .Labels.instance }}:{{ .Value }}: {{ end', 'a:11: b:21: ')
  fails('query "none" | first', 'at <first>: error calling first: first() called on vector with no elements')
  fails('first "x"', `can't handle "x" for arg of type template.queryResult`)
  fails('$labels | first', 'wrong type for value; expected template.queryResult; got map[string]string')
  fails('(query "m").banana', `can't evaluate field banana in type template.queryResult`)
  fails('value nil', 'error calling value: nil pointer instead of a sample')
})

test('a query that fails is an error of its template', () => {
  const compiled = compileAlertTemplate('{{ query "x" }}', 'Down')
  const away = { ...world, query: undefined }
  const { query: _, ...without } = away
  expect(expandAlertTemplate(compiled, data, without).error).toContain(
    'error calling query: there is nothing to query here',
  )
})

test('humanize', () => {
  t('humanize 0.0', '0')
  t('humanize 1.0', '1')
  t('humanize 1234567.0', '1.235M')
  t('humanize .12', '120m')
  t('humanize -0.001', '-1m')
  t('humanize 1e30', '1e+06Y')
  t('humanize 999.95', '1000')
  t('humanize "12"', '12')
  t('humanize 9223372036854775807', '9.223E')
  t('humanize "+Inf"', '+Inf')
  t('humanize "nan"', 'NaN')
  t('humanize "1_000"', '1k')
  t('humanize "0x1p4"', '16')
  fails('humanize "one"', 'error calling humanize: strconv.ParseFloat: parsing "one": invalid syntax')
  fails('humanize ""', 'parsing "": invalid syntax')
  fails('humanize "1e400"', 'parsing "1e400": value out of range')
  fails('humanize true', `can't convert bool to float`)
  fails('humanize nil', `can't convert <nil> to float`)
})

test('humanize1024', () => {
  t('humanize1024 0.0', '0')
  t('humanize1024 1048576.0', '1Mi')
  t('humanize1024 .12', '0.12')
  t('humanize1024 -2048', '-2ki')
  t('humanize1024 9223372036854775807', '8Ei')
  t('humanize1024 "-Inf"', '-Inf')
})

test('humanizeDuration', () => {
  t('humanizeDuration 0', '0s')
  t('humanizeDuration 1', '1s')
  t('humanizeDuration 60', '1m 0s')
  t('humanizeDuration 3600', '1h 0m 0s')
  t('humanizeDuration 86400', '1d 0h 0m 0s')
  t('humanizeDuration 899.99', '14m 59s')
  t('humanizeDuration -183845', '-2d 3h 4m 5s')
  t('humanizeDuration .0001', '100us')
  t('humanizeDuration .12345', '123.5ms')
  t('humanizeDuration 1.2345', '1.234s')
  t('humanizeDuration 12.345', '12.35s')
  t('humanizeDuration "NaN"', 'NaN')
  t('humanizeDuration ((toTime 100).Sub (toTime 0))', '1m 40s')
  fails('humanizeDuration (toDuration 65)', `can't convert *time.Duration to float`)
})

test('humanizePercentage', () => {
  t('humanizePercentage -0.22222', '-22.22%')
  t('humanizePercentage 0.0', '0%')
  t('humanizePercentage 0.1234567', '12.35%')
  t('humanizePercentage 1234567', '1.235e+08%')
  t('humanizePercentage "1.23456"', '123.5%')
})

test('times', () => {
  t('humanizeTimestamp 1435065584.128', '2015-06-23 13:19:44.128 +0000 UTC')
  t('humanizeTimestamp 0', '1970-01-01 00:00:00 +0000 UTC')
  t('humanizeTimestamp -1', '1969-12-31 23:59:59 +0000 UTC')
  t('humanizeTimestamp 9223372036', '2262-04-11 23:47:16 +0000 UTC')
  t('humanizeTimestamp "NaN"', 'NaN')
  fails('humanizeTimestamp 9223372037', '9.223372037e+09 cannot be represented as a nanoseconds timestamp')
  t('now', '1.435065584128e+09')
  t('toTime now', '2015-06-23 13:19:44.128 +0000 UTC')
  t('(toTime now).Format "2006-01-02T15:04:05.000Z07:00"', '2015-06-23T13:19:44.128Z')
  t(
    '(toTime now).Format "Mon Jan _2 3:04PM 06 MST -0700 .999 002"',
    'Tue Jun 23 1:19PM 15 UTC +0000 .128 174',
  )
  t('(toTime now).Format "15h4m5s Janet"', '13h19m44s Janet')
  t('(toTime now).Month', 'June')
  t('printf "%d" (toTime now).Month', '6')
  t('(toTime now).Weekday', 'Tuesday')
  t('(toTime now).Unix', '1435065584')
  t('(toTime 5).Add (toDuration 60)', '1970-01-01 00:01:05 +0000 UTC')
  t('(toTime 5).AddDate 1 1 1', '1971-02-02 00:00:05 +0000 UTC')
  t('(toTime 5).Before (toTime 6)', 'true')
  fails('(toTime 5).AddDate 999999999 0 0', 'beyond the times that can be told')
  t('(toTime 5.5).Truncate (toDuration 0.0015)', '1970-01-01 00:00:05.499 +0000 UTC')
  fails('toTime "+Inf"', 'error calling toTime: value is NaN or Inf')
  fails('(toTime 5).Nope', `can't evaluate field Nope in type time.Time`)
})

test('durations', () => {
  t('toDuration 65.5', '1m5.5s')
  t('toDuration 0.0015', '1.5ms')
  t('toDuration 0.0000015', '1.5µs')
  t('toDuration -1.5', '-1.5s')
  t('toDuration 0', '0s')
  t('toDuration 360000', '100h0m0s')
  t('(toDuration 5400).Hours', '1.5')
  fails('toDuration "1e300"', 'error calling toDuration')
  t('parseDuration "1h2m10ms"', '3720.01')
  t('parseDuration "-1h"', '-3600')
  t('parseDuration "0"', '0')
  fails('parseDuration "x"', 'error calling parseDuration: not a valid duration string: "x"')
  fails('parseDuration ""', 'error calling parseDuration: empty duration string')
})

test('letters', () => {
  t('title "aa bb CC"', 'Aa Bb CC')
  t(`title "aa-bb foo_bar don't 1st a.b élan ß"`, `Aa-Bb Foo_bar Don't 1St A.b Élan Ss`)
  t('toUpper "aa élan ß"', 'AA ÉLAN ß')
  t('toLower "AA ÀÉ İ ΑΣ"', 'aa àé i ασ')
})

test('patterns are those of RE2, anywhere in the text', () => {
  t('match "a+" "xaay"', 'true')
  t('match "a+" "b"', 'false')
  t('match "^a.b$" "a\\nb"', 'false')
  t('$labels.instance | match "web"', 'true')
  fails('match "(" "a"', 'error calling match: (')
  fails('match "(?=a)" "a"', 'error calling match: (?=a)')
  t('reReplaceAll "(a)b" "x$1" "ab"', 'xa')
  t('reReplaceAll "localhost:(.*)" "my.domain:$1" "localhost:3000"', 'my.domain:3000')
  t('$labels.instance | reReplaceAll ":.*" ""', 'web-1.example.com')
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Go's reference to a group
  t('reReplaceAll "a(x*)b" "${1}W" "-ab-axxb-"', '-W-xxW-')
  // A group called 1W is not there.
  t('reReplaceAll "a(x*)b" "$1W" "-ab-axxb-"', '---')
  t('reReplaceAll "a*" "-" "baaac"', '-b-c-')
  t('reReplaceAll "(?P<n>\\\\d+)" "<$n>$$" "a1b22"', 'a<1>$b<22>$')
  t('reReplaceAll "" "-" "ab"', '-a-b-')
  t('reReplaceAll "b" "$constructor" "abc"', 'ac')
})

test('hosts and ports', () => {
  t('stripPort "foo.example.com"', 'foo.example.com')
  t('stripPort "foo.example.com:12345"', 'foo.example.com')
  t('stripPort "192.0.2.1:12345"', '192.0.2.1')
  t('stripPort "2001:0DB8::1"', '2001:0DB8::1')
  t('stripPort "[2001:0DB8::1]:12345"', '2001:0DB8::1')
  t('stripPort "[2001:0DB8::1]::12345"', '[2001:0DB8::1]::12345')
  t('stripPort "[::1]"', '[::1]')
  t('stripPort ":80"', '')
  t('stripDomain "foo.example.com"', 'foo')
  t('stripDomain "foo.example.com:12345"', 'foo:12345')
  t('stripDomain "192.0.2.1"', '192.0.2.1')
  t('stripDomain "192.0.2.1:12345"', '192.0.2.1:12345')
  t('stripDomain "2001:0DB8::1"', '2001:0DB8::1')
  t('stripDomain "[2001:0DB8::1]:12345"', '[2001:0DB8::1]:12345')
  t('stripDomain "[2001:0DB8::1]::12345"', '[2001:0DB8::1]::12345')
})

test('links and the rest', () => {
  t('graphLink "up"', '/graph?g0.expr=up&g0.tab=0')
  t('tableLink "up{a=\\"b c\\"}"', '/graph?g0.expr=up%7Ba%3D%22b+c%22%7D&g0.tab=1')
  t('pathPrefix', '/path/prefix')
  t('externalURL', 'http://testhost:9090/path/prefix')
  t('safeHtml "<b>"', '<b>')
  t('(args 1 "2").arg1', '2')
  const bare = { ...world, externalUrl: 'http://testhost:9090/' }
  expect(expandAlertTemplate(compileAlertTemplate('[{{ pathPrefix }}]', 'A'), data, bare).text).toBe('[]')
})
