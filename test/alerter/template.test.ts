import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '#core/errors.ts'
import { openTemplates } from '../../alerter/template.ts'
import { alertOf, messageOf } from './messages.ts'

const ready = openTemplates([])
const text = (written: string): string => ready.render(written, messageOf(), 'text')
const html = (written: string): string => ready.render(written, messageOf(), 'html')

function refusal(go: () => unknown): string {
  try {
    return `no refusal: ${go()}`
  } catch (error) {
    expect(error).toBeInstanceOf(Failure)
    expect((error as Failure).code).toBe('bad_template')
    return (error as Failure).detail
  }
}

test('a text becomes what it says of the message', () => {
  const t = (written: string, wanted: string) => expect(text(written), written).toBe(wanted)

  t('', '')
  t('plain', 'plain')
  t('{{ .Status | toUpper }} {{ .GroupLabels.alertname }}', 'FIRING DiskFull')
  t('{{ range .Alerts }}{{ .Labels.host }}{{ else }}none{{ end }}', 'db-7')
  t('{{ template "slack.default.title" . }}', '[FIRING:1] DiskFull (db-7 page)')
  // A label that is not there is empty.
  t('[{{ .CommonLabels.nope }}]', '[]')
})

test('files define what settings use, and the later one counts', () => {
  const templates = openTemplates([
    {
      name: '/etc/a.tmpl',
      text: '{{ define "who" }}a{{ end }}{{ define "kept" }}kept {{ template "who" . }}{{ end }}',
    },
    {
      name: '/etc/b.tmpl',
      text: '{{ define "who" }}b{{ end }}{{ define "__subject" }}ours{{ end }}main {{ .Status }}',
    },
  ])
  const t = (name: string, wanted: string) =>
    expect(templates.render(`{{ template "${name}" . }}`, messageOf(), 'text')).toBe(wanted)

  t('kept', 'kept b')
  t('slack.default.title', 'ours')
  // A file is a template under its name.
  t('b.tmpl', 'main firing')
})

test('a definition with nothing in it does not replace one', () => {
  const templates = openTemplates([{ name: 'a.tmpl', text: '{{ define "__subject" }} {{ end }}' }])
  expect(templates.render('{{ template "__subject" . }}', messageOf(), 'text')).toContain('[FIRING:1]')
})

test('a definition of a text is not seen by the next', () => {
  expect(text('{{ define "once" }}x{{ end }}{{ template "once" . }}')).toBe('x')
  expect(refusal(() => text('{{ template "once" . }}'))).toContain('"once" not defined')
})

test('what fails says where', () => {
  const t = (go: () => unknown, wanted: string) => expect(refusal(go)).toContain(wanted)

  t(() => text('a\n  {{ .Nope }}'), 'template: :2:5: executing "" at <.Nope>: can\'t evaluate field Nope')
  t(() => text('{{ if }}'), '1:7: if wants a value')
  t(() => text('{{ toUper .Status }}'), '1:4: there is no function toUper; did you mean toUpper?')
  t(() => html('<p>{{ template "none" . }}'), 'template: :1:15: executing "" at')
  t(() => openTemplates([{ name: '/etc/x.tmpl', text: '\n{{ end }}' }]), '/etc/x.tmpl:2:1: this end')
})

test('nothing runs for long, goes deep or grows large', () => {
  const t = (written: string, wanted: string) =>
    expect(
      refusal(() => text(written)),
      written,
    ).toContain(wanted)

  t('{{ range 1000000000 }}{{ end }}', 'more than 500000 steps')
  t('{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}', 'more than 200 deep')
  t('{{ $x := "ab" }}{{ range 99 }}{{ $x = print $x $x }}{{ end }}', 'longer than 4194304 characters')
  t('{{ $x := printf "%999999s" "a" }}{{ range 99999 }}{{ $y := len $x }}{{ end }}', 'steps')
  t('{{ $x := printf "%9999s" "a" }}{{ range 9999 }}{{ $y := match "(a*)*b" $x }}{{ end }}', 'steps')
  t(`{{ "${'a'.repeat(1_048_576)}" }}`, 'at most 1048576 characters')
})

test('a mail about a thousand alerts is well within the bounds', () => {
  const alerts = Array.from({ length: 1_000 }, (_, nth) =>
    alertOf({ status: nth % 2 ? 'firing' : 'resolved' }),
  )
  const page = ready.render('{{ template "email.default.html" . }}', messageOf({ alerts }), 'html')
  expect(page.match(/Source<\/a>/g)).toHaveLength(1_000)
})

test('what is ready links to the page of the incident, or to what a file defines', () => {
  const message = messageOf({ link: 'http://p.example/i/7' })
  const mail = '{{ template "email.default.html" . }}'
  expect(ready.render(mail, message, 'html')).toContain(
    '<a href="http://p.example/i/7">View in Alertmanager</a>',
  )
  expect(ready.render('{{ template "slack.default.titlelink" . }}', message, 'text')).toBe(
    'http://p.example/i/7',
  )
  const own = openTemplates([{ name: 'a', text: '{{ define "__alertmanagerURL" }}http://karma/{{ end }}' }])
  expect(own.render(mail, message, 'html')).toContain('<a href="http://karma/">View in')
})

const piece = fc.oneof(
  fc.constantFrom(
    '{{',
    '}}',
    '{{-',
    '-}}',
    '{{ end }}',
    '{{ else }}',
    '{{ range .Alerts }}',
    '{{ if .Status }}',
  ),
  fc.constantFrom(
    '{{ template "__subject" . }}',
    '{{ define "a" }}',
    '{{ . }}',
    '{{ with .CommonLabels }}',
    '{{ break }}',
  ),
  fc.constantFrom(
    '{{ .Alerts.Firing }}',
    '{{ toJson . | ',
    'index . ',
    '"a" ',
    '.Labels ',
    '| html ',
    '$x := ',
    '(',
    ')',
  ),
  fc.constantFrom(
    '<a href="',
    '">',
    "<b title='",
    '<script>',
    '</script>',
    '<!--',
    '-->',
    '<style>',
    '<p ',
    '=',
    '<',
  ),
  fc.string({ maxLength: 6 }),
)

test('whatever comes is rendered or refused with a place', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom('text', 'html'), (pieces, kind) => {
      try {
        expect(typeof ready.render(pieces.join(''), messageOf(), kind)).toBe('string')
      } catch (error) {
        expect(error).toBeInstanceOf(Failure)
        expect((error as Failure).detail).toMatch(/^(?:template: [^\n]*?:)?\d+:\d+: /)
      }
    }),
    { numRuns: 600 },
  )
})
