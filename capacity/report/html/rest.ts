// The pools that are not shown in full, a line each. Called by ../html.ts.
import { type Html, html } from '#core/http/frame.ts'
import { count, money, percent, units } from '../figures.ts'
import type { PoolReport } from '../pool-report.ts'
import { type Around, bindingOf, dayWith, levelBar, nameOf } from './around.ts'

// About half a megabyte; the files for programs have all.
const restMost = 2_000

export function rest(pools: readonly PoolReport[], around: Around): Html | undefined {
  if (pools.length === 0) return undefined
  const { words, language } = around
  const { head } = words
  const rows = pools.slice(0, restMost).map(each => {
    const binding = bindingOf(each)
    const level = binding?.plan.level ?? Number.NaN
    return html`<tr><td>${nameOf(each.name, around)}</td><td class="wide">${binding?.plan.line.resource ?? ''}</td><td class="nowrap level">${levelBar(level, binding?.plan.waterline ?? 1)} ${percent(level)}</td><td class="nowrap">${dayWith(each.earlyDay, around)}</td><td class="number units">${each.units === 0 ? '' : units(each.units, each.unit, language)}</td><td class="number wide">${each.cost === null || each.units <= 0 ? '' : money(each.cost.amount, each.cost.currency)}</td></tr>\n`
  })
  const more = pools.length > restMost && html`<p>${words.restMore(count(restMost), count(pools.length))}</p>`
  return html`<section class="rest" aria-labelledby="rest"><h2 id="rest">${words.rest}</h2>${more}
<table class="small stack"><thead><tr><th>${head.pool}</th><th class="wide">${head.binding}</th><th>${head.level}</th><th>${head.full} (${words.resource.early})</th><th class="number">${head.units}</th><th class="number wide">${head.cost}</th></tr></thead><tbody>${rows}</tbody></table></section>`
}
