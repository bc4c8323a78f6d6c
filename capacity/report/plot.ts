// A resource as a picture: what was used, what will be, with its band, what there is and how much of it may be used. By
// hand, as SVG whose colours are classes of style.ts; lines differ by their dashes too, for grey paper and for eyes that
// do not tell colours apart. Pure. Called by html/resource.ts.
import { type Html, html } from '#core/http/frame.ts'
import { dayText } from '../days.ts'
import type { Days } from '../history.ts'
import type { LinePlan } from '../plan.ts'
import type { PlannedEvent } from '../pool.ts'
import type { Words } from '../words.ts'
import { digits, type Scale, scaleOf } from './figures.ts'
import { ticksOf } from './ticks.ts'

export type Plotted = Readonly<{
  plan: LinePlan
  unit: string
  // The first day that is not measured whole.
  today: number
  events: readonly PlannedEvent[]
  // Said to those who do not see it.
  title: string
  desc: string
  words: Words
}>

const [width, height] = [520, 270]
const [left, right, top, bottom] = [52, width - 14, 34, height - 26]
const shownDays = 60
// Behind the last day that is forecast, so that its point does not stand on the edge.
const restDays = 3
// Of `02-01` as large as it is on a phone.
const halfLabel = 24

type Axes = Readonly<{
  firstDay: number
  lastDay: number
  most: number
  scale: Scale
  x(day: number): number
  y(value: number): number
}>

export function plot(plotted: Plotted): Html {
  const { plan, today, title, desc, words, unit } = plotted
  const axes = axesOf(plotted)
  return html`<svg class="plot" role="img" viewBox="0 0 ${width} ${height}"><title>${title}</title><desc>${desc}</desc>
${eventBands(plotted, axes)}${grid(axes, unit)}
${markLine(today - 0.5, 'today', axes)}${plan.target !== null && markLine(plan.target.day, 'target', axes)}
${bandOf(plan, axes)}${steps(supplyAhead(plan, axes))}
${stepsOf(plan, axes)}${path('demand', linesOf(plan.demand, axes))}${forecastOf(plan, axes)}
${meetsMark(plan, axes)}${labelsOf(plan, axes, words)}
${markText(today - 0.5, words.plot.today, { axes, kind: 'today' })}${targetText(plan, axes, words)}
</svg>`
}

function axesOf({ plan, unit, today }: Plotted): Axes {
  const { demand, supply, forecast } = plan
  const firstDay = Math.max(demand.firstDay, today - shownDays)
  const lastDay = lastDayOf(plan, today)
  const from = (days: Days): number[] => [...days.values.slice(Math.max(0, firstDay - days.firstDay))]
  const lines = [...from(demand), ...from(supply), ...(forecast?.likely ?? [])].filter(Number.isFinite)
  const plain = Math.max(...lines, 0)
  // A band that opens far would press everything else to the ground.
  const edge = Math.max(...[...(forecast?.high ?? [])].filter(Number.isFinite), 0)
  const most = Math.max(plain, Math.min(edge, plain * 1.35)) * 1.06 || 1
  return {
    ...{ firstDay, lastDay, most, scale: scaleOf(most, unit) },
    x: day => round(left + ((day - firstDay) / (lastDay - firstDay)) * (right - left)),
    y: value => round(bottom - (Math.min(Math.max(value, 0), most) / most) * (bottom - top)),
  }
}

function lastDayOf({ forecast, target }: LinePlan, today: number): number {
  const end = forecast === null ? today : forecast.firstDay + forecast.likely.length - 1
  return Math.max(end, target?.day ?? today) + restDays
}

const round = (value: number): number => Math.round(value * 10) / 10

// There is room for five digits at the left.
const tickText = (value: number): string => {
  const [size, sign] = value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : [1e3, 'k']
  return value < 1e5 ? digits(value, 6) : `${digits(value / size, 5)}${sign}`
}

