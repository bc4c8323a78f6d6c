// What requests say, in English. Called by words.ts.
import { dayText } from '../days.ts'
import { type Basis, type Request, type RequestFact, requestStates } from '../request.ts'
import { states } from '../words/names.ts'
import { counted, many, measured, money, percent } from './amount.ts'
import { partText } from './part.ts'
import type { Earlier } from './redraft.ts'
import type { Changes, LeftBehind, Risk, RunSummary, TopDraft, Totals } from './summary.ts'
import type { RequestWords, Words } from './words-tongue.ts'

function why(kind: Request['kind'], basis: Basis): string {
  const { resource, resourceUnit, likely, low, high, supply, waterline, targetDay } = basis
  const { spareUnits, onOrderUnits, parts } = basis
  const amount = (value: number): string => measured(value, resourceUnit)
  const sentences = [
    `${resource}: ${amount(likely)} on ${dayText(targetDay)} (${amount(low)} to ${amount(high)}) of ${amount(supply)}, of which ${percent(waterline)} may be used.`,
    metText(kind, basis),
    spareUnits > 0 ? `Spare: ${counted(spareUnits)}.` : '',
    onOrderUnits > 0 ? `On order already: ${counted(onOrderUnits)}.` : '',
    onOrderUnits < 0 ? `Promised back already: ${counted(-onOrderUnits)}.` : '',
    parts.length > 0 ? `Needed most in ${parts.map(neededIn).join(', ')}.` : '',
  ]
  return sentences.filter(each => each !== '').join(' ')
}

function metText(kind: Request['kind'], { likelyDay, earlyDay, lateDay, isAtRisk }: Basis): string {
  if (kind === 'reclaim' && isAtRisk)
    return 'That leaves more than is needed on that day; but the pool is at risk before new units could be there, which speaks against it.'
  if (kind === 'reclaim') return 'That leaves more than is needed.'
  if (likelyDay === null && earlyDay === null)
    return 'The waterline is not met within the days that are looked at.'
  const day = (found: number | null): string => (found === null ? 'not foreseen' : dayText(found))
  return `The waterline is met on ${day(likelyDay)} (early ${day(earlyDay)}, late ${day(lateDay)}).`
}

const neededIn = ({ part, units }: Basis['parts'][number]): string => `${partText(part)} (${counted(units)})`

function run(summary: RunSummary): Words {
  const { month, expand, reclaim, risks, riskCount, unknown, unknownCount, changes, waiting } = summary
  const { contradicted, contradictedCount, earlier, earlierCount } = summary
  const { leftBehind = [], leftBehindCount = 0 } = summary
  const order = expand.pools === 0 ? 'nothing to order' : `order ${totals(expand)}`
  const back = reclaim.pools === 0 ? '' : `, give back ${units(reclaim)}`
  const blind =
    unknownCount === 0 || expand.pools > 0 ? '' : `, nothing known of ${many(unknownCount, 'pool')}`
  const lines = [
    expand.pools === 0
      ? `For ${month} nothing needs to be ordered${unknownCount === 0 ? '' : ', as far as is known'}.`
      : `For ${month}, ${many(expand.pools, 'pool')} ${expand.pools === 1 ? 'needs' : 'need'} ${units(expand)}${costs(expand)}.`,
    reclaim.pools === 0 ? '' : `${many(reclaim.pools, 'pool')} can give back ${units(reclaim)}.`,
    contradictedCount === 0
      ? ''
      : `Not among these ${contradictedCount === 1 ? 'is' : 'are'} ${many(contradictedCount, 'pool')} of which the formula would give some back, though at risk before its day: ${contradicted.join(', ')}${more(contradictedCount - contradicted.length)}.`,
    ...summary.top.map(topText),
    riskCount === 0
      ? 'No pool meets its waterline before new units can be there.'
      : `At risk before new units can be there: ${risks.map(riskText).join('; ')}${more(riskCount - risks.length)}.`,
    unknownCount === 0
      ? ''
      : `Nothing is known of ${unknown.join(', ')}${more(unknownCount - unknown.length)}: no history, or no supply.`,
    changes === null ? '' : changesText(changes),
    earlierCount === 0
      ? ''
      : `Not drafted again, as it waits since an earlier month: ${earlier.map(earlierText).join('; ')}${more(earlierCount - earlier.length)}.`,
    leftBehindCount === 0
      ? ''
      : `Of pools that are planned no more, and counted for none: ${leftBehind.map(leftText).join('; ')}${more(leftBehindCount - leftBehind.length)}. Carry them over (plimsoll capacity edit NUMBER --pool NAME --why …), withdraw or close them.`,
    waiting === 0
      ? ''
      : `${many(waiting, 'request')} of people ${waiting === 1 ? 'waits' : 'wait'} to be merged or decided on.`,
    'The drafts are at /capacity, and by "plimsoll capacity requests".',
  ]
  return {
    title: `Capacity for ${month}: ${order}${back}${blind}`,
    text: lines.filter(each => each !== '').join('\n'),
  }
}

