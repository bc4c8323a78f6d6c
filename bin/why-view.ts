// What the service says about who was told of an alert, and how it looks to a person. Called by the command `alerts why`.
import type { Labels } from '#core/model.ts'
import { shown } from '#core/shown.ts'
import type { Paint } from './paint.ts'
import { labelText } from './samples-view.ts'
import { tableText } from './table.ts'
import { timeText } from './when.ts'

export type WhyLine = Readonly<{
  fingerprint: string
  // Of the times in the sentences, and so of all.
  timeZone?: string
  alert: Readonly<{
    labels: Labels
    state: 'firing' | 'resolved'
    startsAtMs: number
    endsAtMs: number | null
  }> | null
  groups: readonly Readonly<{
    receiver: string
    incident: number | null
    // Of the group, where it has no ways.
    text: string
    acknowledgedText?: string
    ways: readonly Readonly<{ integration: string; text: string }>[]
  }>[]
}>

export type WhyView = Readonly<{ timeZone: string; paint: Paint }>

export function whyText({ fingerprint, timeZone, alert, groups }: WhyLine, view: WhyView): string {
  const lines = groups.flatMap(({ receiver, incident, text, ways }) => {
    const number = incident === null ? '' : `#${incident}`
    return ways.length === 0
      ? [[receiver, number, '', text]]
      : ways.map(way => [receiver, number, way.integration, way.text])
  })
  const columns = ['receiver', 'incident', 'by', 'what became of it'].map(title => ({ title }))
  const table = lines.length === 0 ? 'No route leads it to anybody.\n' : tableText(columns, lines)
  const taken = groups.flatMap(({ incident, acknowledgedText: text = '' }) =>
    text === '' ? [] : [`#${incident} ${shown(text)}\n`],
  )
  return `${view.paint('bold', shown(headingOf(fingerprint, alert, timeZone ?? view.timeZone)))}\n${table}${taken.join('')}`
}

function headingOf(fingerprint: string, alert: WhyLine['alert'], timeZone: string): string {
  if (alert === null) return `${fingerprint}, which has ended a while ago`
  const { labels, state, startsAtMs, endsAtMs } = alert
  const at = (atMs: number): string => timeText(Math.floor(atMs / 1_000) * 1_000, timeZone)
  const others = Object.keys(labels).filter(label => label !== 'alertname')
  const name = [labels['alertname'], labelText(labels, others)].filter(Boolean).join(' ')
  const when =
    state === 'resolved' && endsAtMs !== null ? `ended at ${at(endsAtMs)}` : `fires since ${at(startsAtMs)}`
  return `${name} ${when} (${timeZone}), fingerprint ${fingerprint}`
}
