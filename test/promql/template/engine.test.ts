import { expect, test } from 'vitest'
import type { Failure } from '#core/errors.ts'
import { compileTemplate, expand } from '#promql/template/engine.ts'
import { shown } from '#promql/template/format.ts'
import { CallRefused } from '#promql/template/state.ts'
import { textFunctions } from '#promql/template/text-functions.ts'
import { listOf, mapOf, marked, type Value } from '#promql/template/value.ts'
import type { Writer } from '#promql/template/writer.ts'

const made = (text: string, data: Value = undefined, writer?: Writer) =>
  expand(compileTemplate(text, { name: 't', functions: textFunctions }), data, undefined, writer)

test('a writer sees what the template says and what comes out of it, in order', () => {
  const seen: string[] = []
  const writer: Writer = {
    text: text => `(${text})`,
    value(value, pipe, lengthMax) {
      seen.push(String(pipe.commands.length), String(lengthMax))
      return `[${shown(value, lengthMax)}]`
    },
    end: () => undefined,
  }
  const text = 'a{{ .x }}{{ define "d" }}d{{ . }}{{ end }}{{ template "d" .y }}{{ $z := 1 }}{{ 2 | print }}b'
  expect(made(text, mapOf({ x: 'X', y: 'Y' }), writer)).toEqual({ text: '(a)[X](d)[Y][2](b)' })
  expect(seen.filter((_, at) => at % 2 === 0)).toEqual(['1', '1', '2'])
})

test('what a writer refuses stops the template with its place', () => {
  const refuses = (what: string, over: Partial<Writer>): Writer => ({
    text: text => text,
    value: () => 'v',
    end: () => undefined,
    ...over,
    ...(what === 'end' && {
      end() {
        throw new CallRefused('not yet')
      },
    }),
  })
  const no = (): string => {
    throw new CallRefused('not here')
  }
  expect(made('a\n{{ 1 }}', undefined, refuses('', { value: no })).error).toBe(
    'template: t:2:3: executing "t" at <{{1}}>: not here',
  )
  expect(made('ab{{ 1 }}', undefined, refuses('', { text: no })).error).toBe(
    'template: t:1:0: executing "t" at <ab>: not here',
  )
  expect(made('{{ 1 }}', undefined, refuses('end', {})).error).toContain('not yet')
  const bug = refuses('', {
    value() {
      throw new TypeError('a bug')
    },
  })
  expect(() => made('{{ 1 }}', undefined, bug)).toThrow(TypeError)
})

test('a later definition counts, unless there is nothing in it', () => {
  const first = compileTemplate('{{ define "a" }}one{{ end }}{{ define "b" }}b{{ end }}main', {
    name: 'first',
  })
  const t = (text: string, wanted: string) =>
    expect(expand(compileTemplate(text, { name: 't', others: [first] }), undefined, undefined).text).toBe(
      wanted,
    )

  t('{{ define "a" }}two{{ end }}{{ template "a" }}', 'two')
  t('{{ define "a" }} \n{{ end }}{{ template "a" }}', 'one')
  t('{{ define "c" }} {{ end }}[{{ template "c" }}]', '[ ]')
  t('{{ template "first" }}', 'main')
  // A file that only defines the template it is called after.
  const named = compileTemplate('\n{{ define "named" }}n{{ end }}\n', { name: 'named' })
  expect(expand(named, undefined, undefined).text).toBe('n')
})

test('how long a template may be is a limit like others', () => {
  const limits = { textLength: 10 }
  expect(() => compileTemplate('0123456789', { name: 't', limits })).not.toThrow()
  try {
    expect.unreachable(compileTemplate('0123456789a', { name: 't', limits }).name)
  } catch (error) {
    expect((error as Failure).detail).toBe('1:1: wanted a template of at most 10 characters, found 11')
  }
})

test('whoever is called with much has spent much', () => {
  const t = (text: string, data: Value) =>
    expect(made(text, data).error, text).toContain('more than 100000 steps')

  t('{{ range 9999 }}{{ $y := len $ }}{{ end }}', 'a'.repeat(60_000))
  t('{{ range 9999 }}{{ $y := eq $ $ }}{{ end }}', marked('a'.repeat(60_000), 'text'))
  t('{{ range 9999 }}{{ $y := len $ }}{{ end }}', listOf(Array.from({ length: 9_999 }, () => 'x')))
})

test('a text with a name of its own is a text to whoever takes any', () => {
  const t = (text: string, wanted: string) =>
    expect(made(text, marked('aé', 'my.Text')).text, text).toBe(wanted)

  t('{{ . }} {{ printf "%s %q %v %T" . . . . }}', 'aé aé "aé" aé my.Text')
  t('{{ len . }} {{ index . 0 }} {{ printf "%T" (slice . 1) }}', '3 97 my.Text')
  t('{{ eq . "aé" }} {{ ne . "b" }} {{ lt . "b" }} {{ if . }}yes{{ end }}', 'true true true yes')
  expect(made('{{ if . }}yes{{ else }}no{{ end }}', marked('', 'my.Text')).text).toBe('no')
  expect(made('{{ toUpper . }}', marked('a', 'my.Text')).error).toContain('expected string; got my.Text')
})
