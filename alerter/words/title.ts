// The title: what broke and where, in the first forty characters of a lock screen. Called by words.ts and for SMS.
import { annotationIn } from '#core/annotations.ts'
import { isSpoken, type Message, type ToldAlert } from '../message.ts'
import { numberText, thresholdText } from './number.ts'
import { placeOf } from './place.ts'
import { charsOf, shorten } from './shorten.ts'
import { tidy } from './tidy.ts'
import type { Tongue } from './tongue.ts'

const titleMax = 160
const placeMax = 32
// What a lock screen shows at once.
const glanceChars = 40

export function titleOf(message: Message, tongue: Tongue): string {
  if (isSpoken(message)) return shorten(tidy(message.title), { chars: titleMax })
  if (message.kind === 'canary') return tongue.canaryTitle
  const first = message.alerts[0]
  if (first === undefined) return shorten(tidy(message.title || message.groupKey), { chars: titleMax })
  if (message.kind === 'digest') return shorten(digestTitle(message, tongue), { chars: titleMax })
  // One that fires still is told of first, and of those that ended the title is silent.
  const told = message.alerts.filter(({ status }) => status === first.status)
  const others = told.length - 1 + message.truncated[first.status]
  const tail = others > 0 ? tongue.andMore(others) : ''
  const head = first.status === 'resolved' ? `${endOf(told, tongue)}${tongue.colon}` : ''
  const room = titleMax - charsOf(head) - charsOf(tail)
  return head + shorten(alertTitle(first, tongue), { chars: room }) + tail
}

// What is wrong with one: its summary, with the place before it unless the summary names it at once.
export function alertTitle(alert: ToldAlert, tongue: Tongue): string {
  const place = shortPlace(placeOf(alert.labels))
  const what = whatOf(alert, tongue)
  return place === '' || names(what.slice(0, glanceChars), place) ? what : `${place}${tongue.colon}${what}`
}

// The first part of a long name of a host says more than its first letters.
function shortPlace(place: string): string {
  const first = charsOf(place) > placeMax ? (/^([a-z][\w-]{2,})\.[\w.-]+$/i.exec(place)?.[1] ?? place) : place
  return shorten(first, { chars: placeMax })
}

// As a word of its own: `a` is not named by `disk full at`.
function names(text: string, place: string): boolean {
  for (let at = text.indexOf(place); at >= 0; at = text.indexOf(place, at + 1)) {
    const beside = `${text[at - 1] ?? ' '}${text[at + place.length] ?? ' '}`
    if (!/[\w-]/.test(beside)) return true
  }
  return false
}

export const nameOf = ({ labels }: ToldAlert): string => tidy(labels['alertname'] ?? '')

// Without a summary: the name of the alert, and its value where it has one.
export function whatOf(alert: ToldAlert, tongue: Tongue): string {
  const summary = summaryOf(alert, tongue)
  if (summary !== '') return summary
  const value = alert.status === 'firing' ? valueText(alert, tongue) : ''
  const name = nameOf(alert) || tongue.unnamed
  return value === '' ? name : `${name} ${value}`
}

// A title has no full stop.
export function summaryOf({ annotations }: ToldAlert, { language }: Tongue): string {
  const said = (name: string): string => annotationIn(language, annotations, name)
  return tidy(said('summary') || said('title') || said('message')).replace(/(?<![.。])[.。]$/, '')
}

export const unitOf = ({ annotations, labels }: Pick<ToldAlert, 'annotations' | 'labels'>): string =>
  annotations['unit'] || labels['unit'] || ''

export function valueText(alert: ToldAlert, tongue: Tongue): string {
  const unit = unitOf(alert)
  const value = tidy(numberText(alert.value, unit))
  const threshold = tidy(thresholdText(alert.threshold, unit))
  if (value === '' || threshold === '') return value
  return tongue.valueAgainst(value, threshold)
}

function endOf(ended: readonly ToldAlert[], tongue: Tongue): string {
  const unknown = ended.filter(({ stale }) => stale).length
  if (unknown === 0) return tongue.worksAgain
  if (unknown === ended.length) return tongue.noData
  return tongue.endedApart(ended.length - unknown, unknown)
}

function digestTitle({ alerts, truncated }: Message, tongue: Tongue): string {
  const firing = alerts.filter(({ status }) => status === 'firing')
  const ended = alerts.length - firing.length
  const counts = tongue.digest(firing.length + truncated.firing, ended + truncated.resolved)
  const kinds = countedNames(firing.length > 0 ? firing : alerts).slice(0, 3)
  return `${counts}${tongue.colon}${kinds.join(tongue.comma)}`
}

// `DiskFull (9)`, the most frequent first.
export function countedNames(alerts: readonly ToldAlert[]): string[] {
  const counts = new Map<string, number>()
  for (const alert of alerts) {
    const name = nameOf(alert) || '?'
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts]
    .toSorted(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([name, count]) => `${name} (${count})`)
}
