import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import type { QueryAnswer } from '#promql/template/alert-functions.ts'
import { compileTemplate, expand, expandWaiting } from '#promql/template/engine.ts'
import { callable, func, labelsValue, listOf, mapOf, method, structOf } from '#promql/template/value.ts'
import {
  alertData,
  compileAlertTemplate,
  expandAlertTemplate,
  expandAlertTemplateWaiting,
  spliceAlertTemplate,
  waits,
} from '#promql/template.ts'
import { data, samples, world } from './template/expand-with.ts'

const compiled = (text: string) => compileAlertTemplate(text, 'Down')

test('one template serves many alerts', () => {
  const summary = compiled('{{ $labels.instance }} is down: {{ $value | humanize }}')
  const of = (instance: string, value: number) =>
    expandAlertTemplate(
      summary,
      alertData({
        labels: labelsOf([['instance', instance]]),
        externalLabels: labelsOf([]),
        externalUrl: '',
        value,
      }),
      world,
    )
  expect(of('a', 1_500)).toEqual({ text: 'a is down: 1.5k' })
  expect(of('b', 0)).toEqual({ text: 'b is down: 0' })
})

test('what fails becomes the text, in the words of Prometheus', () => {
  const error =
    'error executing template __alert_Down: template: __alert_Down:1:12: executing "__alert_Down" at <toUpper>: wrong type for value; expected string; got float64'
  expect(expandAlertTemplate(compiled('{{ $value | toUpper }}'), data, world)).toEqual({
    text: `<error expanding template: ${error}>`,
    error,
  })
})

test('text and labels alone come to the same without the engine', () => {
  const labels = labelsOf([
    ['constructor', 'built'],
    ['host', "a<b>'张"],
  ])
  const series = { name: 'up', labels }
  const named = { ...labels, __name__: 'up' }
  const given = {
    labels: labelsOf(Object.entries(named)),
    externalLabels: labels,
    externalUrl: 'http://x',
    value: 1,
  }
  const t = (text: string, isSpliced: boolean) => {
    const spliced = spliceAlertTemplate(compiled(text), series)
    expect(spliced !== undefined, text).toBe(isSpliced)
    if (isSpliced) expect(spliced).toBe(expandAlertTemplate(compiled(text), alertData(given), world).text)
  }

  t('plain', true)
  t('{{ $labels.host }} is down', true)
  t('x{{- $labels.host -}} y {{$labels.constructor}}{{ $labels.none }}{{ $labels.toString }}', true)
  t('{{/* why */}}{{ $labels.__name__ }} {{ $labels.__proto__ }}', true)
  // Longer than a text may become.
  t('{{ $labels.host }}'.repeat(1_000), true)
  t(`${'x'.repeat(60_000)}${'{{$labels.host}}'.repeat(300)}`, true)
  expect(
    spliceAlertTemplate(compiled('{{$labels.host}}'), {
      name: '',
      labels: labelsOf([['host', 'x'.repeat(65_537)]]),
    }),
  ).toBe(undefined)
  // All else is the engine's.
  t('{{ $value }}', false)
  t('{{ $externalLabels.host }}', false)
  t('{{ $labels }}', false)
  t('{{ $labels.host.x }}', false)
  t('{{ $labels.host | toUpper }}', false)
  t('{{ toUpper $labels.host }}', false)
  t('{{ $x := $labels.host }}', false)
  t('{{ $labels = $labels.host }}', false)
  t('{{ if $labels.host }}x{{ end }}', false)
  t('{{ .Labels.host }}', false)
  t('{{ $labels.host 1 }}', false)
})

test('says whether a store may have to be waited for', () => {
  expect(waits(compiled('plain'))).toBe(false)
  expect(waits(compiled('{{ $value }}'))).toBe(false)
  expect(waits(compiled('{{ define "a" }}{{ query "x" }}{{ end }}'))).toBe(true)
})

test('waits for a store, and asks each question once', async () => {
  const asked: string[] = []
  const slow = {
    ...world,
    query: async (expr: string): Promise<QueryAnswer> => {
      asked.push(expr)
      return samples
    },
  }
  const text =
    '{{ range query "m" }}{{ .Value }}={{ printf "n_%.0f" .Value | query | first | value }};{{ end }}'
  expect(await expandAlertTemplateWaiting(compiled(text), data, slow)).toEqual({ text: '21=21;11=21;' })
  expect(asked).toEqual(['m', 'n_21', 'n_11'])
})

test('a store that fails is an error of the template', async () => {
  const broken = {
    ...world,
    query: () => Promise.reject(new Failure('store_unavailable', 'the store is away')),
  }
  const { text, error } = await expandAlertTemplateWaiting(compiled('a {{ query "m" }}'), data, broken)
  expect(error).toContain('at <query "m">: error calling query: the store is away')
  expect(text).toBe(`<error expanding template: ${error}>`)
  const throwing = {
    ...world,
    query: (): QueryAnswer => {
      throw new Failure('bad_query', '1:1: odd')
    },
  }
  expect(expandAlertTemplate(compiled('{{ query "m" }}'), data, throwing).error).toContain(
    'error calling query: 1:1: odd',
  )
})

