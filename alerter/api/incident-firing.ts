// What of an incident fires still, at the head of its page: what is wrong where, since when, the value against what it is
// compared with, and where it came from. Called by incident-routes.ts, which finds it, and by the page, which shows it.
import { annotationIn } from '#core/annotations.ts'
import { type Html, html } from '#core/http/frame.ts'
import type { Language } from '#core/http/language.ts'
import type { KnownAlert } from '../alert.ts'
import { toldAlert } from '../delivery/compose.ts'
import { openThresholds } from '../delivery/threshold.ts'
import type { IncidentView } from '../facts.ts'
import type { ToldAlert } from '../message.ts'
import { tidy } from '../words/tidy.ts'
import { alertTitle, valueText } from '../words/title.ts'
import { shorten, tongueOf } from '../words.ts'
import { clockTime } from './clock-text.ts'
import type { AlerterView } from './view.ts'
import type { Speech } from './why-words.ts'

// `more` of them were counted; unless that is all, there are others still.
export type Firing = Readonly<{ shown: readonly ToldAlert[]; more: number; isAll: boolean }>

const shownMax = 20
// A storm has tens of thousands, and for each it is looked what holds it.
const lookedMax = 1_000

// Of its group, as it stands now.
export async function firingIn(
  { group, closedAtMs }: IncidentView,
  view: Pick<AlerterView, 'groups'>,
): Promise<Firing> {
  const found: KnownAlert[] = []
  for (const each of closedAtMs === null ? await view.groups() : []) {
    if (each.id !== group) continue
    for (const { alert } of each.alerts) if (found.push(alert) > lookedMax) break
    break
  }
  const thresholdOf = openThresholds()
  const newest = found.toSorted((a, b) => b.startsAtMs - a.startsAtMs).slice(0, shownMax)
  return {
    shown: newest.map(each => toldAlert(each, false, thresholdOf(each.generatorUrl))),
    more: Math.min(found.length, lookedMax) - newest.length,
    isAll: found.length <= lookedMax,
  }
}

const texts = {
  en: {
    fires: 'Fires now',
    since: (at: Html) => html`since ${at}`,
    value: 'When it began: ',
    origin: 'Where it came from',
    more: (count: string) => `and ${count} more`,
  },
  zh: {
    fires: '正在告警',
    since: (at: Html) => html`自 ${at}`,
    value: '触发时：',
    origin: '查看来源',
    more: (count: string) => `另有 ${count} 条`,
  },
} as const satisfies Record<Language, object>

const titleMax = 300
const originMax = 2_000

export function firingList({ shown, more, isAll }: Firing, speech: Speech): Html | undefined {
  if (shown.length === 0) return undefined
  const say = texts[speech.language]
  return html`<h2>${say.fires}</h2>
<ol class="facts">${shown.map(each => firingItem(each, speech))}</ol>
${more > 0 && html`<p class="soft">${say.more(isAll ? String(more) : `${more}+`)}</p>`}`
}

function firingItem(alert: ToldAlert, speech: Speech): Html {
  const say = texts[speech.language]
  const tongue = tongueOf(speech)
  const title = alertTitle(alert, tongue)
  const value = valueText(alert, tongue)
  const description = tidy(annotationIn(speech.language, alert.annotations, 'description'))
  // Without a summary the title has the value already.
  const softly = [
    title.includes(description) ? '' : description,
    value === '' || title.endsWith(value) ? '' : say.value + value,
  ]
  const link =
    isElsewhere(alert) && html`<p><a href="${alert.generatorUrl}" rel="noreferrer">${say.origin}</a></p>`
  return html`<li><b class="bad">${shorten(title, { chars: titleMax })}</b> <span class="soft">${say.since(clockTime(alert.startsAtMs, speech))}</span>${softly.filter(each => each !== '').map(each => html`<p class="soft">${each}</p>`)}${link}</li>
`
}

// Whoever posts alerts writes it, and tells no value. Ours lead to graphs, which are not there yet.
const isElsewhere = ({ value, generatorUrl: text }: ToldAlert): boolean =>
  value === '' && text.length <= originMax && /^https?:\/\//i.test(text) && URL.canParse(text)
