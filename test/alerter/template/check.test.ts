import { expect, test } from 'vitest'
import { problemText } from '#core/config/problem.ts'
import { checkTemplates } from '../../../alerter/template/check.ts'

const said = (...given: Parameters<typeof checkTemplates>): string[] => {
  const { unreadable, gaps } = checkTemplates(...given)
  return [...unreadable, ...gaps].map(problemText)
}

test('says nothing about files that work', () => {
  const one = { name: '/etc/one.tmpl', text: '{{ define "one" }}{{ template "two" . }}{{ end }}' }
  const two = { name: '/etc/two.tmpl', text: '{{ define "two" }}{{ template "__subject" . }}{{ end }}' }
  expect(said([])).toEqual([])
  // The first uses what the second defines, the second what is ready.
  expect(said([one, two])).toEqual([])
  expect(
    said([two], [{ name: 'slack.title', text: '{{ template "two" . }}{{ template "two.tmpl" . }}' }]),
  ).toEqual([])
  expect(said([], [{ name: 'a', text: '{{ define "x" }}{{ end }}{{ template "x" }}' }])).toEqual([])
})

test('names what cannot be read, with its line and a caret', () => {
  const broken = { name: '/etc/a.tmpl', text: 'fine\n  {{ .Status | toUper }}\n' }
  expect(said([broken])).toEqual([
    [
      '/etc/a.tmpl:2:16  wanted a template that works, found there is no function toUper; did you mean toUpper?',
      '      {{ .Status | toUper }}',
      '                   ^',
    ].join('\n'),
  ])
})

test('names each definition that is used and nowhere made', () => {
  const file = {
    name: 'a.tmpl',
    text: '{{ if .Status }}\n{{ template "gone" . }}{{ else }}{{ range .Alerts }}{{ template "lost" }}{{ end }}{{ end }}',
  }
  const { unreadable, gaps: found } = checkTemplates(
    [file],
    [{ name: 'mail.html', text: '{{ template "mine" . }}' }],
  )
  expect(unreadable).toEqual([])
  expect(found.map(each => [each.file, each.line, each.found])).toEqual([
    ['a.tmpl', 2, 'the template "gone", which nothing defines'],
    ['a.tmpl', 2, 'the template "lost", which nothing defines'],
    ['mail.html', 1, 'the template "mine", which nothing defines'],
  ])
  expect(found.map(({ excerpt = '', column }) => excerpt.slice(column - 1, column + 5))).toEqual([
    '"gone"',
    '"lost"',
    '"mine"',
  ])
})

test('one that cannot be read does not hide what others define', () => {
  const files = [
    { name: 'a.tmpl', text: '{{ define "a" }}{{ end }}' },
    { name: 'b.tmpl', text: '{{' },
    { name: 'c.tmpl', text: '{{ template "a" }}{{ template "b" }}' },
  ]
  const { unreadable, gaps } = checkTemplates(files)
  expect(unreadable).toMatchObject([{ file: 'b.tmpl', line: 1, column: 1 }])
  expect(gaps).toMatchObject([{ file: 'c.tmpl', line: 1, column: 31 }])
})
