// The front page as HTML: what runs, how fast samples come in, this machine, who else sends, and how to begin.
// Pure: the same facts make the same page. Called by front-page.ts.
import { join } from 'node:path'
import { addressText } from '#core/config/values.ts'
import { frame, type Html, html } from '#core/http/frame.ts'
import type { Range } from '#core/store.ts'
import { alerts } from './alerts.ts'
import type { Facts } from './facts.ts'
import { howTo } from './how-to.ts'
import { count, moment, short, span } from './numbers.ts'
import type { Host, Newcomer } from './others.ts'
import { pulse } from './pulse.ts'
import type { Points } from './spark.ts'
import { style } from './style.ts'
import { texts } from './texts.ts'
import { type Around, tile } from './tiles.ts'

export function view(facts: Facts): string {
  const { language } = facts
  const range = rangeOf(facts)
  const around = { say: texts[language], language, range, span: span(range.toMs - range.fromMs, language) }
  const body = html`${top(facts, around)}
${open(facts, around)}
${alerts(facts, around)}
${pulse(facts, around)}
${thisMachine(facts, around)}
<div class="two">
${hosts(facts, around)}
${newcomers(facts, around)}
</div>
${howTo(placeOf(facts, around), around.say)}`
  return frame({ title: around.say.title, body, language, head: html`<style>${{ html: style }}</style>` })
}

const minuteMs = 60_000
const ranges = [5, 15, 30, 60].map(minutes => minutes * minuteMs)

// The pictures of one page share one range: an hour, or less while there is less to show.
export function rangeOf({ machine, nowMs }: Pick<Facts, 'machine' | 'nowMs'>): Range {
  const firsts = [machine.arriving, ...machine.readings.map(each => each.points)].map(firstOf)
  const ageMs = nowMs - Math.min(nowMs, ...firsts)
  return { fromMs: nowMs - (ranges.find(ms => ageMs <= ms) ?? ranges.at(-1)!), toMs: nowMs }
}

const firstOf = ({ tMs }: Points): number => tMs[0] ?? Number.POSITIVE_INFINITY

function top({ config, nowMs, pages, isHeld, renewsEveryS, principal }: Facts, { say }: Around): Html {
  const renewing = isHeld
    ? html`${say.heldAt(moment(nowMs, nowMs, config.timezone))} · <a href="/">${say.goOn}</a>`
    : html`${say.live(renewsEveryS)} · <a href="/?hold">${say.hold}</a>`
  return html`<div class="top">
<h1>${config.agent.host}</h1>
${pages.map(path => html`<a class="small" href="${path}">${say.pages[path]}</a>`)}
<span class="small soft">${renewing}</span>
${principal.kind === 'user' && html`<form method="post" action="/logout" class="small"><span class="soft">${principal.name} · </span><button>${say.logOut}</button></form>`}
</div>`
}

const key = (text: string): string => `auth.${text}`

function open({ config }: Facts, { say }: Around): Html | undefined {
  const scopes = config.auth.anonymous
  if (scopes.length === 0) return undefined
  const names = scopes.map(scope => say.scopes[scope]).join(say.and)
  return html`<div class="warn">
<p><b>${say.open(names)}</b></p>
<p class="small">${say.openWhy(addressText(config.listen), key('anonymous'))}</p>
</div>`
}

// The agent's default interval is 10 s; whoever waits longer than this has been forgotten.
const overdueTicks = 4

