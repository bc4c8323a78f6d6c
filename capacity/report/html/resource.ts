// A resource of a pool: its picture, and beside it what is forecast, when it is full, how its units come about and how
// right such forecasts were. Called by pool.ts.
import { coded, type Html, html } from '#core/http/frame.ts'
import { dayText } from '../../days.ts'
import type { Finding } from '../../forecast.ts'
import type { LinePlan } from '../../plan.ts'
import { causeText, findingWords, methodText } from '../../words.ts'
import { amount, count, dayOr, digits, partOf, percent, percentOff, span, units } from '../figures.ts'
import { type Formula, formulaText } from '../formula.ts'
import { isMeetShown, plot } from '../plot.ts'
import type { LineReport, PoolReport } from '../pool-report.ts'
import type { Around } from './around.ts'

export function resource(
  { plan, unit, formula, isBinding }: LineReport,
  pool: PoolReport,
  around: Around,
): Html {
  const { words, today } = around
  const { name: poolName, pool: settings } = pool
  const { resource: name } = plan.line
  const level = levelOf(plan, unit, around)
  const dates = datesText(plan, around)
  const desc = words.resource.desc(level, dates)
  const picture = plot({
    ...{ plan, unit, today, events: settings.events, words },
    ...{ title: words.plot.of(name, poolName), desc },
  })
  const badge =
    isBinding && pool.resources.length > 1 && html` <span class="tag">${words.resource.binding}</span>`
  return html`<div class="resource">
<p class="now"><b>${name}</b>${badge} ${level}</p>
<div><figure>${picture}${legend(plan, pool, around)}</figure>
<div class="said">${findings(plan, unit, around)}</div></div>
<div class="said">${plan.why !== null && html`<p class="bad">${words.resource.why(causeText(plan.why, around.language))}</p>`}
${forecast(plan, unit, around)}
${formula !== null && formulaHtml(formula, pool, around)}
${method(plan, around)}
${past(plan, unit, around)}</div>
</div>`
}

function levelOf({ usedNow, supplyNow, level }: LinePlan, unit: string, { words, today }: Around): string {
  const say = words.resource
  if (!Number.isFinite(supplyNow)) return say.levelUnknown(amount(usedNow, unit))
  if (!Number.isFinite(usedNow)) return say.usedUnknown(dayText(today - 1), amount(supplyNow, unit))
  return say.level(partOf(usedNow, supplyNow, unit), amount(supplyNow, unit), percent(level))
}

function datesText({ forecast }: LinePlan, { words }: Around): string {
  if (forecast === null) return words.notSoon
  const { earlyDay, likelyDay, lateDay } = forecast.meets
  const say = words.resource
  const named: [string, number | null][] = [
    [say.early, earlyDay],
    [say.likely, likelyDay],
    [say.late, lateDay],
  ]
  return named.map(([name, day]) => `${name} ${dayOr(day, words.notSoon)}`).join(words.comma)
}

type Item = 'demand' | 'forecast' | 'band' | 'supply' | 'waterline' | 'meets' | 'event'

function legend(plan: LinePlan, { pool }: PoolReport, { words, today }: Around): Html {
  const { forecast, supplyNow } = plan
  const items: Item[] = [
    'demand',
    ...(forecast === null ? [] : (['forecast', 'band'] as const)),
    ...(Number.isFinite(supplyNow) ? (['supply', 'waterline'] as const) : []),
    ...(isMeetShown(plan, today) ? (['meets'] as const) : []),
    ...(pool.events.length === 0 ? [] : (['event'] as const)),
  ]
  const shapes: Readonly<Record<Item, Html>> = {
    demand: html`<path class="demand" d="M0 5H24"/>`,
    forecast: html`<path class="forecast" d="M0 5H24"/>`,
    band: html`<rect class="band" width="24" height="10"/>`,
    supply: html`<path class="supply" d="M0 5H24"/>`,
    waterline: html`<path class="waterline" d="M0 5H24"/>`,
    meets: html`<path class="cross" d="M12 0l5 5l-5 5l-5 -5Z"/>`,
    event: html`<g class="event"><rect width="24" height="10"/></g>`,
  }
  const item = (name: Item): Html =>
    html`<span><svg viewBox="0 0 24 10" aria-hidden="true">${shapes[name]}</svg>${words.plot.legend[name]}</span> `
  return html`<figcaption>${items.map(item)}</figcaption>`
}

function forecast(plan: LinePlan, unit: string, around: Around): Html | undefined {
  const { target, forecast } = plan
  const { words } = around
  if (target === null || forecast === null) return undefined
  const said = words.resource.forecast(dayText(target.day), amount(target.likely, unit))
  const band = words.resource.band(span(target.low, target.high, unit, words.to))
  return html`${dates(plan, around)}
<h5>${words.head.forecast}</h5><p><b>${said}</b>${words.comma}${band}</p>`
}

