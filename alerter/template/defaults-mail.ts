// The page of a mail under Alertmanager's name `email.default.html`: the same words and links as there, in our own looks.
// Called by defaults.ts.

const cell = 'padding:4px 0;font-size:14px;line-height:1.5'

// Of a list of alerts.
const half = (alerts: string, name: string): string => `{{ if gt (len ${alerts}) 0 }}
<p style="${cell}"><strong>[{{ len ${alerts} }}] ${name}</strong></p>
{{ range ${alerts} }}
<p style="${cell}"><strong>Labels</strong><br>
{{ range .Labels.SortedPairs }}{{ .Name }} = {{ .Value }}<br>
{{ end }}{{ if gt (len .Annotations) 0 }}<strong>Annotations</strong><br>
{{ range .Annotations.SortedPairs }}{{ .Name }} = {{ .Value }}<br>
{{ end }}{{ end }}<a href="{{ .GeneratorURL }}">Source</a></p>
{{ end }}{{ end }}`

export const mailPage = `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ template "__subject" . }}</title>
</head>
<body style="margin:0;padding:16px;font-family:system-ui,sans-serif">
<div style="max-width:640px;border-left:6px solid {{ if gt (len .Alerts.Firing) 0 }}#d92d20{{ else }}#12873d{{ end }};padding:4px 0 4px 14px">
<h1 style="margin:0 0 12px;font-size:18px">{{ len .Alerts }} alert{{ if gt (len .Alerts) 1 }}s{{ end }} for {{ range .GroupLabels.SortedPairs }}
{{ .Name }}={{ .Value }}
{{ end }}</h1>
<p style="${cell}"><a href="{{ template "__alertmanagerURL" . }}">View in {{ template "__alertmanager" . }}</a></p>
${half('.Alerts.Firing', 'Firing')}
{{ if gt (len .Alerts.Resolved) 0 }}{{ if gt (len .Alerts.Firing) 0 }}<hr>{{ end }}{{ end }}
${half('.Alerts.Resolved', 'Resolved')}
<p style="${cell};opacity:.7"><a href="{{ .ExternalURL }}">Sent by {{ template "__alertmanager" . }}</a></p>
</div>
</body>
</html>
`