function thisMachine(facts: Facts, around: Around): Html {
  const { machine, config, nowMs, startedMs } = facts
  const { say, language } = around
  const { readings, lastMs } = machine
  const isNew = nowMs - startedMs < minuteMs
  const empty = config.agent.enabled
    ? html`${isNew ? say.firstReading : say.noReading}`
    : html`${say.agentOff} <code>agent: {enabled: false}</code>`
  const ageMs = lastMs === undefined ? 0 : Math.max(0, nowMs - lastMs)
  const isLate = config.agent.enabled && ageMs > overdueTicks * config.agent.intervalMs
  const when = isLate
    ? html`<span class="bad">${say.overdue(span(ageMs, language))}</span>`
    : html`${say.lastReading(span(ageMs, language))} · ${say.range(around.span)}`
  return html`<section aria-labelledby="machine">
<div class="bar"><h2 id="machine">${say.thisMachine}</h2>${lastMs !== undefined && html`<span class="small soft">${when}</span>`}</div>
${
  readings.length === 0
    ? html`<p class="card empty">${empty}</p>`
    : html`<div class="tiles">
${readings.map(reading => tile(reading, around))}
</div>`
}
</section>`
}

function hosts({ others, nowMs }: Facts, { say, language }: Around): Html | undefined {
  // Series without a host are somebody too.
  if (others.hosts.length === 0 && others.newcomers.length > 0) return undefined
  const age = ({ lastMs }: Host): string => {
    if (lastMs === undefined) return say.longAgo
    return ago(nowMs - lastMs, { say, language })
  }
  const rows = others.hosts.map(
    host =>
      html`<tr><td>${host.name}</td><td class="number${isSilent(host, nowMs) && ' soft'}">${age(host)}</td></tr>`,
  )
  const more =
    others.more > 0 &&
    html`<tr><td colspan="2" class="soft">${say.more(count(others.more, language))}</td></tr>`
  return html`<section aria-labelledby="others">
<div class="bar"><h2 id="others">${say.others}</h2></div>
${rows.length === 0 ? html`<p class="card empty">${say.nobody}</p>` : html`<div class="card list"><table><thead><tr><th>${say.host}</th><th class="number">${say.heard}</th></tr></thead><tbody>${rows}${more}</tbody></table></div>`}
</section>`
}

const isSilent = ({ lastMs }: Host, nowMs: number): boolean =>
  lastMs === undefined || nowMs - lastMs > 5 * minuteMs

const ago = (ageMs: number, { say, language }: Pick<Around, 'say' | 'language'>): string =>
  ageMs < 1_000 ? say.now : say.ago(span(ageMs, language))

// Only when there are any: the empty place is that of the hosts.
function newcomers({ others, nowMs }: Facts, around: Around): Html | undefined {
  if (others.newcomers.length === 0) return undefined
  const { say, language } = around
  const rows = others.newcomers.map(
    each =>
      html`<tr><td><code>${selector(each)}</code></td><td class="number" title="${each.value}">${short(each.value, language)}</td><td class="number">${ago(nowMs - each.tMs, around)}</td></tr>`,
  )
  return html`<section aria-labelledby="newcomers">
<div class="bar"><h2 id="newcomers">${say.newcomers}</h2></div>
<div class="card list series"><table><thead><tr><th>${say.seriesName}</th><th class="number">${say.value}</th><th class="number">${say.heard}</th></tr></thead><tbody>${rows}</tbody></table></div>
</section>`
}

const nameMax = 160

// As it is asked for: deck_load{deck="main"}. It may be broken before a label.
function selector({ series }: Newcomer): Html[] {
  const pairs = Object.entries(series.labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const text = pairs.length === 0 ? series.name : `${series.name}{${pairs.join(',')}}`
  const shown = text.length <= nameMax ? text : `${text.slice(0, nameMax)}…`
  return shown.split(/(?<=[{,])/).map((piece, at) => html`${at > 0 && html`<wbr>`}${piece}`)
}

function placeOf({ config, url, isHeld }: Facts, { say }: Around) {
  const { listen, externalUrl, data } = config
  const isHere = externalUrl === undefined && /^(localhost|127\..*|::1)$/.test(listen.host)
  return {
    url,
    isHeld,
    tokenFile: join(data, 'token'),
    onlyHere: isHere ? say.onlyHere(addressText(listen), 'listen') : undefined,
  }
}
