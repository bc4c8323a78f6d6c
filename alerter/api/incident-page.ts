// The page of an incident: what happened, newest first, readable on a phone. Called by incident-routes.ts.
import { annotationIn } from '#core/annotations.ts'
import { frame, type Html, html } from '#core/http/frame.ts'
import type { Language } from '#core/http/language.ts'
import { noLabels } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import type { Fact } from '../fact.ts'
import { detailsOf } from '../fact-details.ts'
import type { IncidentView } from '../facts.ts'
import { placeOf } from '../words/place.ts'
import { tidy } from '../words/tidy.ts'
import { shorten } from '../words.ts'
import { clockTime, zoneText } from './clock-text.ts'
import { factLine } from './fact-words.ts'
import { type Firing, firingList } from './incident-firing.ts'
import { type Known, knownIn } from './known-facts.ts'
import { acknowledgedText, alertName, type Speech } from './why-words.ts'

const texts = {
  en: {
    incident: (number: number) => `Incident ${number}`,
    since: (at: Html) => html`open since ${at}`,
    until: (from: Html, to: Html) => html`from ${from} to ${to}`,
    receiver: 'receiver',
    runbook: 'Runbook',
    happened: 'What happened',
    nothing: 'Nothing is written down.',
    older: (count: number) => `Only the newest ${count} are shown.`,
    all: 'all alerts',
    hour: 'The last hour',
  },
  zh: {
    incident: (number: number) => `事件 ${number}`,
    since: (at: Html) => html`自 ${at} 起未恢复`,
    until: (from: Html, to: Html) => html`${from} 至 ${to}`,
    receiver: '接收者',
    runbook: '处理手册',
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
.labels a{display:inline-block;padding:.25rem 0}
</style>`

export type IncidentPage = Readonly<{
  incident: IncidentView
  firing: Firing
  // Newest first.
  facts: readonly Fact[]
  isCut: boolean
  // Of alerts elsewhere that keep some of these from being told.
  inhibitors: readonly Fact[]
  // The address of the last hour.
  picture?: string | undefined
}>

export function incidentPage(shown: IncidentPage, speech: Speech): string {
  const { incident, firing, facts, isCut, inhibitors, picture } = shown
  const { language } = speech
  const say = texts[language]
  const known = knownIn([...facts, ...inhibitors])
  const around = { known, twice: namesTwice(facts, known, speech), group: incident.labels, speech }
  const lines = facts.map(fact => factItem(fact, around))
  const labels = shorten(labelsText(Object.entries(incident.labels)), { chars: labelsMax })
  const body = html`<h1>${say.incident(incident.number)}</h1>
<p class="labels">${labels === '' ? say.all : labels}</p>
<p class="${incident.closedAtMs === null ? 'bad' : 'good'}">${durationOf(incident, speech)}</p>
<p class="soft">${say.receiver} ${incident.receiver} · ${zoneText(speech)}</p>
${acknowledgedLine(facts, speech)}
${runbookLine(facts, language)}
${firingList(firing, speech)}
${picture !== undefined && html`<p><img class="hour" src="${picture}" alt="${say.hour}" width="640" height="240"></p>`}
<h2>${say.happened}</h2>
${lines.length === 0 ? html`<p class="soft">${say.nothing}</p>` : html`<ol class="facts">${lines}</ol>`}
${isCut && html`<p class="soft">${say.older(facts.length)}</p>`}`
  return frame({ title: say.incident(incident.number), body, language, head: style })
}

function durationOf({ openedAtMs, closedAtMs }: IncidentView, speech: Speech): Html {
  const say = texts[speech.language]
  const from = clockTime(openedAtMs, speech)
  return closedAtMs === null ? say.since(from) : say.until(from, clockTime(closedAtMs, speech))
}

// The last one who has taken it over.
function acknowledgedLine(facts: readonly Fact[], speech: Speech): Html | undefined {
  const found = facts.find(({ kind }) => kind === 'acknowledged')
  if (found === undefined) return undefined
  const acknowledged = { by: tidy(found.who), atMs: found.atMs }
  return html`<p>${acknowledgedText({ acknowledged }, speech)}</p>`
}

// That of the alert that began last and has one.
function runbookLine(facts: readonly Fact[], language: Language): Html | undefined {
  const [text] = facts.flatMap(fact => runbookOf(fact, language))
  if (text === undefined) return undefined
  const shown = isLink(text) ? html`<a href="${text}">${text}</a>` : text
  return html`<p class="labels"><span class="soft">${texts[language].runbook}</span> ${shown}</p>`
}

const runbookMax = 500

function runbookOf(fact: Fact, language: Language): string[] {
  const { annotations = noLabels } = detailsOf(fact) as { annotations?: Labels }
  if (fact.kind !== 'fired') return []
  const text = tidy(
    annotationIn(language, annotations, 'runbook_url') || annotationIn(language, annotations, 'runbook'),
  )
  return text === '' || text.length > runbookMax ? [] : [text]
}

// Whoever posts alerts writes it: no scheme that runs anything, and no path that leads to another host.
const isLink = (text: string): boolean =>
  /^https?:\/\//i.test(text) ? URL.canParse(text) : /^\/(?![/\\])/.test(text)

type Around = Readonly<{ known: Known; twice: ReadonlySet<string>; group: Labels; speech: Speech }>

// By which several alerts are called: only their labels tell them apart.
function namesTwice(facts: readonly Fact[], known: Known, speech: Speech): ReadonlySet<string> {
  const prints = new Set(facts.flatMap(({ fingerprint }) => fingerprint ?? []))
  const names = [...prints].map(print => alertName(print, known.labelsOf(print) ?? null, speech))
  const [once, twice] = [new Set<string>(), new Set<string>()]
  for (const name of names) (once.has(name) ? twice : once).add(name)
  return twice
}

function factItem(fact: Fact, { known, twice, group, speech }: Around): Html {
  const { title, about, more, mood } = factLine(fact, known, speech)
  const isTold = fact.kind === 'fired' || (fact.kind === 'resolved' && twice.has(about))
  const softly = [more, isTold ? ownLabels(fact, group) : ''].filter(each => each !== '')
  return html`<li>${clockTime(fact.atMs, speech)} <b class="${mood}">${title}</b> ${about}${softly.map(each => html`<p class="soft">${each}</p>`)}</li>
`
}

const labelsMax = 500
const ownMax = 200

// Which neither the head of the page says nor the name of the alert; nothing where that is long.
function ownLabels(fact: Fact, group: Labels): string {
  const { labels = noLabels } = detailsOf(fact) as { labels?: Labels }
  const place = placeOf(labels)
  const own = Object.entries(labels).filter(
    ([name, value]) => name !== 'alertname' && group[name] !== value && tidy(value) !== place,
  )
  const text = labelsText(own)
  return text.length > ownMax ? '' : text
}

const labelsText = (labels: readonly (readonly [name: string, value: string])[]): string =>
  labels.map(([name, value]) => `${tidy(name)}=${tidy(value)}`).join(' · ')
