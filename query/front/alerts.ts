// What is wrong just now, at the head of the page: alerts that fire, the most severe first. Called by view.ts.

import { type Html, html } from '#core/http/frame.ts'
import type { Labels } from '#core/model.ts'
import type { Facts, ShownAlert } from './facts.ts'
import { count, span } from './numbers.ts'
import type { Around } from './tiles.ts'

const shownMax = 20

// Nothing where no rules are evaluated.
export function alerts({ firing, nowMs }: Facts, { say, language }: Around): Html | undefined {
  if (firing === undefined) return undefined
  const head = html`<div class="bar"><h2 id="alerts">${say.alerts}</h2></div>`
  if (firing.length === 0) {
    return html`<section class="said" aria-labelledby="alerts">
${head}
<p class="card empty">${say.noAlerts}</p>
</section>`
  }
  const rows = firing
    .toSorted((a, b) => rankOf(a) - rankOf(b) || b.sinceMs - a.sinceMs)
    .slice(0, shownMax)
    .map(each => {
      const { alertname = '', severity = '' } = each.labels
      const bad = rankOf(each) === 0 && html` class="bad"`
      const since = say.since(span(Math.max(0, nowMs - each.sinceMs), language))
      return html`<tr><td><b${bad}>${alertname}</b> <span class="soft">${severity}</span><br>${each.summary === '' ? told(each.labels) : each.summary}</td><td class="number">${since}</td></tr>`
    })
  const left = firing.length - shownMax
  const more =
    left > 0 && html`<tr><td colspan="2" class="soft">${say.moreAlerts(count(left, language))}</td></tr>`
  return html`<section class="said" aria-labelledby="alerts">
${head}
<div class="card list"><table><tbody>${rows}${more}</tbody></table></div>
</section>`
}

const ranks = ['page', 'critical', 'error', 'warn', 'warning', 'info']

// What states no severity stands between a page and a warning.
function rankOf({ labels }: ShownAlert): number {
  const rank = ranks.indexOf(labels['severity'] ?? '')
  if (rank < 0) return 1
  return rank < 2 ? 0 : rank
}

const told = (labels: Labels): string =>
  Object.entries(labels)
    .filter(([name]) => name !== 'alertname' && name !== 'severity')
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
