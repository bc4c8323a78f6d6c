import { expect, test } from 'vitest'
import type { Failure } from '#core/errors.ts'
import { labelsOf } from '#core/labels.ts'
import { openTemplates } from '../../../alerter/template.ts'
import { alertOf, messageOf, startMs } from '../messages.ts'

const message = messageOf({
  receiver: 'team.a',
  truncated: { firing: 1, resolved: 2 },
  timeZone: 'Asia/Shanghai',
  commonLabels: labelsOf([
    ['job', 'node'],
    ['alertname', 'Down'],
    ['a', '1'],
  ]),
  alerts: [alertOf(), alertOf({ status: 'resolved', endsAtMs: startMs + 1_500 })],
  atMs: startMs + 60_000,
})
const ready = openTemplates([])
const t = (text: string, wanted: string) => expect(ready.render(text, message, 'text'), text).toBe(wanted)
function refused(text: string, wanted: string): void {
  try {
    expect.unreachable(ready.render(text, message, 'text'))
  } catch (error) {
    expect((error as Failure).detail, text).toContain(wanted)
  }
}

test('labels are in order, the name of the alert first', () => {
  t('{{ .CommonLabels }}', 'alertname=Down, a=1, job=node')
  t('{{ join "/" .CommonLabels.Names }} {{ join "/" .CommonLabels.Values }}', 'alertname/a/job Down/1/node')
  t('{{ .CommonLabels.Remove (stringSlice "a" "job" "x") }}', 'alertname=Down')
  t(
    '{{ .CommonLabels.SortedPairs.Names }} {{ .CommonLabels.SortedPairs }}',
    '[alertname a job] alertname=Down, a=1, job=node',
  )
  t('{{ range .CommonLabels.SortedPairs }}{{ .Name }}:{{ .Value }};{{ end }}', 'alertname:Down;a:1;job:node;')
  // What JavaScript's objects inherit is no label.
  t('[{{ .CommonLabels.constructor }}{{ index .CommonLabels "__proto__" }}]', '[]')
})

test('alerts are told by what they do', () => {
  t('{{ len .Alerts }} {{ len .Alerts.Firing }} {{ len .Alerts.Resolved }}', '2 1 1')
  t(
    '{{ range .Alerts.Resolved }}{{ .Status }} {{ .Labels.host }} {{ .EndsAt.Sub .StartsAt }}{{ end }}',
    'resolved db-7 5m1.5s',
  )
  t(
    '{{ (index .Alerts 0).EndsAt.IsZero }} {{ (index .Alerts 0).EndsAt }}',
    'true 0001-01-01 00:00:00 +0000 UTC',
  )
  // One that fires may have an end ahead, which is none yet.
  const ahead = messageOf({ alerts: [alertOf({ endsAtMs: startMs })] })
  expect(ready.render('{{ (index .Alerts 0).EndsAt.IsZero }}', ahead, 'text')).toBe('true')
  refused('{{ .Alerts.Firing.Firing }}', "can't evaluate field Firing in type []template.Alert")
})

test('what only webhooks and we know is there, and does not print with the rest', () => {
  t('{{ .GroupKey }} {{ .TruncatedAlerts }} {{ .Incident }}', '{}/{team="a"}:{alertname="DiskFull"} 3 4711')
  t('{{ .Link }}', 'https://plimsoll.example.org/i/4711?k=a_b')
  expect(ready.render('{{ . }}{{ toJson . }}', message, 'text')).not.toContain('4711')
  expect(
    ready.render('[{{ .Incident }}{{ .Link }}]', messageOf({ incident: null, link: null }), 'text'),
  ).toBe('[]')
})

test('the receiver stands for itself in a pattern', () => {
  t('{{ .Receiver }} {{ match .Receiver "teamxa" }}', 'team\\.a false')
})

