// A backtest as a page: one file without scripts or anything from outside, to look at, print and pass on. Each alert with a
// strip that shows when it fired. Called by the command `backtest`.
import { durationText } from '#core/duration.ts'
import { escapeHtml } from '#core/http/page.ts'
import { type AlertReport, grouped, type Report } from '../rules/backtest.ts'
import { backtestStyle } from './backtest-style.ts'
import {
  changeText,
  counted,
  faultText,
  labelsText,
  roundly,
  spanText,
  speedText,
  totals,
} from './backtest-words.ts'
import { timeText } from './when.ts'

export type Names = Readonly<{ rules: readonly string[]; against: readonly string[] }>

export function backtestPage(report: Report, names: Names): string {
  const loud = report.alerts.filter(each => each.firings > 0 || each.faults !== null || each.change?.was)
  const quiet = report.alerts.filter(each => !loud.includes(each))
  const against = names.against.length === 0 ? '' : `, beside ${listOf(names.against)}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Backtest of ${listOf(names.rules)}</title>
<style>${backtestStyle}</style>
</head>
<body>
<header>
<h1>What these rules would have done</h1>
<p>${listOf(names.rules)}${against}<br>${escapeHtml(spanText(report))}</p>
${tiles(report)}
</header>
<main>
${loud.map(each => card(each, report)).join('\n')}
${quietText(quiet)}${goneText(report)}${failedText(report)}
</main>
<footer>
<p><b>Noise</b> is the share of firings that lasted under two minutes or came back within an hour, in per cent; those that began by night (22 to 8 o’clock) count twice.</p>
${report.notes.map(each => `<p>${escapeHtml(each)}</p>`).join('\n')}
<p>${escapeHtml(speedText(report))}</p>
</footer>
</body>
</html>
`
}

