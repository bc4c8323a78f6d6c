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
  // Newest first. What an alert was that has ended, they alone know.
  facts?: readonly WhyFact[]
}>

type WhyFact = Readonly<{
  fingerprint: string | null
  kind: string
  atMs: number
  details: Readonly<{ labels?: Labels }> | null
}>

export type WhyView = Readonly<{ timeZone: string; paint: Paint }>

export function whyText(why: WhyLine, view: WhyView): string {
  const { groups } = why
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
  return `${view.paint('bold', shown(headingOf(why, why.timeZone ?? view.timeZone)))}\n${table}${taken.join('')}`
}

function headingOf({ fingerprint, alert, facts = [] }: WhyLine, timeZone: string): string {
  const found = alert === null ? endedIn(facts, fingerprint) : alert
  if (found === undefined) return `${fingerprint}, which has ended a while ago`
  const { labels, state, startsAtMs, endsAtMs } = found
  const at = (atMs: number): string => timeText(Math.floor(atMs / 1_000) * 1_000, timeZone)
  const others = Object.keys(labels).filter(label => label !== 'alertname')
  const name = [labels['alertname'], labelText(labels, others)].filter(Boolean).join(' ')
  const when =
    state === 'resolved' && endsAtMs !== null ? `ended at ${at(endsAtMs)}` : `fires since ${at(startsAtMs)}`
  return `${name} ${when} (${timeZone}), fingerprint ${fingerprint}`
}

function endedIn(facts: readonly WhyFact[], fingerprint: string): NonNullable<WhyLine['alert']> | undefined {
  const end = facts.find(each => each.kind === 'resolved' && each.fingerprint === fingerprint)
  const labels = end?.details?.labels
  if (end === undefined || labels === undefined) return undefined
  return { labels, state: 'resolved', startsAtMs: end.atMs, endsAtMs: end.atMs }
}
