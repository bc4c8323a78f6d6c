// What the lines of a message are, in their order: what, where, since when, value, what was tried, who has it in hand, what
// ended, where to read on. Called by words.ts; fitted.ts makes them short enough.
import { annotationIn } from '#core/annotations.ts'
import { isSpoken, type Message, type ToldAlert, truncatedCount } from '../message.ts'
import { acknowledgedText } from './acknowledged.ts'
import { endedFields } from './ended.ts'
import { type Field, plainField, wholeField } from './field.ts'
import { membersOf } from './members.ts'
import { lengthText, momentText } from './moment.ts'
import { saidLabels } from './place.ts'
import { tidy, tidyLines } from './tidy.ts'
import { summaryOf, valueText, whatOf } from './title.ts'
import type { LineName, Tongue } from './tongue.ts'
import { rangeText } from './values.ts'

type Limits = Readonly<{ alertsMax: number; links: boolean }>

// What goes first when there is no room has the highest number.
const ranks: Readonly<Record<LineName, number>> = {
  link: 0,
  where: 1,
  worksAgain: 2,
  noData: 2,
  since: 3,
  lasted: 3,
  value: 4,
  severity: 6,
  acknowledged: 5,
  tried: 6,
  more: 7,
  incident: 7,
  runbook: 8,
  what: 9,
}

export function fieldsOf(message: Message, tongue: Tongue, limits: Limits): Field[] {
  const plain = (name: LineName, text: string): Field[] =>
    text === '' ? [] : [plainField(tongue.labels[name], ranks[name], text)]
  const link = linkOf(message)
  const links = limits.links && link !== '' ? [wholeField(tongue.labels.link, ranks.link, link)] : []
  if (isSpoken(message)) return [plainField('', 1, tidyLines(message.text)), ...links]
  if (message.kind === 'canary') return [plainField('', 1, tongue.canaryText), ...links]

  const firing = message.alerts.filter(({ status }) => status === 'firing')
  const ended = message.alerts.filter(({ status }) => status === 'resolved')
  const told = firing.length > 0 ? firing : ended
  const more = truncatedCount(message)
  return [
    // Of a digest, its counts by group.
    ...plain('what', message.kind === 'digest' ? tidyLines(message.text) : descriptionOf(told, tongue)),
    ...(told.length > 1 ? membersOf(told, tongue, limits.alertsMax) : plain('where', whereOf(told, tongue))),
    ...(firing.length > 0 ? plain('since', sinceText(firing, message, tongue)) : []),
    ...(told === ended ? plain('lasted', lastedText(ended, message, tongue)) : []),
    ...plain('value', currentText(told, tongue)),
    ...plain('severity', tidy(oneOf(told, ({ labels }) => labels['severity'] ?? ''))),
    ...plain('tried', triedText(told, tongue)),
    ...(firing.length > 0 ? plain('acknowledged', acknowledgedText(message, tongue)) : []),
    ...endedFields(told, message, tongue, limits.alertsMax),
    ...(more > 0 ? plain('more', tongue.truncated(more)) : []),
    ...runbooks(firing, tongue, limits).map(text => wholeField(tongue.labels.runbook, ranks.runbook, text)),
    ...(message.incident === null ? [] : plain('incident', String(message.incident))),
    ...links,
  ]
}

// What all have in common; nothing where they differ.
function oneOf(alerts: readonly ToldAlert[], read: (alert: ToldAlert) => string): string {
  const found = new Set(alerts.map(read))
  return found.size === 1 ? ([...found][0] ?? '') : ''
}

function descriptionOf(told: readonly ToldAlert[], tongue: Tongue): string {
  const text = tidyLines(
    oneOf(told, ({ annotations }) => annotationIn(tongue.language, annotations, 'description')),
  )
  const isSaid = text !== '' && told.some(alert => summaryOf(alert, tongue) === text.replace(/[.。]$/, ''))
  return isSaid ? '' : text
}

const whereOf = (told: readonly ToldAlert[], { comma }: Tongue): string =>
  told
    .flatMap(({ labels }) => saidLabels(labels))
    .map(([name, value]) => `${name} ${value}`)
    .join(comma)

// There may be more than a call takes arguments.
const lowest = (times: readonly number[]): number => times.reduce((a, b) => Math.min(a, b))
const highest = (times: readonly number[]): number => times.reduce((a, b) => Math.max(a, b))

function sinceText(firing: readonly ToldAlert[], zone: Message, tongue: Tongue): string {
  const starts = firing.map(({ startsAtMs }) => startsAtMs)
  const [first, last] = [lowest(starts), highest(starts)]
  const [from, to] = [momentText(first, zone, tongue), momentText(last, zone, tongue)]
  const lasted = lengthText(zone.atMs - first, tongue)
  return from === to ? tongue.since(from, lasted) : tongue.sinceApart(from, to, lasted)
}

function lastedText(ended: readonly ToldAlert[], zone: Message, tongue: Tongue): string {
  if (ended.length === 0) return ''
  const first = lowest(ended.map(({ startsAtMs }) => startsAtMs))
  const last = highest(ended.map(({ endsAtMs }) => endsAtMs ?? zone.atMs))
  return tongue.lasted(
    momentText(first, zone, tongue),
    momentText(last, zone, tongue),
    lengthText(last - first, tongue),
  )
}

// Of one without a summary the title has it already; of what ended it would be the last one that was wrong.
function currentText(told: readonly ToldAlert[], tongue: Tongue): string {
  const [first] = told
  if (first === undefined || first.status === 'resolved') return ''
  if (told.length > 1) return rangeText(told, tongue)
  const value = valueText(first, tongue)
  return whatOf(first, tongue).endsWith(value) ? '' : value
}

const triedMax = 3

function triedText(told: readonly ToldAlert[], tongue: Tongue): string {
  const tried = [...new Set(told.flatMap(alert => alert.tried))].map(tidy)
  const more = tried.length - triedMax
  return tried.slice(0, triedMax).join('; ') + (more > 0 ? tongue.andOthers(more) : '')
}

const runbooksMax = 2
const address = /^https?:\/\//

// Addresses are told where they may be; nobody needs them once it works.
function runbooks(firing: readonly ToldAlert[], { language }: Tongue, { links }: Limits): string[] {
  const texts = firing.map(
    ({ annotations }) =>
      annotationIn(language, annotations, 'runbook_url') || annotationIn(language, annotations, 'runbook'),
  )
  return [...new Set(texts)]
    .slice(0, 20)
    .map(tidy)
    .filter(text => text !== '' && text.length <= 500 && (links || !address.test(text)))
    .slice(0, runbooksMax)
}

// Nobody else reaches these: ours, where nobody has said how others do.
const ofOneMachine = /^https?:\/\/(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])(?:[:/]|$)/i

// What is no incident has no page here; of one alert, where it came from helps.
function linkOf({ link, alerts }: Message): string {
  if (link !== null) return link
  const origin = alerts.length === 1 ? (alerts[0]?.generatorUrl ?? '') : ''
  const isLink = address.test(origin) && origin.length <= 1_000 && !ofOneMachine.test(origin)
  return isLink ? origin : ''
}
