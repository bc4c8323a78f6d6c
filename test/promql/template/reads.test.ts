import { expect, test } from 'vitest'
import { compileAlertTemplate, readsOfAlertTemplate } from '#promql/template.ts'

const readsOf = (text: string) => readsOfAlertTemplate(compileAlertTemplate(text, 'A'))

test('labels that are written out', () => {
  const t = (text: string, ...labels: string[]) =>
    expect([...readsOf(text).labels].sort(), text).toEqual(labels)

  t('plain')
  t('{{ $labels.a }} {{ .Labels.b }} {{ $.Labels.c }}', 'a', 'b', 'c')
  t('{{ $labels.a | toUpper }} {{ printf "%s" $labels.b }}', 'a', 'b')
  t('{{ index $labels "a b" }} {{ index .Labels "c" }} {{ index $.Labels "d" }}', 'a b', 'c', 'd')
  t('{{ $x := $labels.a }}{{ $x }}', 'a')
  t('{{ if gt $value 3.0 }}{{ $labels.a }}{{ else }}{{ .Labels.b }}{{ end }}', 'a', 'b')
  // The dot is what `with` and `range` make of it.
  t('{{ range query "up" }}{{ .Labels.a }}{{ $labels.b }}{{ else }}{{ .Labels.c }}{{ end }}', 'b', 'c')
  t('{{ with $x := "y" }}{{ .Labels.a }}{{ end }}')
  t('{{ define "t" }}{{ .Labels.a }}{{ $.Labels.a }}{{ end }}{{ template "t" . }}')
  // Whoever asks knows that it may be missing.
  t('{{ if $labels.a }}{{ $labels.a }}{{ end }}')
  t('{{ with $labels.a }}{{ . }}{{ end }}')
  t('{{ or $labels.a $labels.b "none" }}')
  t('{{ if (and $labels.a (eq $labels.b "x")) }}{{ $labels.a }}{{ $labels.c }}{{ end }}', 'c')
  t('{{ $labels := .ExternalLabels }}{{ $labels.a }}')
  t('{{ $externalLabels.a }} {{ .ExternalLabels.b }}')
})

test('the value and functions, wherever they stand', () => {
  const t = (text: string, ...names: string[]) => expect([...readsOf(text).names].sort(), text).toEqual(names)

  t('{{ $value }}', '$value')
  t('{{ .Value | humanize }}', '$value', 'humanize')
  t('{{ if gt $value 3.0 }}hot{{ end }}', '$value', 'gt')
  t('{{ range query "up" }}{{ .Value }}{{ end }}', 'query')
  t('{{ $labels.query }} {{ "now" }} {{ $labels.now }}{{/* $value */}}')
  t('{{ (query "up" | first).Value }} {{ now }}', 'first', 'now', 'query')
})
