// The first page: what to order, what it costs, what is at risk, what has changed, how right we were, what may be given
// back. To be understood in ten seconds. Called by ../html.ts.
import { type Html, html } from '#core/http/frame.ts'
import type { Short } from '../../coming.ts'
import { dayText } from '../../days.ts'
import { causeText, findingWords } from '../../words.ts'
import {
  amount,
  byUnit,
  type Counted,
  count,
  dayOr,
  digits,
  money,
  monthName,
  namedUnits,
  percent,
  percentOff,
  shortMoney,
  units,
} from '../figures.ts'
import { isUrgent, type PoolReport } from '../pool-report.ts'
import type { Change, Report } from '../report-model.ts'
import { type Around, bindingOf, levelBar, nameOf, shareText } from './around.ts'
import { leftOver } from './left-over.ts'

const ordersMost = 12
// All of the first page fits on one of paper.
const risksMost = 7
const othersMost = 5

export function summary(report: Report, around: Around): Html {
  return html`${headline(report, around)}
${tiles(report, around)}
${orders(report, around)}
${risks(report, around)}${leftOver(report, around)}
<div class="two">
<div>${changes(report, around)}${reclaims(report, around)}</div>
<div>${accuracy(report, around)}${requested(report, around)}</div>
</div>`
}

function headline(report: Report, { words, language }: Around): Html {
  const { orders, costs } = report.summary
  const say = words.headline
  const cost = words.listAnd(costs.map(each => shortMoney(each.amount, each.currency, language)))
  const order =
    orders.length === 0
      ? say.orderNothing
      : say.order(unitsText(orders, { words, language }), count(orders.length), count(report.pools.length)) +
        (cost === '' ? '' : say.cost(cost))
  const urgent = report.pools.filter(isUrgent).length
  return html`<p class="lead">${order}${words.stop}${words.gap}${urgent === 0 ? say.noRisk : say.risk(urgent)}</p>`
}

function unitsText(
  pools: readonly Counted[],
  { words, language }: Pick<Around, 'words' | 'language'>,
): string {
  const named = namedUnits(pools, language)
  const more = byUnit(pools).length - named.length
  return words.listAnd([...named, ...(more > 0 ? [words.moreKinds(count(more))] : [])])
}

function tiles(report: Report, { words, language }: Around): Html {
  const { orders, costs, unpriced, reclaims } = report.summary
  const say = words.tiles
  const inPools = (pools: number): string => (pools === 1 ? say.inOnePool : say.inPools(count(pools)))
  const back = reclaims.map(({ unit, units: some }) => ({ unit, units: -some }))
  const counted = (pools: readonly Counted[]): Html =>
    pools.length === 0
      ? html`0`
      : html`${namedUnits(pools, language).map(each => html`<span class="sum">${each}</span>`)}`
  const tile = (text: Html, what: string, more: string, kind = ''): Html =>
    html`<div class="tile${kind}"><b>${text}</b><span>${what}</span><small>${more}</small></div>`
  const sums = costs.map(
    each => html`<span class="sum">${shortMoney(each.amount, each.currency, language)}</span>`,
  )
  const urgent = report.pools.filter(isUrgent).length
  return html`<div class="tiles">${[
    tile(counted(orders), say.order, inPools(orders.length)),
    tile(
      sums.length === 0 ? html`0` : html`${sums}`,
      say.cost,
      unpriced > 0 ? say.unpriced(count(unpriced)) : '',
    ),
    tile(
      html`${count(urgent)}`,
      say.risk(urgent),
      say.ofPools(count(report.pools.length)),
      urgent > 0 ? ' alarm' : '',
    ),
    tile(counted(back), say.reclaim, inPools(reclaims.length)),
  ]}</div>`
}

const moreRow = (all: number, shown: number, columns: number, { words }: Around): Html | undefined =>
  all > shown
    ? html`<tr><td colspan="${columns}" class="soft">${words.moreBelow(count(all - shown))}</td></tr>`
    : undefined

function orders({ summary: { orders } }: Report, around: Around): Html | undefined {
  if (orders.length === 0) return undefined
  const { words, language, today } = around
  const { head } = words
  const rows = orders.slice(0, ordersMost).map(each => {
    const binding = bindingOf(each)
    const isLate = each.orderByDay !== null && each.orderByDay <= today
    const level = binding?.plan.level ?? Number.NaN
    return html`<tr><td>${nameOf(each.name, around)}</td><td class="number units strong">${units(each.units, each.unit, language)}</td>${isLate ? html`<td class="nowrap"><b class="bad">${words.atOnce}</b></td>` : html`<td class="nowrap" data-name="${head.orderBy}">${dayOr(each.orderByDay, '')}</td>`}<td class="nowrap wide">${dayOr(each.neededDay, '')}</td><td class="number">${each.cost === null ? '' : money(each.cost.amount, each.cost.currency)}</td><td class="nowrap wide">${each.binding ?? ''}</td><td class="nowrap level">${levelBar(level, binding?.plan.waterline ?? 1)} ${percent(level)}</td></tr>`
  })
  return html`<section aria-labelledby="orders"><h2 id="orders">${words.orders}</h2>
<table class="stack"><thead><tr><th>${head.pool}</th><th class="number">${head.order}</th><th>${head.orderBy}</th><th class="wide">${head.neededBy}</th><th class="number">${head.cost}</th><th class="wide">${head.binding}</th><th>${head.level}</th></tr></thead><tbody>${rows}${moreRow(orders.length, ordersMost, 7, around)}</tbody></table></section>`
}

