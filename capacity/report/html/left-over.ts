// Requests whose pool was renamed or taken out of the configuration: they count for none until somebody says where they
// belong. Called by summary.ts.
import { coded, type Html, html } from '#core/http/frame.ts'
import { leftBehind } from '../../requests/carried.ts'
import { kindText, stateText } from '../../words.ts'
import { count, units } from '../figures.ts'
import type { Report } from '../report-model.ts'
import type { Around } from './around.ts'

const most = 5

export function leftOver({ requests, pools }: Report, { words, language }: Around): Html | undefined {
  const left = leftBehind(requests, new Set(pools.map(({ name }) => name)))
  if (left.length === 0) return undefined
  const { title, means } = words.leftBehind
  const rows = left
    .slice(0, most)
    .map(
      ({ number, pool, kind, units: some, unit, state }) =>
        html`<tr><td>${pool} <span class="soft">#${number}</span></td><td>${kindText(kind, language)} ${units(some, unit, language)}</td><td>${stateText(state, language)}</td></tr>`,
    )
  const more =
    left.length > most &&
    html`<tr><td colspan="3" class="soft">${words.more(count(left.length - most))}</td></tr>`
  return html`<section aria-labelledby="left-over"><h2 id="left-over">${title}</h2><p class="soft small">${coded(means)}</p>
<table><tbody>${rows}${more}</tbody></table></section>`
}
