// How a backtest is told to people, in words that the terminal and the page share. Called by backtest-view.ts and
// backtest-page.ts.
import { durationText } from '#core/duration.ts'
import type { Labels } from '#core/model.ts'
import { type AlertReport, grouped, type Report } from '../rules/backtest.ts'
import { timeText } from './when.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

// Nobody needs the seconds of a week.
export function roundly(ms: number): string {
  if (ms > 0 && ms < second) return `${Math.round(ms)}ms`
  const unit = [
    { from: 2 * day, to: hour },
    { from: 2 * hour, to: minute },
    { from: 0, to: second },
  ].find(({ from }) => ms >= from)
  const to = unit?.to ?? second
  return durationText(Math.round(ms / to) * to)
}

export const counted = (count: number, what: string): string =>
  `${grouped(count)} ${what}${count === 1 ? '' : 's'}`

// Without the name of the alert, which stands above.
export function labelsText(labels: Labels): string {
  const own = Object.entries(labels).filter(([name]) => name !== 'alertname')
  return own.length === 0 ? 'no labels' : own.map(([name, value]) => `${name}=${value}`).join(' ')
}

export const spanText = ({ fromMs, toMs, timeZone }: Report): string =>
  `${timeText(fromMs, timeZone).slice(0, 16)} to ${timeText(toMs, timeZone).slice(0, 16)} (${timeZone})`

export function totals({
  alerts,
}: Report): Readonly<Record<'firings' | 'short' | 'night' | 'quiet', number>> {
  const sum = (of: (one: AlertReport) => number): number => alerts.reduce((all, one) => all + of(one), 0)
  return {
    firings: sum(each => each.firings),
    short: sum(each => each.short),
    night: sum(each => each.night),
    quiet: sum(each => (each.firings === 0 ? 1 : 0)),
  }
}

export function changeText({ change, firings, episodesMore }: AlertReport): string | undefined {
  if (change === null) return undefined
  if (change.kind === 'added') return 'new rule'
  const { was, gone, new: fresh, same } = change
  if (was === firings && gone === 0 && fresh === 0) return 'as before'
  const more = episodesMore > 0 ? ' of those compared' : ''
  return `before ${grouped(was)}; ${grouped(gone)} gone, ${grouped(fresh)} new, ${grouped(same)} the same${more}`
}

export const faultText = (
  { count, isRough, firstMs, detail }: NonNullable<AlertReport['faults']>,
  timeZone: string,
): string =>
  `failed ${isRough ? 'about ' : ''}${grouped(count)} ${count === 1 ? 'time' : 'times'}, first at ${timeText(firstMs, timeZone)}: ${detail}`

export function speedText({ tookMs, samplesRead, cells }: Report): string {
  const perSecond = (count: number): string => short(count / Math.max(0.001, tookMs / second))
  return `Read ${short(samplesRead)} samples (${perSecond(samplesRead)}/s) and evaluated ${short(cells)} steps × series (${perSecond(cells)}/s) in ${roundly(tookMs)}.`
}

function short(count: number): string {
  const unit = [
    { of: 1e9, name: ' G' },
    { of: 1e6, name: ' M' },
    { of: 1e3, name: ' k' },
  ].find(each => count >= each.of)
  return unit === undefined
    ? String(Math.round(count))
    : `${Number((count / unit.of).toPrecision(3))}${unit.name}`
}
