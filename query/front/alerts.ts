// What is wrong just now, at the head of the page: alerts that fire, the most severe first. Called by view.ts.

import { annotationIn } from '#core/annotations.ts'
import { type Html, html } from '#core/http/frame.ts'
import type { Labels } from '#core/model.ts'
import type { Facts, ShownAlert } from './facts.ts'
import { count, span } from './numbers.ts'
import type { Around } from './tiles.ts'
import { rankOf } from './worst.ts'

// Nothing where nobody knows of any.
export function alerts({ firing, nowMs }: Facts, around: Around): Html | undefined {
  if (firing === undefined) return undefined
  const { say, language } = around
  const { worst, count: all, incidents } = firing
  const number = all > 0 && html`<span class="small soft">${say.firing(count(all, language))}</span>`
  const head = html`<div class="bar"><h2 id="alerts">${say.alerts}</h2>${number}</div>`
  if (all === 0) {
    return html`<section class="said" aria-labelledby="alerts">
${head}
<p class="card empty">${say.noAlerts}</p>
</section>`
  }
  const rows = worst.map(each => row(each, { incident: incidents.get(each.fingerprint), nowMs }, around))
  const left = all - worst.length
  const more =
    left > 0 && html`<tr><td colspan="2" class="soft">${say.moreAlerts(count(left, language))}</td></tr>`
  return html`<section class="said" aria-labelledby="alerts">
${head}
<div class="card list"><table><tbody>${rows}${more}</tbody></table></div>
</section>`
}

type Beside = Readonly<{ incident: number | undefined; nowMs: number }>

function row(alert: ShownAlert, { incident, nowMs }: Beside, { say, language }: Around): Html {
  const { labels, annotations, sinceMs, held } = alert
  const summary = annotationIn(language, annotations, 'summary')
  const { alertname = '', severity = '' } = labels
  const bad = rankOf(alert) === 0 && html` class="bad"`
  const since = say.since(span(Math.max(0, nowMs - sinceMs), language))
  const mark = held !== undefined && html` <span class="held">${say.held[held]}</span>`
  const link =
    incident !== undefined && html`<br><a href="/i/${String(incident)}">${say.incident(String(incident))}</a>`
  return html`<tr><td><b${bad}>${cut(alertname, nameMax)}</b> <span class="soft">${cut(severity)}</span>${mark}<br>${cut(summary === '' ? told(labels) : summary)}</td><td class="number">${since}${link}</td></tr>`
}

const nameMax = 80
const textMax = 300

const cut = (text: string, max = textMax): string => (text.length <= max ? text : `${text.slice(0, max)}…`)

const told = (labels: Labels): string =>
  Object.entries(labels)
    .filter(([name]) => name !== 'alertname' && name !== 'severity')
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
