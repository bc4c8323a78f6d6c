import { expect, test } from 'vitest'
import { expanded, failure } from './expand-with.ts'

const t = (text: string, wanted: string) => expect(expanded(text), text).toBe(wanted)
const fails = (text: string, wanted: string) => expect(failure(text), text).toBe(wanted)

test('text stays as it is', () => {
  t('', '')
  t('plain text', 'plain text')
  t('a } }} { b', 'a } }} { b')
  t('50% of $labels', '50% of $labels')
})

test('trim markers eat the space beside them', () => {
  t('a {{- 1 -}} b {{ 2 -}}  c', 'a1b 2c')
  t('a \n\t{{- 1 }} b', 'a1 b')
  t('{{ 1 -}}\n\n x', '1x')
  t('{{-1}}{{- -3 -}}', '-1-3')
  t('{{ "a" -}}   {{- "b" }}', 'ab')
  // Other white space is none.
  t('a\u00a0{{- 1 }}', 'a\u00a01')
})

test('comments vanish', () => {
  t('{{/* a comment */}}x', 'x')
  t('a {{- /* {{ }} */ -}} b', 'ab')
  t('a {{/* two\nlines */ -}} b', 'a b')
})

test('literals are those of Go', () => {
  t(
    '{{ 1 }} {{ -3 }} {{ +3 }} {{ 1_000 }} {{ 017 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }}',
    '1 -3 3 1000 15 31 5 15',
  )
  t('{{ 1.0 }} {{ .5 }} {{ 1e3 }} {{ 0x1p-2 }} {{ 1e-7 }} {{ 0x1e3 }}', '1 0.5 1000 0.25 1e-07 483')
  t('{{ 1e6 }} {{ 100000.0 }} {{ 1e21 }} {{ 0.0001 }} {{ 0.00001 }}', '1e+06 100000 1e+21 0.0001 1e-05')
  t("{{ 'a' }} {{ '\\n' }} {{ '机' }} {{ '\\'' }}", '97 10 26426 39')
  t('{{ "a\\"b" }} {{ "\\t\\x41\\u00e9\\101" }} {{ `raw \\n` }}', 'a"b \tAéA raw \\n')
  t('{{ true }} {{ false }}', 'true false')
  t('{{ "}}" }} {{ "{{" }} {{ `}}` }}', '}} {{ }}')
})

test('literals may be long', () => {
  t(`{{ "${'x'.repeat(60_000)}" | len }}`, '60000')
  t(`{{ \`${'x'.repeat(60_000)}\` | len }}`, '60000')
})

test('fields, keys and variables', () => {
  t('{{ .Labels.job }} {{ $labels.job }} {{ $.Labels.job }} {{ ($labels).job }}', 'node node node node')
  t('{{ .ExternalLabels.region }} {{ $externalLabels.region }}', 'eu eu')
  t('{{ .ExternalURL }}', 'http://testhost:9090/path/prefix')
  t('{{ .Value }} {{ $value }}', '1.234567891e+06 1.234567891e+06')
  // A key that is not there is empty; a struct has no such field.
  t('[{{ $labels.nope }}]', '[]')
  fails(
    '{{ .Labels.job.x }}',
    `1:10: executing "__alert_Test" at <.Labels.job.x>: can't evaluate field x in type string`,
  )
  t('{{ (args 1).nope }}', '<no value>')
  fails(
    '{{ (args 1).nope.x }}',
    '1:9: executing "__alert_Test" at <1>: nil pointer evaluating interface {}.x',
  )
  t('{{ $labels }}', 'map[instance:web-1.example.com:9100 job:node]')
})

test('what JavaScript inherits is not there', () => {
  t('[{{ $labels.constructor }}{{ $labels.__proto__ }}{{ $labels.toString }}]', '[]')
  t('[{{ index $labels "__proto__" }}{{ index $labels "hasOwnProperty" }}]', '[]')
  t('{{ (args 1).constructor }}', '<no value>')
  expect(failure('{{ .constructor }}')).toContain("can't evaluate field constructor")
  expect(failure('{{ $labels.job.length }}')).toContain("can't evaluate field length in type string")
  expect(failure('{{ (query "m").length }}')).toContain(
    "can't evaluate field length in type template.queryResult",
  )
})

test('pipelines hand their value on as the last argument', () => {
  t('{{ "x" | printf "%s" | toUpper | printf "[%s]" }}', '[X]')
  t('{{ 3 | printf "%d %d" 2 }}', '2 3')
  t('{{ ("a" | toUpper) }} {{ (print "a" 1) | len }}', 'A 2')
  t('{{ printf "%s-%s" ("a" | toUpper) (toLower "B") }}', 'A-b')
  t('{{ "a" | }}', 'a')
  fails(
    '{{ "a" | print | .Labels.job }}',
    `1:24: executing "__alert_Test" at <.Labels.job>: job is not a method but has arguments`,
  )
})

test('variables live as long as their block', () => {
  t('{{ $x := 1 }}{{ $x }}', '1')
  t('{{$x:=1}}{{$x}}{{$x = 2}}{{$x}}', '12')
  t('{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ $x }}{{ end }}{{ $x }}', '32')
  t('{{ if $x := "a" }}{{ $x }}{{ end }}', 'a')
  t('{{ with $x := "a" }}{{ $x }}{{ . }}{{ end }}', 'aa')
  t(
    '{{ $s := "" }}{{ range $i, $e := query "m" }}{{ if $i }}{{ $s = print $s "," }}{{ end }}{{ $s = print $s $e.Labels.instance }}{{ end }}{{ $s }}',
    'b,a',
  )
})