const listOf = (names: readonly string[]): string =>
  escapeHtml(
    names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`,
  )

function tiles(report: Report): string {
  const { firings, short, night, quiet } = totals(report)
  const tile = (text: string, what: string): string => `<div><b>${text}</b><span>${what}</span></div>`
  return `<div class="tiles">${[
    tile(grouped(firings), 'firings'),
    tile(grouped(short), 'under two minutes'),
    tile(grouped(night), 'begun by night'),
    tile(`${grouped(report.alerts.length - quiet)} of ${grouped(report.alerts.length)}`, 'alerts that fired'),
  ].join('')}</div>`
}

function card(alert: AlertReport, report: Report): string {
  const { name, group, file, line, forMs, keepFiringMs, firings, faults, advice } = alert
  const keep = keepFiringMs === 0 ? '' : `, keep_firing_for ${durationText(keepFiringMs)}`
  const where = `${file}:${line}, group ${group}, for ${durationText(forMs)}${keep}`
  const change = changeText(alert)
  return `<section>
<h2>${escapeHtml(name)}${badge(alert)}</h2>
<p class="where">${escapeHtml(where)}</p>
${faults === null ? '' : `<p class="fault">${escapeHtml(faultText(faults, report.timeZone))}</p>`}
${firings === 0 ? '<p>Never fired.</p>' : `${strip(alert, report)}${numbers(alert)}`}
${advice === null ? '' : `<p class="advice">${marked(advice)}</p>`}
${change === undefined ? '' : `<p class="change">${escapeHtml(`Beside the older version: ${change}`)}</p>`}
${topOf(alert)}
</section>`
}

const marked = (advice: string): string => escapeHtml(advice).replaceAll(/`([^`]+)`/g, '<code>$1</code>')

function badge({ noise, weight, firings }: AlertReport): string {
  if (firings === 0) return ''
  const level = weight < 4 || noise < 25 ? 'low' : noise < 60 ? 'middle' : 'high'
  return `<span class="badge ${level}">noise ${noise}</span>`
}

const width = 720
const height = 34
const ticks = 5

// Darker where more label sets fired, or for longer.
function strip({ strip, atOnce, name }: AlertReport, { fromMs, toMs, timeZone }: Report): string {
  const cellMs = (toMs - fromMs) / strip.length
  const cell = width / strip.length
  const bars = strip.flatMap((ms, at) => {
    if (ms === 0) return []
    const share = Math.min(1, ms / (cellMs * Math.max(1, atOnce)))
    const opacity = (0.35 + 0.65 * Math.sqrt(share)).toFixed(2)
    return [
      `<rect x="${(at * cell).toFixed(1)}" width="${cell.toFixed(1)}" height="${height}" opacity="${opacity}"/>`,
    ]
  })
  const days = Array.from({ length: ticks }, (_, at) =>
    timeText(fromMs + ((toMs - fromMs) * at) / (ticks - 1), timeZone),
  )
  const isShort = toMs - fromMs < 3 * 86_400_000
  const labels = days.map(each => `<span>${isShort ? each.slice(5, 16) : each.slice(5, 10)}</span>`).join('')
  return `<svg class="strip" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="when ${escapeHtml(name)} fired">${bars.join('')}</svg>
<div class="axis">${labels}</div>`
}

function numbers(alert: AlertReport): string {
  const { firings, open, short, repeated, night, nightMs, totalMs, medianMs, longestMs, atOnce } = alert
  const share = (part: number): string => (part === 0 ? '' : ` (${percent(part, firings)})`)
  const pairs: [string, string][] = [
    ['fired', `${grouped(firings)}${open > 0 ? `, ${grouped(open)} still` : ''}`],
    ['under two minutes', `${grouped(short)}${share(short)}`],
    ['back within an hour', `${grouped(repeated)}${share(repeated)}`],
    ['begun by night', `${grouped(night)}${share(night)}`],
    ['in total', roundly(totalMs)],
    ['of that by night', nightMs === 0 ? 'nothing' : `${roundly(nightMs)} (${percent(nightMs, totalMs)})`],
    ['median, longest', `${medianMs === null ? '' : roundly(medianMs)}, ${roundly(longestMs)}`],
    ['most at once', grouped(atOnce)],
  ]
  return `<dl>${pairs.map(([name, text]) => `<div><dt>${name}</dt><dd>${text}</dd></div>`).join('')}</dl>`
}

function percent(part: number, whole: number): string {
  const share = (100 * part) / whole
  return share > 0 && share < 1 ? 'under 1 %' : `${Math.round(share)} %`
}

function topOf({ top, labelSets, variants, firings }: AlertReport): string {
  if (firings === 0) return ''
  const rows = top.map(
    ({ labels, firings, totalMs }) =>
      `<tr><td>${escapeHtml(labelsText(labels))}</td><td>${grouped(firings)}</td><td>${roundly(totalMs)}</td></tr>`,
  )
  const waits = variants.map(({ forMs, keepFiringMs, firings }) => {
    const keep = keepFiringMs === 0 ? '' : ` keep_firing_for ${durationText(keepFiringMs)}`
    return `<tr><td>for ${durationText(forMs)}${keep}</td><td>${grouped(firings)}</td></tr>`
  })
  const more = labelSets > top.length ? ` (of ${grouped(labelSets)})` : ''
  return `<details><summary>Where, and what a longer wait would have left</summary><div class="tables">
<table><thead><tr><th>label set${more}</th><th>fired</th><th>in total</th></tr></thead><tbody>${rows.join('')}</tbody></table>
<table><thead><tr><th>with</th><th>fires</th></tr></thead><tbody>${waits.join('')}</tbody></table>
</div></details>`
}

function quietText(quiet: readonly AlertReport[]): string {
  if (quiet.length === 0) return ''
  const names = quiet.map(each => `<code>${escapeHtml(each.name)}</code>`).join(', ')
  return `<section><h2>Never fired</h2><p>${names}</p></section>\n`
}

function goneText({ removed }: Report): string {
  if (removed.length === 0) return ''
  const rows = removed.map(
    each => `<li><code>${escapeHtml(each.name)}</code>: ${counted(each.firings, 'firing')}</li>`,
  )
  return `<section><h2>Only in the older version</h2><ul>${rows.join('')}</ul></section>\n`
}

function failedText({ records, timeZone }: Report): string {
  if (records.length === 0) return ''
  const rows = records.map(
    each => `<li><code>${escapeHtml(each.name)}</code> ${escapeHtml(faultText(each.faults, timeZone))}</li>`,
  )
  return `<section><h2>Recording rules that failed</h2><ul class="fault">${rows.join('')}</ul></section>\n`
}
