// The page on which plans stand side by side, with the form that asks for them; it works without scripts. Called by routes.
import { type Html, html } from '#core/http/frame.ts'
import type { Language } from '#core/http/language.ts'
import type { Supposed } from '../../what-if.ts'
import { type Words, wordsOf } from '../../words.ts'
import { byUnit, type Counted, count, dayOr, shortMoney, units } from '../figures.ts'
import { pageOf } from '../html.ts'
import type { Compared, ComparedCell, Comparison, Totals } from '../what-if.ts'

const poolsMost = 500

export type WhatIfShown = Readonly<{
  said: Supposed & Readonly<{ pool?: readonly string[] | undefined }>
  // Null: nothing was supposed yet.
  comparison: Comparison | null
  // What is wrong with what was said.
  fault?: string | undefined
  language: Language
}>

export function whatIfHtml(shown: WhatIfShown): string {
  const { comparison, fault, language } = shown
  const words = wordsOf(language)
  const say = words.whatIf
  const body = html`<p class="tools"><a href="/capacity">${words.links.report}</a></p>
<h1>${say.title}</h1><p class="soft">${say.lead}</p>
${form(shown, words)}
<div id="answer">
${fault !== undefined && html`<p role="alert">${faultText(fault, words)}</p>`}
${isEmpty(shown) && html`<p role="status">${say.nothing}</p>`}
${comparison !== null && html`${totals(comparison, language)}${missed(comparison, words)}${pools(comparison, language)}`}
</div>`
  return pageOf({ title: say.title, body, language, isFile: false })
}

// The form came back with nothing in it; a first visit says nothing at all.
const isEmpty = ({ said, comparison, fault }: WhatIfShown): boolean =>
  comparison === null &&
  fault === undefined &&
  Object.values(said)
    .flat()
    .some(each => each !== undefined)

const unknownPool = /^no pool is called (.*?)(?:; did you mean (.*)\?)?$/s
const unknownResource = /^unit_capacity: no pool has a resource (.*?)(?:; did you mean (.*)\?)?$/s

// What is wrong begins with the name of what was said; the page calls it otherwise.
function faultText(fault: string, { whatIf: say }: Words): string {
  const pool = unknownPool.exec(fault)
  if (pool !== null) return say.noPool(pool[1]!, pool[2])
  const resource = unknownResource.exec(fault)
  if (resource !== null) return say.noResource(resource[1]!, resource[2])
  const fields: Readonly<Record<string, readonly [string, string]>> = {
    growth: [say.growth, say.hint.growth],
    event: [say.event, say.hint.event],
    waterline: [say.waterline, say.hint.waterline],
    lead_time: [say.leadTime, say.hint.leadTime],
    unit_capacity: [say.unit, say.hint.unit],
  }
  const [, name = '', what = ''] = /^(\w+): (.*)$/s.exec(fault) ?? []
  const [label, hint] = fields[name] ?? []
  return label === undefined || hint === undefined ? fault : say.wrong(label, hint, what)
}

// Whether the fault is this input's: it names the field, and what it found there where there are several.
function isFaulty(name: string, value: string, fault: string): boolean {
  if (name === 'pool') return unknownPool.exec(fault)?.[1] === value
  const resource = unknownResource.exec(fault)?.[1]
  if (resource !== undefined) return name === 'unit_capacity' && value.trim().startsWith(`${resource}=`)
  return fault.startsWith(`${name}: `) && fault.endsWith(`, found ${JSON.stringify(value)}`)
}

function form({ said, fault = '' }: WhatIfShown, { whatIf: say }: Words): Html {
  const field = (name: string, label: string, value = '', hint: string): Html =>
    html`<label class="${name === 'event' && 'long'}">${label}<input name="${name}" value="${value}" placeholder="${hint}" autocomplete="off"${isFaulty(name, value, fault) && html` aria-invalid="true"`}></label>`
  const { hint } = say
  return html`<form class="card what-if" method="get" action="/capacity/what-if#answer">
${field('growth', say.growth, said.growth, hint.growth)}
${field('event', say.event, said.event?.[0], hint.event)}
${said.event?.slice(1).map((each, at) => field('event', `${say.event} ${at + 2}`, each, hint.event)) ?? []}
${field('waterline', say.waterline, said.waterline, hint.waterline)}
${field('lead_time', say.leadTime, said.lead_time, hint.leadTime)}
${field('unit_capacity', say.unit, said.unit_capacity?.[0], hint.unit)}
${said.unit_capacity?.slice(1).map(each => field('unit_capacity', say.unit, each, hint.unit)) ?? []}
${field('pool', say.pool, said.pool?.[0], hint.pool)}
<button>${say.show}</button>
</form>`
}