// Without a supply there is no waterline to meet.
function dates(
  { forecast, level, waterline, supplyNow }: LinePlan,
  { words, today }: Around,
): Html | undefined {
  if (forecast === null || !Number.isFinite(supplyNow)) return undefined
  const say = words.resource
  const { earlyDay, likelyDay, lateDay } = forecast.meets
  const date = (name: string, day: number | null, kind: string): Html =>
    html`<div class="${kind}"><dt>${name}</dt><dd>${dayOr(day, words.notSoon)}${day !== null && html`<small>${words.inDays(day - today)}</small>`}</dd></div>`
  const all = html`${date(say.early, earlyDay, 'early')}${date(say.likely, likelyDay, 'likely')}${date(say.late, lateDay, 'late')}`
  return html`<h5>${say.meets}</h5>
${level >= waterline ? html`<p><b class="bad">${say.isOver(dayText(today - 1))}</b></p>` : html`<dl class="dates">${all}</dl>`}`
}

function formulaHtml(formula: Formula, { unit }: PoolReport, { words, language }: Around): Html {
  const { scale, agrees } = formula
  const say = words.resource
  const wanted = units(formula.units, unit, language)
  return html`<h5>${say.formula}${scale.unit !== '' && words.parens(scale.unit)}</h5>
<p class="formula">${formulaText(formula)} → <b>${wanted}</b></p>
<p class="soft small">${say.formulaKey}${words.comma}${say.roundedUp}${words.stop}${!agrees && html` <span class="bad">${say.formulaDiffers(wanted)}</span>`}</p>`
}

const amongMost = 5

function method({ forecast }: LinePlan, { words, language }: Around): Html | undefined {
  if (forecast === null) return undefined
  const { chosen, errors } = forecast
  const say = words.resource
  const among = chosen.among
    .toSorted((a, b) => a.errors.mase - b.errors.mase)
    .slice(0, amongMost)
    .map(each => `${methodText(each.method, language)} ${digits(each.errors.mase, 2)}`)
  const tried =
    errors.count === 0
      ? html`${say.noErrors}`
      : html`${say.errors(words.pool.days(errors.horizonDays), count(errors.count))}${words.colon}${say.errorsText(percent(errors.smape), digits(errors.mase, 2), percentOff(errors.bias), percent(errors.coverage))}${words.stop}`
  return html`<h5>${say.method}</h5><p>${methodText(forecast.method, language)}${words.comma}${say.by[chosen.by]}${words.stop}${words.gap}${among.length > 0 && html`<span class="soft">${say.among(among.join(words.comma))}${words.stop}</span>${words.gap}`}${tried}</p>`
}

function past({ past }: LinePlan, unit: string, { words }: Around): Html | undefined {
  if (past === null || !Number.isFinite(past.actual)) return undefined
  const { madeDay, likely, low, high, actual } = past
  const say = words.resource
  const error = (likely - actual) / Math.abs(actual)
  const text =
    Math.abs(error) < 0.0005
      ? say.exact
      : error > 0
        ? say.tooMuch(percent(error))
        : say.tooLittle(percent(-error))
  const isWithin = low <= actual && actual <= high
  return html`<h5>${say.past(dayText(madeDay))}</h5><p>${say.pastText(amount(likely, unit), span(low, high, unit, words.to), amount(actual, unit), text)}${!isWithin && html`${words.comma}<b class="bad">${say.outside}</b>`}${words.stop}</p>`
}

function findings({ forecast }: LinePlan, unit: string, around: Around): Html | undefined {
  const found = forecast?.findings ?? []
  if (found.length === 0) return undefined
  const items = found.map(each => {
    const { name, means, todo } = findingWords(each.kind, around.language)
    const where = [daysText(each, around), sizeText(each, unit, around)].filter(text => text !== '')
    return html`<li><b>${name}</b>${where.length > 0 && html`<span class="soft">${around.words.parens(where.join(around.words.comma))}</span>`}${around.words.colon}${means}${around.words.gap}${coded(todo)}</li>`
  })
  return html`<h5>${around.words.resource.findings}</h5><ul>${items}</ul>`
}

function daysText({ fromDay, toDay }: Finding, { words }: Around): string {
  if (fromDay === null) return ''
  if (toDay === null) return words.finding.since(dayText(fromDay))
  return fromDay === toDay
    ? words.finding.on(dayText(fromDay))
    : words.finding.days(dayText(fromDay), dayText(toDay))
}

function sizeText({ kind, size }: Finding, unit: string, { words }: Around): string {
  if (size === null) return ''
  if (kind === 'weekly_season') return words.finding.share(percent(size))
  if (kind === 'gaps' || kind === 'outliers' || kind === 'not_a_number')
    return words.finding.count(count(size))
  if (kind === 'reset') return words.finding.times(count(size))
  if (kind === 'level_shift' || kind === 'supply_changed') return words.finding.by(amount(size, unit))
  return ''
}