function grid({ firstDay, lastDay, most, scale, x, y }: Axes, unit: string): Html {
  const values = ticksOf(most / scale.divisor).map(each => each * scale.divisor)
  const rows = values.map(
    value =>
      html`<path class="grid" d="M${left} ${y(value)}H${right}"/><text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${tickText(value / scale.divisor)}</text>`,
  )
  const days = Array.from({ length: lastDay - firstDay + 1 }, (_, at) => firstDay + at)
  const marked = days.filter(day => ['01', '15'].includes(dayText(day).slice(8)))
  const columns = marked.map(day => {
    const isFirst = dayText(day).endsWith('01')
    const isAtEdge = x(day) > width - halfLabel
    const [at, anchor] = isAtEdge ? [width, 'end'] : [x(day), 'middle']
    return html`<path class="grid" d="M${x(day)} ${bottom}v${isFirst ? 6 : 4}"/>${isFirst && html`<text x="${at}" y="${height - 7}" text-anchor="${anchor}">${dayText(day).slice(5)}</text>`}`
  })
  return html`${rows}${columns}<text class="unit" x="4" y="14">${scale.unit === '' ? unit : scale.unit}</text>`
}

function eventBands({ events, words }: Plotted, { firstDay, lastDay, x }: Axes): Html {
  const shown = events.filter(({ fromDay, toDay }) => toDay >= firstDay && fromDay <= lastDay)
  return html`${shown.map(({ name, fromDay, toDay, factor }) => {
    const from = x(Math.max(fromDay - 0.5, firstDay))
    const to = Math.max(x(Math.min(toDay + 0.5, lastDay)), from + 3)
    return html`<g class="event"><title>${words.plot.event(name, digits(factor))}</title><rect x="${from}" y="${top}" width="${round(to - from)}" height="${bottom - top}"/></g>`
  })}`
}

type Mark = Readonly<{ axes: Axes; kind: 'today' | 'target' }>

const markLine = (day: number, kind: Mark['kind'], { x }: Axes): Html =>
  html`<path class="${kind}" d="M${x(day)} ${top - 6}V${bottom}"/>`

// Over all lines, which its edge keeps away from it.
function markText(day: number, text: string, { axes, kind }: Mark): Html {
  const at = axes.x(day)
  const anchor = kind === 'today' ? 'end' : at > right - 60 ? 'end' : 'middle'
  const shift = anchor === 'end' ? (kind === 'today' ? -4 : 12) : 0
  return html`<text class="${kind}-text" x="${at + shift}" y="${kind === 'today' ? top + 6 : top - 12}" text-anchor="${anchor}">${text}</text>`
}

function targetText({ target }: LinePlan, axes: Axes, words: Words): Html | undefined {
  if (target === null) return undefined
  return markText(target.day, words.plot.target(dayText(target.day).slice(5)), { axes, kind: 'target' })
}

// Runs of days that are known, as `x y` pairs.
function linesOf({ firstDay, values }: Days, axes: Axes): string[][] {
  const runs: string[][] = []
  let open: string[] | undefined
  for (const [at, value] of values.entries()) {
    const day = firstDay + at
    if (day < axes.firstDay || !Number.isFinite(value)) {
      open = undefined
      continue
    }
    const point = `${axes.x(day)} ${axes.y(value)}`
    if (open === undefined) {
      open = [point]
      runs.push(open)
    } else open.push(point)
  }
  return runs
}

// A day by itself is a dot.
const path = (kind: string, runs: readonly (readonly string[])[]): Html | undefined => {
  const d = runs.map(run => `M${run.join('L')}${run.length === 1 ? 'h.01' : ''}`).join('')
  return d === '' ? undefined : html`<path class="${kind}" d="${d}"/>`
}

function forecastOf({ forecast, target }: LinePlan, axes: Axes): Html | undefined {
  if (forecast === null) return undefined
  const { firstDay, likely } = forecast
  const point =
    target !== null &&
    Number.isFinite(target.likely) &&
    html`<path class="reach" d="M${axes.x(target.day)} ${axes.y(target.low)}V${axes.y(target.high)}"/><circle class="point" cx="${axes.x(target.day)}" cy="${axes.y(target.likely)}" r="4"/>`
  return html`${path('forecast', linesOf({ firstDay, values: likely }, axes))}${point}`
}