test('a fault of the program is not hidden in a text', async () => {
  const faulty = { ...world, query: () => Promise.reject(new TypeError('undefined is not a function')) }
  await expect(expandAlertTemplateWaiting(compiled('{{ query "m" }}'), data, faulty)).rejects.toThrow(
    TypeError,
  )
})

test('who does not wait is told that it would take waiting', () => {
  const slow = { ...world, query: async () => samples }
  expect(expandAlertTemplate(compiled('{{ query "m" }}'), data, slow).error).toContain(
    'asks for what has to be waited for',
  )
})

test('bounds every run', async () => {
  const t = (text: string, said: string) => {
    const { error } = expandAlertTemplate(compiled(text), data, world)
    expect(error, text).toContain(said)
  }
  t('{{ range 1000000000 }}{{ end }}', 'it takes more than 100000 steps')
  t('{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}', 'nested more than 500 deep')
  t('{{ range 9000 }}0123456789{{ end }}', 'its output is longer than 65536 characters')
  t(
    '{{ $x := "0123456789" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}',
    'its text is longer than 65536 characters',
  )
  t('{{ $x := args 1 }}{{ range 400 }}{{ $x = args $x $x }}{{ end }}{{ $x }}', 'longer than 65536 characters')
  t('{{ printf "%1000000d" 1 }}', 'its text is longer than 65536 characters')
  t('{{ match "(a?){1000}" (printf "%60000d" 1) }}', 'it takes more than 100000 steps')
  t('{{ range 101 }}{{ query "m" | len }}{{ end }}', 'more than 100 questions in one template')
  const slow = { ...world, query: async () => samples }
  const { error } = await expandAlertTemplateWaiting(
    compiled('{{ range 101 }}{{ $x := query "m" }}{{ end }}'),
    data,
    slow,
  )
  expect(error).toContain('more than 100 questions in one template')
})

// What another room does with the same engine.
const alertShape = {
  name: 'template.Alert',
  methods: { Name: method(['string'], (_, [prefix]) => `${prefix}-alert`) },
}
const listShape = { name: 'template.Alerts', methods: { Count: method([], () => 1n) } }
const notice = structOf(
  {
    Status: 'firing',
    Alerts: listOf([structOf({ Labels: labelsValue(labelsOf([['a', 'b']])) }, alertShape)], listShape),
  },
  { name: 'template.Data' },
)

test('the engine takes any data and functions', () => {
  const shout = func(['string'], ([text]) => `${text.toUpperCase()}!`)
  const t = (text: string, wanted: string) =>
    expect(
      expand(compileTemplate(text, { name: 'x', functions: { shout } }), notice, undefined),
      text,
    ).toEqual({
      text: wanted,
    })

  t('{{ .Status | shout }}', 'FIRING!')
  t('{{ range .Alerts }}{{ .Labels.a }}{{ .Name "x" }}{{ "y" | .Name }}{{ end }}', 'bx-alerty-alert')
  t('{{ .Alerts.Count }}{{ len .Alerts }}', '11')
})

test('call calls the functions of the data', () => {
  const twice = callable(func(['string'], ([text]) => text + text))
  const t = (text: string) => expand(compileTemplate(text, { name: 'x' }), mapOf({ twice }), undefined)
  expect(t('{{ call .twice "ab" }}')).toEqual({ text: 'abab' })
  expect(t('{{ call .twice }}').error).toContain('error calling call: wrong number of args: got 0 want 1')
  expect(t('{{ .twice }}').error).toContain("can't print a value of type func")
})

test('templates may use what others define', () => {
  const library = compileTemplate(
    '{{ define "greet" }}hello {{ . }}{{ end }}{{ define "b" }}theirs{{ end }}',
    { name: 'lib' },
  )
  const t = compileTemplate(
    '{{ template "greet" .Status }} {{ template "b" }}{{ define "b" }}ours{{ end }}',
    {
      name: 'x',
      others: [library],
    },
  )
  expect(expand(t, notice, undefined)).toEqual({ text: 'hello firing ours' })
})

test('errors in the templates of others name their file', async () => {
  const library = compileTemplate('\n{{ define "bad" }}{{ .Nope }}{{ end }}', { name: 'lib' })
  const t = compileTemplate('{{ template "bad" . }}', { name: 'x', others: [library] })
  expect((await expandWaiting(t, notice, undefined)).error).toBe(
    `template: lib:2:21: executing "bad" at <.Nope>: can't evaluate field Nope in type template.Data`,
  )
})

test('limits can be set', () => {
  const t = compileTemplate('{{ range 10 }}{{ . }}{{ end }}', { name: 'x', limits: { steps: 5 } })
  expect(expand(t, undefined, undefined).error).toContain('it takes more than 5 steps')
})
