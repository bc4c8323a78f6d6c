// What the service says of alerts, and how it looks to a person: what all have in common is said once, the most severe
// and newest stand on top, what is held back below. Called by the command `alerts`.
import { annotationIn } from '#core/annotations.ts'
import type { Labels } from '#core/model.ts'
import { shown } from '#core/shown.ts'
import type { Paint } from './paint.ts'
import { labelText, readable } from './samples-view.ts'
import { type Column, tableText } from './table.ts'
import { timeText } from './when.ts'

// As in Prometheus' API.
export type AlertLine = Readonly<{
  labels: Labels
  annotations: Labels
  state: 'pending' | 'firing'
  activeAt: string
  // Empty where nobody told one.
  value: string
  // Why nobody is told of it just now.
  held?: 'silenced' | 'inhibited' | 'muted'
}>

export type AlertsView = Readonly<{ timeZone: string; paint: Paint }>

const severities = ['page', 'critical', 'emergency', 'error', 'warn', 'warning', 'ticket', 'info', 'none']

// One that nobody knows stands between those that wake people and the others.
function rankOf({ labels }: AlertLine): number {
  const at = severities.indexOf((labels['severity'] ?? '').toLowerCase())
  return at === -1 ? severities.indexOf('warn') - 0.5 : at
}

const sinceMs = ({ activeAt }: AlertLine): number => Date.parse(activeAt)

const collator = new Intl.Collator('en', { numeric: true })

export const inOrder = (alerts: readonly AlertLine[]): AlertLine[] =>
  alerts.toSorted(
    (a, b) =>
      Number(a.state === 'pending') - Number(b.state === 'pending') ||
      Number(a.held !== undefined) - Number(b.held !== undefined) ||
      rankOf(a) - rankOf(b) ||
      sinceMs(b) - sinceMs(a) ||
      collator.compare(nameOf(a), nameOf(b)),
  )

const nameOf = ({ labels }: AlertLine): string => labels['alertname'] ?? ''

// Those have columns of their own.
const columned = new Set(['alertname', 'severity'])

export function alertsText(alerts: readonly AlertLine[], { timeZone, paint }: AlertsView): string {
  const common = commonOf(alerts)
  const columns: Column[] = [
    { title: 'state' },
    { title: `since (${timeZone})` },
    { title: 'severity' },
    { title: 'alert' },
    { title: 'labels' },
    { title: 'value', right: true },
    { title: 'summary' },
  ]
  const rows = alerts.map(each => {
    const { labels, annotations, state, value } = each
    const own = Object.keys(labels).filter(label => !columned.has(label) && !Object.hasOwn(common, label))
    return [
      each.held ?? state,
      timeText(Math.floor(sinceMs(each) / 1_000) * 1_000, timeZone),
      labels['severity'] ?? '',
      shortly(nameOf(each)),
      labelText(labels, own),
      valueText(value),
      summaryOf(annotations),
    ]
  })
  return `${paint('bold', headingOf(alerts, common))}\n${tableText(columns, rows)}`
}

// One long name would push everything else off the screen.
const nameMax = 60
const shortly = (name: string): string => (name.length <= nameMax ? name : `${name.slice(0, nameMax)}…`)

// 9.75e+01 is 97.5 to a person.
const valueText = (value: string): string =>
  value === '' ? '' : readable(Number.isFinite(Number(value)) ? String(Number(value)) : value)

// The command speaks English.
function summaryOf(annotations: Labels): string {
  const said = (name: string): string => annotationIn('en', annotations, name)
  return (said('summary') || said('description') || said('message')).replaceAll(/\s+/g, ' ').trim()
}

// Labels that all of several alerts have.
function commonOf(alerts: readonly AlertLine[]): Labels {
  const [first, ...others] = alerts
  if (first === undefined || others.length === 0) return {}
  return Object.fromEntries(
    Object.entries(first.labels).filter(
      ([label, value]) => !columned.has(label) && others.every(({ labels }) => labels[label] === value),
    ),
  )
}

function headingOf(alerts: readonly AlertLine[], common: Labels): string {
  const counted = (state: AlertLine['state']): string[] => {
    const count = alerts.filter(each => each.state === state).length
    return count === 0 ? [] : [`${count} ${state}`]
  }
  const shared = labelText(common, Object.keys(common))
  const all = shared === '' ? '' : `, all with ${shown(shared)}`
  return `${[...counted('firing'), ...counted('pending')].join(', ')}${all}`
}