const units = ({ units: found }: Totals): string =>
  found.map(({ unit, units: count }) => many(count, unit)).join(', ')
const costs = ({ costs: found }: Totals): string =>
  found.length === 0 ? '' : `: ${found.map(({ amount, currency }) => money(amount, currency)).join(' and ')}`
const totals = (found: Totals): string =>
  [units(found), ...found.costs.map(({ amount, currency }) => money(amount, currency))].join(', ')
const more = (count: number): string => (count > 0 ? `; and ${counted(count)} more` : '')

function topText({ pool, kind, units: count, unit, cost, neededDay, resource }: TopDraft): string {
  const price = cost === null ? '' : `, ${money(cost.amount, cost.currency)}`
  return kind === 'expand'
    ? `- ${pool}: ${many(count, unit)} by ${dayText(neededDay)} for ${resource}${price}`
    : `- ${pool}: give back ${many(count, unit)} from ${dayText(neededDay)} on`
}

function riskText({ pool, resource, kind, earlyDay, servesDay, isAssumed = false }: Risk): string {
  const since = kind === 'over' ? 'is above its waterline' : `from ${dayText(earlyDay)}`
  const comes = isAssumed ? 'is expected by its lead time on' : 'comes on'
  const serves = kind === 'awaited' ? `what is on order ${comes}` : 'an order serves on'
  return `${pool} (${resource}) ${since}, ${serves} ${dayText(servesDay)}`
}

function earlierText({ number, month, pool, kind, state, units: count, unit, neededUnits }: Earlier): string {
  const what = kind === 'expand' ? many(count, unit) : `give back ${many(count, unit)}`
  const now = neededUnits < 0 ? `give back ${counted(-neededUnits)}` : counted(neededUnits)
  return `${pool}, request ${number} of ${month} (${states[state].en}, ${what}), now ${now}`
}

const leftText = ({ number, pool, kind, state, units: count, unit }: LeftBehind): string =>
  `request ${number} of ${pool} (${states[state].en}, ${kind === 'expand' ? '' : 'give back '}${many(count, unit)})`

function changesText({ since, count, most }: Changes): string {
  if (count === 0) return `Nothing has changed since ${since}.`
  const list = most.map(({ pool, was, is }) => `${pool} ${counted(was)} to ${counted(is)}`)
  return `Changed since ${since}: ${list.join(', ')}${more(count - most.length)}.`
}

const did: Readonly<Record<string, string>> = {
  ...Object.fromEntries(requestStates.map(state => [state, states[state].en])),
  draft: 'reopened',
  made: 'made',
  edited: 'changed',
  split: 'split',
  merged: 'merged',
  noted: 'told another number by a run',
}

function change(request: Request, { what, who, why: reason }: RequestFact): Words {
  const { number, pool, part, kind, units: count, unit, deliveredUnits, dueDay, cost, state } = request
  const where = `${pool}${partText(part) === '' ? '' : ` (${partText(part)})`}`
  const day = dayText(request.neededDay)
  const came = `${counted(deliveredUnits)} of ${counted(count)} delivered`
  const lines = [
    kind === 'expand'
      ? `Order ${many(count, unit)} for ${where}, needed by ${day}.`
      : `Give back ${many(count, unit)} of ${where}, which can be given back from ${day} on.`,
    `State: ${states[state].en}${deliveredUnits > 0 ? `, ${came}` : ''}${dueDay === null ? '' : `, due on ${dayText(dueDay)}`}.`,
    cost === null ? '' : costText(cost),
    `By ${who}${reason === '' ? '' : `: ${reason}`}`,
  ]
  const done = what === 'delivered' && deliveredUnits !== count ? came : did[what]
  return {
    title: `Request ${number} (${pool}, ${many(count, unit)}): ${done}`,
    text: lines.filter(each => each !== '').join('\n'),
  }
}

const costText = ({ amount, currency }: NonNullable<Request['cost']>): string =>
  amount < 0 ? `Saves: ${money(-amount, currency)}.` : `Cost: ${money(amount, currency)}.`

export const en: RequestWords = {
  why,
  run,
  change,
  notNeeded: 'The forecast of today needs it no more.',
  superseded: month => `The drafts for ${month} take its place.`,
}
