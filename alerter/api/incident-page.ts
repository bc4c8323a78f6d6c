// The page of an incident: what happened, newest first, readable on a phone. Called by incident-routes.ts.
import { frame, type Html, html } from '#core/http/frame.ts'
import type { Language } from '#core/http/language.ts'
import type { Fact } from '../fact.ts'
import type { IncidentView } from '../facts.ts'
import { clockText } from './clock-text.ts'
import { alertNames, factLine } from './fact-words.ts'
import type { Speech } from './why-words.ts'

const texts = {
  en: {
    incident: (number: number) => `Incident ${number}`,
    since: (at: string) => `open since ${at}`,
    until: (from: string, to: string) => `from ${from} to ${to}`,
    told: 'told to',
    happened: 'What happened',
    nothing: 'Nothing is written down.',
    older: (count: number) => `Only the newest ${count} are shown.`,
    all: 'all alerts',
    hour: 'The last hour',
  },
  zh: {
    incident: (number: number) => `事件 ${number}`,
    since: (at: string) => `自 ${at} 起未恢复`,
    until: (from: string, to: string) => `${from} 至 ${to}`,
    told: '接收者',
    happened: '经过',
    nothing: '没有记录。',
    older: (count: number) => `仅显示最新的 ${count} 条。`,
    all: '全部告警',
    hour: '最近一小时',
  },
} as const satisfies Record<Language, object>

// One line on a wide screen, two on a phone.
const style: Html = html`<style>
.facts{list-style:none;margin:0;padding:0}
.facts li{padding:.6rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
.facts time{display:inline-block;min-width:5.5rem;color:var(--soft);font-variant-numeric:tabular-nums}
.facts p{margin:.1rem 0 0}
.hour{display:block;max-width:100%;height:auto;border-radius:.5rem}
.labels{overflow-wrap:anywhere}
</style>`

export type IncidentPage = Readonly<{
  incident: IncidentView
  // Newest first.
  facts: readonly Fact[]
  isCut: boolean
  // The address of the last hour.
  picture?: string | undefined
}>

export function incidentPage({ incident, facts, isCut, picture }: IncidentPage, speech: Speech): string {
  const { language } = speech
  const say = texts[language]
  const nameOf = alertNames(facts, language)
  const lines = facts.map(fact => factItem(fact, nameOf, speech))
  const labels = Object.entries(incident.labels).map(([name, value]) => `${name}=${value}`)
  const body = html`<h1>${say.incident(incident.number)}</h1>
<p class="labels">${labels.length === 0 ? say.all : labels.join(' · ')}</p>
<p class="${incident.closedAtMs === null ? 'bad' : 'good'}">${durationOf(incident, speech)}</p>
<p class="soft">${say.told} ${incident.receiver}</p>
${picture !== undefined && html`<p><img class="hour" src="${picture}" alt="${say.hour}" width="640" height="240"></p>`}
<h2>${say.happened} <span class="soft">(${speech.timeZone})</span></h2>
${lines.length === 0 ? html`<p class="soft">${say.nothing}</p>` : html`<ol class="facts">${lines}</ol>`}
${isCut && html`<p class="soft">${say.older(facts.length)}</p>`}`
  return frame({ title: say.incident(incident.number), body, language, head: style })
}

function durationOf({ openedAtMs, closedAtMs }: IncidentView, speech: Speech): string {
  const say = texts[speech.language]
  const from = clockText(openedAtMs, speech)
  return closedAtMs === null ? say.since(from) : say.until(from, clockText(closedAtMs, speech))
}

function factItem(fact: Fact, nameOf: (fingerprint: string) => string, speech: Speech): Html {
  const { title, about, more, mood } = factLine(fact, nameOf, speech)
  const at = new Date(fact.atMs).toISOString()
  return html`<li><time datetime="${at}">${clockText(fact.atMs, speech)}</time> <b class="${mood}">${title}</b> ${about}${more !== '' && html`<p class="soft">${more}</p>`}</li>
`
}