function risks({ summary: { risks } }: Report, around: Around): Html | undefined {
  if (risks.length === 0) return undefined
  const { words } = around
  const rows = risks
    .slice(0, risksMost)
    .map(
      each =>
        html`<tr><td>${nameOf(each.name, around)}</td><td><span class="tag ${each.risk ?? ''}">${words.riskNames[each.risk!]}</span></td><td>${riskText(each, around)}</td></tr>`,
    )
  return html`<section aria-labelledby="risks"><h2 id="risks">${words.risks}</h2>
<table class="risks"><tbody>${rows}${moreRow(risks.length, risksMost, 3, around)}</tbody></table></section>`
}

export function riskText(pool: PoolReport, { words, language }: Around): string {
  const { risk, soonestDay, resources, unsafe } = pool
  const { likelyDay, earlyDay, dueDay, isDueAssumed }: Short = pool.short ?? { ...pool, dueDay: null }
  const say = words.risk
  const onOrder = Math.max(0, ...resources.map(({ plan }) => plan.onOrderUnits))
  const ordered = units(onOrder, pool.unit, language)
  const more = onOrder > 0 ? words.gap + say.onOrder(ordered) : ''
  // Those dates are with them, which the dates beside the plot are not.
  const counted = onOrder > 0 && dueDay !== null ? words.gap + say.onOrderCounted(ordered) : more
  if (risk === 'over') {
    const over = resources.find(({ plan }) => plan.level >= plan.waterline)!.plan
    return say.over(over.line.resource, percent(over.level), shareText(over.waterline)) + more
  }
  if (risk === 'late') return say.late(dayOr(likelyDay, ''), dayText(soonestDay)) + counted
  if (risk === 'maybe') return say.maybe(dayOr(earlyDay, ''), dayText(soonestDay)) + counted
  const awaited = isDueAssumed === true ? say.awaitedByLead : say.awaited
  if (risk === 'awaited') return awaited(dayOr(earlyDay, ''), dayOr(dueDay, '')) + more
  if (risk === 'unknown') {
    const blind = resources.find(({ plan }) => plan.why !== null)?.plan
    return say.unknown(blind?.line.resource ?? pool.name, causeText(blind?.why ?? 'no_history', language))
  }
  return say.unsafe(words.listAnd(unsafe.map(kind => findingWords(kind, language).name)))
}

function changes({ summary }: Report, around: Around): Html {
  const { words, language } = around
  if (summary.changes === null)
    return html`<section><h2>${words.firstPlan}</h2><p class="soft">${words.noBefore}</p></section>`
  const { month, pools } = summary.changes
  const title = words.changes(monthName(month, language))
  if (pools.length === 0)
    return html`<section><h2>${title}</h2><p class="soft">${words.noChanges}</p></section>`
  const rows = pools
    .slice(0, othersMost)
    .map(
      each =>
        html`<tr><td>${nameOf(each.pool, around)}</td><td class="number">${unitsChange(each, around)}</td><td class="nowrap">${dayChange(each, around)}</td></tr>`,
    )
  return html`<section><h2>${title}</h2>
<table><thead><tr><th>${words.head.pool}</th><th class="number">${words.head.order}</th><th>${words.head.full}</th></tr></thead><tbody>${rows}${moreRow(pools.length, othersMost, 3, around)}</tbody></table></section>`
}

function unitsChange({ before, now }: Change, { words }: Around): Html {
  if (before === null) return html`<span class="tag">${words.newPool}</span> ${count(now?.units ?? 0)}`
  if (now === null) return html`${count(before.units)} <span class="tag">${words.gonePool}</span>`
  return before.units === now.units
    ? html`${count(now.units)}`
    : html`${count(before.units)} → <b>${count(now.units)}</b>`
}

function dayChange({ before, now }: Change, { words }: Around): string {
  const [was, is] = [before?.likelyDay ?? null, now?.likelyDay ?? null]
  const short = (day: number | null): string => dayOr(day, words.unknownDay)
  if (before === null || now === null || was === is) return short(now === null ? was : is)
  return `${short(was)} → ${short(is)}`
}

