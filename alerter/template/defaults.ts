// The templates that every file may use without defining them, under Alertmanager's names: written anew, and what they
// make is what Alertmanager 0.31 makes of the same alerts, but for the link and the page of a mail. Called by template.ts.
import { mailPage } from './defaults-mail.ts'

type Definition = readonly [name: string, text: string]

const subject = `{{ $others := .CommonLabels.Remove .GroupLabels.Names -}}
[{{ toUpper .Status }}{{ if eq .Status "firing" }}:{{ len .Alerts.Firing }}{{ end }}] {{ join " " .GroupLabels.Values }} {{ if gt (len .CommonLabels) (len .GroupLabels) }}({{ join " " $others.Values }}){{ end }}`

// Its interface is not there; each message has the page of its incident.
const pageUrl =
  '{{ if .Link }}{{ .Link }}{{ else }}{{ .ExternalURL }}/#/alerts?receiver={{ urlquery .Receiver }}{{ end }}'

// What a list of alerts gives.
const plainList = `{{ range . -}}
Labels:
{{ range .Labels.SortedPairs }} - {{ .Name }} = {{ .Value }}
{{ end -}}
Annotations:
{{ range .Annotations.SortedPairs }} - {{ .Name }} = {{ .Value }}
{{ end -}}
Source: {{ .GeneratorURL }}
{{ end }}`

const markdownList = `
{{ range . -}}
Labels:
{{ range .Labels.SortedPairs }}  - {{ .Name }} = {{ .Value }}
{{ end }}
Annotations:
{{ range .Annotations.SortedPairs }}  - {{ .Name }} = {{ .Value }}
{{ end }}
Source: {{ .GeneratorURL }}

{{ end }}`

// Both halves, each under its heading. \`end\` is what stands behind a half.
const halves = (list: string, heading: string, end: string): string =>
  [
    ['Firing', '.Alerts.Firing'],
    ['Resolved', '.Alerts.Resolved'],
  ]
    .map(
      ([name, alerts]) =>
        `{{ if gt (len ${alerts}) 0 }}${heading}Alerts ${name}:\n{{ template "${list}" ${alerts} }}${end}{{ end }}`,
    )
    .join('\n')

const plainHalves = halves('__text_alert_list', '', '')
const spacedHalves = `${halves('__text_alert_list', '\n', '\n')}\n`
const markdownHalves = `\n${halves('__text_alert_list_markdown', '\n# ', '\n')}\n`
const summary = '{{ .CommonAnnotations.Values | join " " }}'

const same = (name: string, names: string): Definition[] =>
  names.split(' ').map(each => [each, `{{ template "${name}" . }}`])
const empty = (names: string): Definition[] => names.split(' ').map(each => [each, ''])

const definitions: readonly Definition[] = [
  ['__alertmanager', 'Alertmanager'],
  ['__alertmanagerURL', pageUrl],
  ['__subject', subject],
  ['__text_alert_list', plainList],
  ['__text_alert_list_markdown', markdownList],
  ['slack.default.fallback', '{{ template "__subject" . }} | {{ template "__alertmanagerURL" . }}'],
  ['pagerduty.default.instances', '{{ template "__text_alert_list" . }}'],
  ['opsgenie.default.description', `${summary}\n${plainHalves}`],
  ['victorops.default.state_message', `${summary}\n${plainHalves}`],
  [
    'wechat.default.message',
    `{{ template "__subject" . }}\n${summary}\n${plainHalves}\nAlertmanagerUrl:\n{{ template "__alertmanagerURL" . }}`,
  ],
  ['telegram.default.message', `\n${spacedHalves}`],
  ['discord.default.message', `\n${spacedHalves}`],
  ['pushover.default.message', `${summary}\n${spacedHalves}`],
  ['sns.default.message', `${summary}\n${spacedHalves}`],
  ['webex.default.message', `${summary}\n${spacedHalves}`],
  ['msteams.default.text', markdownHalves],
  ['msteamsv2.default.text', markdownHalves],
  ['jira.default.description', markdownHalves],
  ['mattermost.default.text', markdownHalves],
  ['email.default.html', mailPage],
  ...same('__alertmanager', 'slack.default.username pagerduty.default.client'),
  ...same('__alertmanager', 'victorops.default.monitoring_tool rocketchat.default.alias'),
  ...same('__alertmanagerURL', 'slack.default.titlelink pagerduty.default.clientURL'),
  ...same('__alertmanagerURL', 'opsgenie.default.source pushover.default.url rocketchat.default.titlelink'),
  ...same('__subject', 'slack.default.title pagerduty.default.description opsgenie.default.message'),
  ...same('__subject', 'victorops.default.entity_display_name pushover.default.title sns.default.subject'),
  ...same('__subject', 'discord.default.title msteams.default.summary msteams.default.title'),
  ...same('__subject', 'msteamsv2.default.title jira.default.summary rocketchat.default.title'),
  ...same('__subject', 'email.default.subject'),
  ...empty('__description discord.default.content jira.default.priority'),
  ...empty('slack.default.callbackid slack.default.pretext slack.default.iconemoji slack.default.iconurl'),
  ...empty('slack.default.text slack.default.footer'),
  ...empty('wechat.default.to_user wechat.default.to_party wechat.default.to_tag wechat.default.agent_id'),
  ...empty('rocketchat.default.emoji rocketchat.default.iconurl rocketchat.default.text'),
]

export const defaultTemplates: string = definitions
  .map(([name, text]) => `{{ define "${name}" }}${text}{{ end }}`)
  .join('\n')
