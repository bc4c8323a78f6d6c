// A pool in full: what to do about it, its resources, its parts, its requests. Called by ../html.ts.
import { type Html, html } from '#core/http/frame.ts'
import { dayText } from '../../days.ts'
import type { Request } from '../../request.ts'
import { whyText } from '../../requests/words.ts'
import { kindText, stateText } from '../../words.ts'
import { amount, count, dayOr, money, percent, units } from '../figures.ts'
import { isContradicted, type LineReport, type PoolReport } from '../pool-report.ts'
import { reportedRequestsMax } from '../report-model.ts'
import { type Around, dayWith, levelBar } from './around.ts'
import { resource } from './resource.ts'
import { riskText } from './summary.ts'

const partsMost = 40
const requestsMost = 20

// The page of one pool has its name for a title.
export function poolSection(pool: PoolReport, id: string, around: Around, title: 'h1' | 'h3' = 'h3'): Html {
  const { words } = around
  const labels = Object.entries(pool.pool.labels).map(
    ([name, value]) => html`<span class="label">${name}: ${value}</span> `,
  )
  const risk =
    pool.risk !== null &&
    html`<p class="why"><span class="tag ${pool.risk}">${words.riskNames[pool.risk]}</span> ${riskText(pool, around)}</p>`
  return html`<section class="pool" id="${id}">
<div class="pool-head"><${title}>${pool.name}</${title}><span class="do ${pool.units > 0 ? 'order' : ''}">${todo(pool, around)}</span></div>
<p class="labels">${labels}</p>
${risk}${isContradicted(pool) && html`<p class="why">${words.contradicts(dayText(pool.targetDay))}</p>`}
${facts(pool, around)}
${pool.resources.map(each => resource(each, pool, around))}
${parts(pool, around)}
${requests(pool, around)}
</section>`
}

function todo(pool: PoolReport, { words, language, today }: Around): string {
  if (pool.units === 0) return words.nothingToOrder
  if (pool.units < 0) {
    const back = units(-pool.units, pool.unit, language)
    return isContradicted(pool) ? words.giveBackAtRisk(back) : words.giveBack(back, dayText(pool.targetDay))
  }
  const wanted = units(pool.units, pool.unit, language)
  const isLate = pool.orderByDay === null || pool.orderByDay <= today
  return isLate ? words.pool.orderAtOnce(wanted) : words.pool.order(wanted, dayText(pool.orderByDay!))
}

function facts(
  { pool, unit, targetDay, soonestDay, cost, units: wanted }: PoolReport,
  { words, language }: Around,
): Html {
  const say = words.pool
  const { spare } = pool
  const spareText =
    spare.kind === 'zone'
      ? say.spareZone
      : spare.units === 0
        ? say.spareNone
        : units(spare.units, unit, language)
  const pairs: [string, string][] = [
    ...(cost === null || wanted <= 0
      ? []
      : [[words.head.cost, money(cost.amount, cost.currency)] as [string, string]]),
    [say.target, dayText(targetDay)],
    [say.lead, say.days(pool.leadDays)],
    [say.soonest, dayText(soonestDay)],
    [say.spare, spareText],
    ...(pool.cost === undefined
      ? []
      : [[say.price, money(pool.cost.perUnit, pool.cost.currency)] as [string, string]]),
    [say.daily, say.dailyOf[pool.daily]],
  ]
  return html`<dl class="facts">${pairs.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>`
}

// The fullest first.
function parts({ pool, unit, parts }: PoolReport, around: Around): Html | undefined {
  if (parts.length === 0) return undefined
  const { words, language } = around
  const { head } = words
  const several = pool.resources.length > 1
  const sorted = parts.toSorted((a, b) => fullness(b) - fullness(a))
  const rows = sorted.slice(0, partsMost).map(({ plan, unit: measured }) => {
    const { part, resource } = plan.line
    return html`<tr>${pool.by.map(name => html`<td data-name="${name}">${part[name] ?? ''}</td>`)}${several && html`<td>${resource}</td>`}<td class="number" data-name="${head.used}">${amount(plan.usedNow, measured)}</td><td class="number" data-name="${head.supply}">${amount(plan.supplyNow, measured)}</td><td class="nowrap level">${levelBar(plan.level, plan.waterline)} ${percent(plan.level)}</td><td class="nowrap wide">${dayWith(plan.forecast?.meets.likelyDay ?? null, around)}</td><td class="number units" data-name="${head.order}">${plan.units > 0 ? units(plan.units, unit, language) : ''}</td></tr>`
  })
  const more =
    parts.length > partsMost &&
    html`<tr><td colspan="8" class="soft">${words.more(count(parts.length - partsMost))}</td></tr>`
  // Of one resource; those that are left out are not in the plan.
  const most = Math.max(
    ...Map.groupBy(parts, ({ plan }) => plan.line.resource)
      .values()
      .map(({ length }) => length),
  )
  const crowded =
    most >= pool.partsMax && html`<p class="soft">${words.pool.partsMax(count(pool.partsMax))}</p>`
  return html`<h4>${words.pool.parts}</h4>${crowded}
<table class="small stack"><thead><tr>${pool.by.map(name => html`<th>${name}</th>`)}${several && html`<th>${head.resource}</th>`}<th class="number">${head.used}</th><th class="number">${head.supply}</th><th>${head.level}</th><th class="wide">${head.full}</th><th class="number">${head.order}</th></tr></thead><tbody>${rows}${more}</tbody></table>`
}

const fullness = ({ plan }: LineReport): number =>
  Number.isNaN(plan.level) ? -1 : plan.level / plan.waterline

const neededText = ({ kind, neededDay }: Request, words: Around['words']): string =>
  kind === 'reclaim' ? words.goesOn(dayText(neededDay)) : dayText(neededDay)

function requests({ requests }: PoolReport, { words, language, isCut }: Around): Html | undefined {
  const cut = isCut && html`<p class="soft">${words.pool.requestsCut(count(reportedRequestsMax))}</p>`
  if (requests.length === 0) return cut === false ? undefined : html`<h4>${words.pool.requests}</h4>${cut}`
  const { head } = words
  const rows = requests
    .toSorted((a, b) => b.number - a.number)
    .slice(0, requestsMost)
    .map(
      each =>
        html`<tr><td class="nowrap">#${each.number}</td><td class="units">${kindText(each.kind, language)} ${units(each.units, each.unit, language)}</td><td class="nowrap">${stateText(each.state, language)}</td><td class="nowrap" data-name="${head.neededBy}">${neededText(each, words)}</td><td class="nowrap wide">${dayOr(each.dueDay, '')}</td><td>${each.application !== null && html`<b>${each.application}</b> `}${whyText(each, language)}</td></tr>`,
    )
  const more =
    requests.length > requestsMost &&
    html`<tr><td colspan="6" class="soft">${words.more(count(requests.length - requestsMost))}</td></tr>`
  return html`<h4>${words.pool.requests}</h4>${cut}
<table class="small stack"><thead><tr><th>${head.number}</th><th>${head.order}</th><th>${head.state}</th><th>${head.neededBy}</th><th class="wide">${head.due}</th><th>${head.why}</th></tr></thead><tbody>${rows}${more}</tbody></table>`
}
