import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { compileAlertTemplate, expandAlertTemplate } from '#promql/template.ts'
import { runs } from '../../runs.ts'
import { data, expanded, world } from './expand-with.ts'

const t = (text: string, wanted: string) =>
  expect(() => compileAlertTemplate(text, 'Test'), text).toThrow(wanted)

test('says where and what', () => {
  t('{{ foo }}', '1:4: there is no function foo')
  t('{{ humanise $value }}', '1:4: there is no function humanise; did you mean humanize?')
  t('{{ $foo }}', '1:4: there is no variable $foo')
  t('{{ $label.job }}', '1:4: there is no variable $label; did you mean $labels?')
  t('{{ $x = 2 }}', '1:4: there is no variable $x')
  t('{{ $x := $x }}', '1:10: there is no variable $x')
  t('{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}', '1:39: there is no variable $x')
  t(
    '{{ define "a" }}{{ $labels }}{{ end }}',
    '1:20: there is no variable $labels inside of a defined template',
  )
  t('a\n  {{ 1a }}', '2:6: 1a is no number')
})

test('shows the line with a caret', () => {
  t('a\n  {{ 1a }} b\nc', '2:6: 1a is no number\n      {{ 1a }} b\n         ^')
  t(
    `${'x'.repeat(1_000)}{{ foo }}${'y'.repeat(1_000)}`,
    `1:1004: there is no function foo\n    ${'x'.repeat(77)}{{ foo }}`,
  )
})

test('actions that are not whole', () => {
  t('{{', '1:1: this {{ is never closed by }}')
  t('a\nb {{ 1', '2:3: this {{ is never closed by }}')
  t('{{/* a', '1:1: this comment is never closed by */')
  t('{{/* a */ b }}', '1:8: wanted }} at once behind the end of the comment')
  t('{{ }}', '1:4: an action wants a value')
  t('{{ | print }}', '1:4: did not expect | in an action')
  t('{{ ("a" }}', '1:9: wanted 1 more )')
  t('{{ "a") }}', '1:7: this ) closes nothing')
  t('{{ "abc }}', '1:4: this text between quotes is never closed')
  t('{{ `abc }}', '1:4: this text between backticks is never closed')
  t("{{ 'ab' }}", "1:4: 'ab' is not one character")
  t('{{ "\\q" }}', '1:4: \\q is no escape')
  t('{{ 1 + 2 }}', '1:6: + is no number')
  t('{{ 1i }}', '1:4: there are no complex numbers here')
  t('{{ 18446744073709551616 }}', '1:4: 18446744073709551616 is too large for an integer')
  t('{{ 1 :2 }}', '1:6: wanted := here')
  t('{{ .x- }}', '1:6: did not expect "-" behind .x')
  t('{{ "a""b" }}', '1:7: did not expect "b" in an action')
  t('{{ "a".x }}', '1:7: "a" has no fields')
  t('{{ nil.x }}', '1:7: nil has no fields')
  t('{{ 1 | 2 }}', '1:8: wanted a function behind the |')
  t('{{\u00a01 }}', '1:3: did not expect the character U+00A0 here')
})

test('blocks that are not whole', () => {
  t('{{ if true }}x', '1:1: this if has no {{end}}')
  t('{{ range . }}{{ if . }}{{ end }}', '1:1: this range has no {{end}}')
  t('{{ end }}', '1:1: this end belongs to nothing')
  t('{{ else }}', '1:1: this else belongs to nothing')
  t('{{ if true }}a{{ else }}b{{ else }}c{{ end }}', 'found a second else')
  t('{{ if }}x{{ end }}', '1:7: if wants a value')
  t('{{ if 1 }}{{ end 2 }}', '1:18: did not expect 2 in end')
  t('{{ break }}', '1:4: break outside of range')
  t('{{ range . }}{{ else }}{{ continue }}{{ end }}', '1:27: continue outside of range')
  t(
    '{{ range . }}{{ define "x" }}{{ break }}{{ end }}{{ end }}',
    '1:17: templates are defined at the outermost level only',
  )
  t('{{ template foo }}', '1:13: did not expect foo in template: wanted a name in quotes')
  t('{{ define foo }}{{ end }}', '1:11: did not expect foo in define: wanted a name in quotes')
  t('{{define "a"}}1{{end}}{{define "a"}}2{{end}}', '1:23: the template "a" is defined twice')
  t('{{ $a, $b := 1 }}', '1:6: too many variables in an action: only range takes two')
  t('{{ range $a, $b, $c := 1 }}{{ end }}', '1:16: too many variables in range')
  t('{{ range $a, }}{{ end }}', '1:14: wanted a second variable behind the comma')
})

test('bounds what is read', () => {
  t(`{{ ${'('.repeat(200)}1${')'.repeat(200)} }}`, 'nested more than 100 deep')
  t(`${'{{ if 1 }}'.repeat(200)}${'{{ end }}'.repeat(200)}`, 'nested more than 100 deep')
  t(`{{ 1 }}${'x'.repeat(70_000)}`, 'wanted a template of at most 65536 characters, found 70007')
})

const pieces = fc.constantFrom(
  ...['{{', '}}', '{{-', '-}}', ' ', 'if', 'end', 'else', 'range', 'with', 'define "a"', 'template "a"'],
  ...[
    '$x',
    '$labels',
    '.',
    '.a',
    ':=',
    '=',
    '|',
    '(',
    ')',
    '"s"',
    '`r`',
    "'c'",
    '1',
    '1.5',
    '-',
    'nil',
    'true',
  ],
  ...[
    'print',
    'len',
    'index',
    'slice',
    'printf "%v%d"',
    'eq',
    'and',
    'or',
    'args',
    'query "m"',
    'first',
    'é',
  ],
  ...[
    'break',
    'continue',
    'block "b" .',
    '/* c */',
    ',',
    '$',
    '\n',
    '{{ end }}',
    '{{ if . }}',
    '{{ range . }}',
  ],
)

test('whatever comes is expanded or refused with a reason', () => {
  const some = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 20 }).map(each => each.join(' ')),
  )
  const inside = fc.array(pieces, { maxLength: 6 }).map(each => `{{ ${each.join(' ')} }}`)
  fc.assert(
    fc.property(fc.oneof(some, inside), text => {
      try {
        const { text: made, error } = expandAlertTemplate(compileAlertTemplate(text, 'Test'), data, world)
        if (error !== undefined) expect(made).toBe(`<error expanding template: ${error}>`)
      } catch (error) {
        expect(error).toBeInstanceOf(Failure)
        expect((error as Failure).code).toBe('bad_template')
        expect((error as Failure).detail).toMatch(/^\d+:\d+: /)
      }
    }),
    { numRuns: runs(1_000) },
  )
})

test('text without {{ is what it says', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      fc.pre(!text.includes('{{'))
      expect(expanded(text)).toBe(text)
      // Also where an action makes the engine run.
      if (!text.endsWith('{')) expect(expanded(`${text}{{ "" }}`)).toBe(text)
    }),
  )
})

test('any text in a literal comes out as it went in', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      expect(expanded(`{{ ${JSON.stringify(text)} }}`)).toBe(text)
    }),
  )
})