const heads = (first: string, names: readonly string[]): Html =>
  html`<thead><tr><th>${first}</th>${names.map(name => html`<th class="number">${name}</th>`)}</tr></thead>`

function totals({ names, totals }: Comparison, language: Language): Html {
  const say = wordsOf(language).whatIf
  const row = (name: string, of: (each: Totals) => readonly string[]): Html => {
    const texts = totals.map(of)
    // Costs of other currencies stand in other places.
    const isNew = (text: string): boolean => texts[0]?.includes(text) === false
    return html`<tr><td>${name}</td>${texts.map(each => html`<td class="number">${each.map(text => html`<span class="sum${isNew(text) && ' differs'}">${text}</span>`)}</td>`)}</tr>`
  }
  const costs = ({ costs }: Totals): string[] =>
    costs.length === 0 ? ['0'] : costs.map(each => shortMoney(each.amount, each.currency, language))
  // The kinds stand in the same order in all plans.
  const counted = (of: (each: Totals) => readonly Counted[]) => {
    const kinds = byUnit(totals.flatMap(of)).map(({ unit }) => unit)
    return (each: Totals): string[] => {
      const sums = new Map(of(each).map(({ unit, units: some }) => [unit, some]))
      return kinds.length === 0 ? ['0'] : kinds.map(unit => units(sums.get(unit) ?? 0, unit, language))
    }
  }
  return html`<div class="scroll"><table>${heads('', names)}<tbody>${row(
    say.units,
    counted(({ orders }) => orders),
  )}${row(say.cost, costs)}${row(say.risk, each => [count(each.risks)])}${row(
    say.back,
    counted(({ back }) => back),
  )}</tbody></table></div>`
}

const eventsMost = 3

// Why a longer lead time may order less.
const missed = ({ missed }: Comparison, { whatIf: say, listAnd, more }: Words): Html[] =>
  missed.map(({ name, events, pools }) => {
    const hidden = events.length - eventsMost
    const list = hidden > 0 ? [...events.slice(0, eventsMost), more(count(hidden))] : events
    return html`<p class="soft">${say.missed(name, listAnd(list), pools)}</p>`
  })

function pools({ names, pools, same }: Comparison, language: Language): Html {
  const words = wordsOf(language)
  const say = words.whatIf
  const rows = pools.slice(0, poolsMost).map(each => poolRow(each, words, language))
  const more =
    pools.length > poolsMost &&
    html`<tr><td class="soft">${words.more(count(pools.length - poolsMost))}</td></tr>`
  return html`<h2>${say.differ}</h2>
${rows.length > 0 && html`<p class="soft">${say.cells}</p>`}
${rows.length > 0 && html`<div class="scroll"><table class="small">${heads(words.head.pool, names)}<tbody>${rows}${more}</tbody></table></div>`}
${same > 0 && html`<p class="soft">${say.same(same)}</p>`}`
}

const poolRow = ({ name, unit, cells }: Compared, words: Words, language: Language): Html => {
  const text = (cell: ComparedCell | null): Html => {
    if (cell === null) return html`${words.gonePool}`
    const isSame = cell.units === cells[0]?.units
    const wanted = units(cell.units, unit, language)
    return html`${isSame ? wanted : html`<b>${wanted}</b>`}<br><span class="soft">${dayOr(cell.likelyDay, words.notSoon)}</span>`
  }
  return html`<tr><td><a href="/capacity/${encodeURIComponent(name)}">${name}</a></td>${cells.map(cell => html`<td class="number">${text(cell)}</td>`)}</tr>`
}
