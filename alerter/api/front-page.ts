// The page at `/` of an alerter that stands alone: what this is, and what fires. Called by bin/.
import { annotationIn } from '#core/annotations.ts'
import { frame, type Html, html } from '#core/http/frame.ts'
import { type Language, languageOf } from '#core/http/language.ts'
import { page } from '#core/http/page.ts'
import { type Route, route } from '#core/http/route.ts'
import { isResolved } from '../alert.ts'
import type { IncidentView } from '../facts.ts'
import type { AlertView } from '../timeline/views.ts'
import { clockTime, zoneText } from './clock-text.ts'
import type { PlimsollParts } from './why-routes.ts'
import type { Speech } from './why-words.ts'

const texts = {
  en: {
    title: 'Alerts',
    what: (version: string) =>
      `Plimsoll ${version} stands in for Alertmanager here: amtool, Prometheus and Grafana talk to it at this address.`,
    firing: (count: number) => `Firing: ${count}`,
    nothing: 'Nothing fires.',
    more: (count: number) => `and ${count} more; amtool alert query shows all`,
    since: (at: Html) => html`since ${at}`,
    held: 'held back',
    incidents: 'Open incidents',
  },
  zh: {
    title: '告警',
    what: (version: string) =>
      `此处由 Plimsoll ${version} 代替 Alertmanager：amtool、Prometheus 与 Grafana 均可使用本地址。`,
    firing: (count: number) => `正在告警：${count}`,
    nothing: '当前没有告警。',
    more: (count: number) => `另有 ${count} 条；amtool alert query 可列出全部`,
    since: (at: Html) => html`自 ${at}`,
    held: '未通知',
    incidents: '未恢复的事件',
  },
} as const satisfies Record<Language, object>

// Numbers that a thumb can hit, and times that stay in one line.
const style: Html = html`<style>
td a{display:inline-block;min-width:1.5rem;padding:.25rem 0}
td{overflow-wrap:anywhere}
time{white-space:nowrap}
</style>`

const alertsMax = 100
const incidentsMax = 20
const renewsEveryS = 10

export type FrontPageParts = PlimsollParts & Readonly<{ version: string }>

export const frontPageRoute = ({ view, clock, timeZone, version, ...parts }: FrontPageParts): Route =>
  route({
    method: 'GET',
    path: '/',
    scope: 'read',
    summary: 'A page for people: what fires, and the incidents that are open.',
    async handle({ headers }) {
      const nowMs = clock.nowMs()
      const language = languageOf(headers['accept-language'], parts.language)
      const firing = [...(await view.alerts())].filter(({ alert }) => !isResolved(alert, nowMs))
      const incidents = await view.incidents({ isOpen: true, limit: incidentsMax })
      const text = frontPage({ firing, incidents, version }, { language, timeZone, nowMs })
      return page(text, { headers: { refresh: String(renewsEveryS) } })
    },
  })

type Shown = Readonly<{
  firing: readonly AlertView[]
  incidents: readonly IncidentView[]
  version: string
}>

function frontPage({ firing, incidents, version }: Shown, speech: Speech): string {
  const { language } = speech
  const say = texts[language]
  const newest = firing.toSorted((a, b) => b.alert.startsAtMs - a.alert.startsAtMs).slice(0, alertsMax)
  const left = firing.length - newest.length
  const body = html`<p class="soft">${say.what(version)}</p>
<h1 class="${firing.length === 0 ? 'good' : 'bad'}">${firing.length === 0 ? say.nothing : say.firing(firing.length)}</h1>
${newest.length > 0 && html`<table><tbody>${newest.map(each => alertRow(each, speech))}</tbody></table>`}
${left > 0 && html`<p class="soft">${say.more(left)}</p>`}
${incidents.length > 0 && html`<h2>${say.incidents}</h2><table><tbody>${incidents.map(each => incidentRow(each, speech))}</tbody></table>`}
${newest.length + incidents.length > 0 && html`<p class="soft">${zoneText(speech)}</p>`}`
  return frame({ title: say.title, body, language, head: style })
}

function alertRow({ alert, state }: AlertView, speech: Speech): Html {
  const say = texts[speech.language]
  const { alertname = '', ...labels } = alert.labels
  const summary = annotationIn(speech.language, alert.annotations, 'summary')
  const text = summary === '' ? labelsText(labels) : summary
  const held = state === 'suppressed' && html` <span class="soft">${say.held}</span>`
  return html`<tr><td><b>${cut(alertname, nameMax)}</b>${held}<br>${cut(text)}</td><td class="number">${say.since(clockTime(alert.startsAtMs, speech))}</td></tr>`
}

function incidentRow({ number, labels, openedAtMs }: IncidentView, speech: Speech): Html {
  const since = texts[speech.language].since(clockTime(openedAtMs, speech))
  return html`<tr><td><a href="/i/${number}">${number}</a> ${cut(labelsText(labels))}</td><td class="number">${since}</td></tr>`
}

// Whoever posts alerts may post long ones.
const nameMax = 80
const textMax = 300
const cut = (text: string, max = textMax): string => (text.length <= max ? text : `${text.slice(0, max)}…`)

const labelsText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' · ')