test('a declaration that was passed over declares nothing', () => {
  t('{{ $x := 1 }}{{ if true }}{{ $x := print $x $x }}{{ $x }}{{ end }}', '1 1')
  expect(failure('{{ $y := or 1 ($x := 2) }}{{ $x }}')).toContain('undefined variable: $x')
  expect(failure('{{ $y := or 1 ($x := 2) }}{{ $x = 3 }}')).toContain('undefined variable: $x')
})

test('if, else if and else', () => {
  t('{{ if true }}a{{ end }}{{ if false }}b{{ end }}', 'a')
  t('{{ if 0 }}a{{ else if 0.0 }}b{{ else }}c{{ end }}', 'c')
  t('{{ if false }}a{{ else if true }}b{{ else }}c{{ end }}', 'b')
  // What Go holds for true.
  const truth = (value: string) => expanded(`{{ if ${value} }}y{{ else }}n{{ end }}`)
  expect(['1', '-1', '0.5', '"a"', '$labels', 'toTime 0', '(query "m")'].map(truth)).toEqual(
    Array(7).fill('y'),
  )
  expect(['0', '0.0', '""', 'false', 'args', '(query "none")', '$labels.nope'].map(truth)).toEqual(
    Array(7).fill('n'),
  )
})

test('with moves the dot', () => {
  t('{{ with $labels.job }}job {{ . }}{{ else }}none{{ end }}', 'job node')
  t('{{ with $labels.nope }}job{{ else }}none {{ .Value }}{{ end }}', 'none 1.234567891e+06')
  t('{{ with $labels.nope }}a{{ else with $labels.job }}b{{ . }}{{ else }}c{{ end }}', 'bnode')
})

test('range goes over lists, maps and numbers', () => {
  t('{{ range query "m" }}{{ .Value }},{{ end }}', '21,11,')
  t('{{ range $s := query "m" }}{{ $s.Value }},{{ end }}', '21,11,')
  t('{{ range $i, $s := query "m" }}{{ $i }}={{ $s.Value }},{{ end }}', '0=21,1=11,')
  t('{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}', 'instance=web-1.example.com:9100;job=node;')
  t('{{ range 3 }}{{ . }}{{ end }}', '012')
  t('{{ range query "none" }}x{{ else }}nothing {{ len $labels }}{{ end }}', 'nothing 2')
  t('{{ range 0 }}x{{ else }}nothing{{ end }}', 'nothing')
  t(
    '{{ range 5 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ if eq . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}',
    '02',
  )
  t('{{ range 2 }}{{ range 3 }}{{ if eq . 1 }}{{ break }}{{ end }}{{ . }}{{ end }};{{ end }}', '0;0;')
  t('{{ $i := 0 }}{{ range $i = 3 }}{{ end }}{{ $i }}', '2')
  fails(
    '{{ range "abc" }}{{ end }}',
    `1:9: executing "__alert_Test" at <"abc">: range can't iterate over abc`,
  )
  fails(
    '{{ range $i, $j := 3 }}{{ end }}',
    `1:19: executing "__alert_Test" at <3>: can't use 3 to iterate over more than one variable`,
  )
})

test('templates are defined and called', () => {
  t('{{define "x"}}{{.arg0}} {{.arg1}}{{end}}{{template "x" (args 1 "2")}}', '1 2')
  t(
    '{{define "x"}}[{{ . }}|{{ $ }}]{{end}}{{template "x"}}{{template "x" 1}}',
    '[<no value>|<no value>][1|1]',
  )
  t('{{block "b" 5}}<{{ . }}>{{end}}{{template "b" 6}}', '<5><6>')
  t('{{template "late" 1}}{{define "late"}}{{ . }}{{end}}', '1')
  // What is empty gives way.
  t('{{define "a"}} {{end}}{{define "a"}}2{{end}}{{template "a"}}', '2')
  // Prometheus has tmpl in consoles only.
  t('{{ define "a" }}x{{ . }}{{ end }}{{ $name := "a" }}{{ tmpl $name 1 | toUpper }}', 'X1')
  t(
    '{{define "x"}}{{ if . }}{{ . }}{{ end }}{{ with slice . 1 }}{{ template "x" . }}{{ end }}{{ end }}{{ template "x" "abc" }}',
    'abcbcc',
  )
  fails(
    '{{ template "x" }}',
    `1:12: executing "__alert_Test" at <{{template "x"}}>: template "x" not defined`,
  )
})

test('errors name the place in the template that failed', () => {
  fails(
    '{{ template "a" }}{{ define "a" }}\n é{{ 1 | toUpper }}{{ end }}',
    `2:10: executing "a" at <toUpper>: wrong type for value; expected string; got int`,
  )
  fails(
    '{{ true false }}',
    `1:3: executing "__alert_Test" at <true>: can't give argument to non-function true`,
  )
  fails('{{ nil }}', '1:3: executing "__alert_Test" at <nil>: nil is not a command')
  fails(
    '{{ 9223372036854775808 }}',
    '1:3: executing "__alert_Test" at <9223372036854775808>: 9223372036854775808 overflows int',
  )
  fails('{{ toUpper 1 }}', '1:11: executing "__alert_Test" at <1>: expected string; found 1')
  fails(
    '{{ toUpper }}',
    '1:3: executing "__alert_Test" at <toUpper>: wrong number of args for toUpper: want 1 got 0',
  )
  fails(
    '{{ printf }}',
    '1:3: executing "__alert_Test" at <printf>: wrong number of args for printf: want at least 1 got 0',
  )
  fails('{{ toUpper nil }}', '1:11: executing "__alert_Test" at <nil>: cannot assign nil to string')
})