function reclaims({ summary }: Report, around: Around): Html | undefined {
  const { reclaims, contradicted } = summary
  if (reclaims.length + contradicted.length === 0) return undefined
  const { words, language } = around
  const left =
    contradicted.length > 0 &&
    html`<p class="soft small">${words.contradicted(count(contradicted.length), namesText(contradicted, words))}</p>`
  if (reclaims.length === 0) return html`<section><h2>${words.reclaims}</h2>${left}</section>`
  const rows = reclaims.slice(0, othersMost).map(each => {
    const binding = bindingOf(each)
    const level = binding?.plan.level ?? Number.NaN
    return html`<tr><td>${nameOf(each.name, around)}</td><td class="number units">${units(-each.units, each.unit, language)}</td><td class="nowrap" data-name="${words.head.goesFrom}">${dayText(each.targetDay)}</td><td class="nowrap level">${levelBar(level, binding?.plan.waterline ?? 1)} ${percent(level)}</td></tr>`
  })
  return html`<section><h2>${words.reclaims}</h2>
<table class="stack"><thead><tr><th>${words.head.pool}</th><th class="number">${words.head.units}</th><th>${words.head.goesFrom}</th><th>${words.head.level}</th></tr></thead><tbody>${rows}${moreRow(reclaims.length, othersMost, 4, around)}</tbody></table>${left}</section>`
}

function namesText(pools: readonly PoolReport[], words: Around['words']): string {
  const names = pools.slice(0, othersMost).map(({ name }) => name)
  const more = pools.length - names.length
  return names.join(words.comma) + (more > 0 ? words.comma + words.more(count(more)) : '')
}

function accuracy({ summary: { accuracy }, pools }: Report, around: Around): Html {
  const { words } = around
  const { bias, typical, within, lines } = accuracy
  if (accuracy.count === 0) {
    return html`<section><h2>${words.accuracy}</h2><p class="soft">${words.nothingCompared}</p></section>`
  }
  const lean =
    Math.abs(bias) < 0.001
      ? words.bias.none
      : bias > 0
        ? words.bias.over(percent(bias))
        : words.bias.under(percent(-bias))
  const unitOf = new Map(pools.flatMap(each => each.resources.map(({ plan, unit }) => [plan, unit] as const)))
  const rows = lines.slice(0, 4).map(({ line, error, isWithin }) => {
    const unit = unitOf.get(line) ?? ''
    const { likely, actual } = line.past!
    return html`<tr><td>${nameOf(line.line.pool, around)} <span class="soft">${line.line.resource}</span></td><td class="number" data-name="${words.head.forecast}">${amount(likely, unit)}</td><td class="number" data-name="${words.head.came}">${amount(actual, unit)}</td><td class="number${!isWithin && ' bad'}" data-name="${words.head.error}">${percentOff(error)}${!isWithin && html` <span class="soft outside">${words.resource.outside}</span>`}</td></tr>`
  })
  return html`<section><h2>${words.accuracy}</h2>
<p>${words.accuracyLine(count(accuracy.count), percent(typical), percent(within))}${words.gap}${lean}</p>
<table class="stack"><thead><tr><th>${words.head.pool}</th><th class="number">${words.head.forecast}</th><th class="number">${words.head.came}</th><th class="number">${words.head.error}</th></tr></thead><tbody>${rows}</tbody></table></section>`
}

function requested({ summary: { requested, planners } }: Report, around: Around): Html | undefined {
  if (requested.length === 0) return undefined
  const { words, language } = around
  const { head } = words
  const rows = requested
    .slice(0, othersMost)
    .map(
      ({ number, pool, unit, requestedUnits, deliveredUnits, neededUnits, isDue }) =>
        html`<tr><td>${nameOf(pool, around)} <span class="soft">#${number}</span></td><td class="number units">${units(requestedUnits, unit, language)}</td><td class="number">${count(deliveredUnits)}</td><td class="number">${count(neededUnits)}${!isDue && html` <span class="soft">${words.soFar}</span>`}</td></tr>`,
    )
  const people = planners
    .slice(0, othersMost)
    .map(
      ({ who, count: cases, formulaUnits, askedUnits }) =>
        html`<p class="small">${words.planner(who, count(cases), digits(askedUnits, 2), digits(formulaUnits, 2))}</p>`,
    )
  return html`<section><h2>${words.requested}</h2>
<table><thead><tr><th>${head.pool}</th><th class="number">${head.requested}</th><th class="number">${head.delivered}</th><th class="number">${head.needed}</th></tr></thead><tbody>${rows}${moreRow(requested.length, othersMost, 4, around)}</tbody></table>${people}</section>`
}