function bandOf({ forecast }: LinePlan, axes: Axes): Html | undefined {
  if (forecast === null) return undefined
  const { firstDay, low, high } = forecast
  const [upper] = linesOf({ firstDay, values: high }, axes)
  const [lower] = linesOf({ firstDay, values: low }, axes)
  if (upper === undefined || lower === undefined) return undefined
  return html`<path class="band" d="M${upper.join('L')}L${lower.toReversed().join('L')}Z"/>`
}

type Step = Readonly<{ kind: string; d: string }>

// Steps stand until the next one; days of which nothing is known keep the last.
function stepPath({ firstDay, values }: Days, share: number, axes: Axes): string {
  let d = ''
  let last: number | undefined
  for (const [at, value] of values.entries()) {
    const day = firstDay + at
    if (day < axes.firstDay || !Number.isFinite(value)) continue
    const y = axes.y(value * share)
    if (last === undefined) d = `M${axes.x(day)} ${y}`
    else if (y !== last) d += `H${axes.x(day)}V${y}`
    last = y
  }
  return last === undefined ? '' : `${d}H${axes.x(Math.max(axes.firstDay, firstDay + values.length - 1))}`
}

const steps = (list: readonly Step[]): Html =>
  html`${list.filter(({ d }) => d !== '').map(({ kind, d }) => html`<path class="${kind}" d="${d}"/>`)}`

function stepsOf({ supply, waterline }: LinePlan, axes: Axes): Html {
  const list = [
    { kind: 'supply', d: stepPath(supply, 1, axes) },
    { kind: 'waterline', d: stepPath(supply, waterline, axes) },
  ]
  return steps(list)
}

// What there is stays, as long as nobody orders.
function supplyAhead({ supply, supplyNow, waterline }: LinePlan, { x, y }: Axes): Step[] {
  if (!Number.isFinite(supplyNow)) return []
  const from = x(supply.firstDay + supply.values.length - 1)
  return [
    { kind: 'supply', d: `M${from} ${y(supplyNow)}H${right}` },
    { kind: 'waterline', d: `M${from} ${y(supplyNow * waterline)}H${right}` },
  ]
}

const isMet = ({ forecast, supplyNow, waterline, level }: LinePlan, lastDay: number): boolean => {
  const day = forecast?.meets.likelyDay
  return day != null && day <= lastDay && Number.isFinite(supplyNow) && !(level >= waterline)
}

// Whether the day lies within the picture.
export const isMeetShown = (plan: LinePlan, today: number): boolean => isMet(plan, lastDayOf(plan, today))

// Where the line meets the waterline: from there down to the day.
function meetsMark(plan: LinePlan, { x, y, lastDay }: Axes): Html | undefined {
  const { forecast, supplyNow, waterline } = plan
  if (!isMet(plan, lastDay)) return undefined
  const day = forecast!.meets.likelyDay!
  const [at, line] = [x(day), y(supplyNow * waterline)]
  const anchor = at > right - 40 ? 'end' : 'middle'
  return html`<path class="meets" d="M${at} ${line}V${bottom}"/><path class="cross" d="M${at} ${line - 5}l5 5l-5 5l-5 -5Z"/><text class="meets-text" x="${anchor === 'end' ? right : at}" y="${bottom - 6}" text-anchor="${anchor}">${dayText(day).slice(5)}</text>`
}

// How far the longest of them reaches.
const labelWidth = 120

// Above their lines, at the left, where only the past is: above the highest step that is over or under the text.
function labelsOf({ supply, waterline }: LinePlan, axes: Axes, words: Words): Html | undefined {
  const shown = [...supply.values]
    .map((value, at) => ({ value, day: supply.firstDay + at }))
    .filter(({ value, day }) => Number.isFinite(value) && day >= axes.firstDay)
  const [first] = shown
  if (first === undefined) return undefined
  const near = shown.filter(({ day }) => axes.x(day) <= left + labelWidth)
  const most = Math.max(...(near.length === 0 ? [first] : near).map(({ value }) => value))
  const share = `${digits(waterline * 100)} %`
  return html`<text class="supply-text" x="${left + 5}" y="${axes.y(most) - 5}">${words.plot.supply}</text><text class="waterline-text" x="${left + 5}" y="${axes.y(most * waterline) - 5}">${words.plot.waterline(share)}</text>`
}