test('times are told in UTC, in the zone of the message, and in any other', () => {
  const at = '(index .Alerts 0).StartsAt'
  t(`{{ ${at} }}`, '2026-11-21 08:55:00.12 +0000 UTC')
  t(
    `{{ ${at}.Local }} {{ ${at}.Local.Hour }} {{ ${at}.Local.UTC.Hour }}`,
    '2026-11-21 16:55:00.12 +0800 CST 16 8',
  )
  t(`{{ ${at}.Format "02.01.2006 15:04:05.000 MST Z07:00" }}`, '21.11.2026 08:55:00.120 UTC Z')
  t(`{{ date "15:04 -07:00 -07 MST" (tz "Asia/Kolkata" ${at}) }}`, '14:25 +05:30 +05 IST')
  t(`{{ (tz "America/New_York" ${at}).Format "Mon Jan _2 3PM MST" }}`, 'Sat Nov 21 3AM EST')
  t(`{{ (tz "GMT" ${at}).Format "15:04 MST" }}`, '08:55 GMT')
  t(`{{ ((tz "Europe/Berlin" ${at}).AddDate 0 6 0).Format "2006-01-02 15:04 MST" }}`, '2027-05-21 09:55 CEST')
  t(`{{ since ${at} }} {{ since ${at} | humanizeDuration }}`, '6m0s 6m 0s')
  refused(`{{ tz "Moon/Sea" ${at} }}`, 'unknown time zone Moon/Sea')
})

test('JSON is as Go writes it', () => {
  t('{{ toJson .CommonLabels }}', '{"a":"1","alertname":"Down","job":"node"}')
  t('{{ toJson (stringSlice "<a>" "b\\n\\"" ) }}', '["\\u003ca\\u003e","b\\n\\""]')
  t('{{ toJson .GroupLabels.SortedPairs }}', '[{"Name":"alertname","Value":"DiskFull"}]')
  t('{{ toJson (tz "Asia/Tokyo" (index .Alerts 0).StartsAt) }}', '"2026-11-21T17:55:00.12+09:00"')
  t(
    '{{ toJson 1 }}{{ toJson nil }}{{ toJson true }}{{ toJson (safeHtml "a") }}{{ toJson 1.5 }}',
    '1nulltrue"a"1.5',
  )
})

test('texts are changed', () => {
  t(
    '{{ title "fooBAR baz" }} {{ toUpper "aß" }} {{ toLower "AÉ" }} [{{ trimSpace "\\t a \\n" }}]',
    'Foobar Baz Aß aé [a]',
  )
  t('{{ urlUnescape "a%20b+c%C3%A9" }} {{ "a b" | urlquery }}', 'a b cé a+b')
  t('{{ reReplaceAll "(\\\\w)-(\\\\w)" "$2-$1" "a-b" }} {{ join "," nil }}|', 'b-a |')
  t(
    '{{ eq "a" (safeHtml "a") }} {{ len (safeUrl "é") }} {{ printf "%T" (slice (safeHtml "abc") 1) }}',
    'true 2 template.HTML',
  )
  t(
    '{{ if safeHtml "" }}a{{ else }}b{{ end }}{{ lt (safeHtml "a") "b" }}{{ index (safeHtml "a") 0 }}',
    'btrue97',
  )
  t('{{ print (safeHtml "<b>") 1 (safeUrl "u") "x" 2 3 }}', '<b>1ux2 3')
  refused('{{ urlUnescape "%zz" }}', 'error calling urlUnescape: invalid URL escape "%zz"')
  refused('{{ match "(" "a" }}', 'error calling match: (')
  refused('{{ toUpper (safeHtml "a") }}', 'wrong type for value; expected string; got template.HTML')
})

test('a template may say who has taken it over', () => {
  const text =
    '{{ if .AcknowledgedBy }}{{ .AcknowledgedBy }} {{ .AcknowledgedAt.Local.Format "15:04" }}{{ end }}.'
  t(text, '.')
  t('{{ .AcknowledgedAt.IsZero }}', 'true')
  const acknowledged = { by: '+8613800138000', atMs: startMs }
  const taken = messageOf({ acknowledged, language: 'zh', timeZone: 'Asia/Shanghai' })
  expect(ready.render(text, taken, 'text')).toBe('尾号 8000 17:00.')
})
