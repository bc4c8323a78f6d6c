// What is said, from what is true at the moment of sending: one group, or a digest of many. Called by delivery right
// before a message leaves.
import { annotationsIn, fingerprint, labelsOf, noLabels } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { isResolved, type KnownAlert } from '../alert.ts'
import { type Message, noneTruncated, type ToldAlert, type Truncated } from '../message.ts'
import type { OutboxEntry } from '../outbox-entry.ts'
import { moreUrgent, mostUrgent, rankOf, urgencyOf } from '../timeline/urgency.ts'
import { byLabels } from './by-labels.ts'
import { groupLabelsOf } from './group-labels.ts'
import { spokenMessage, type Voice } from './spoken.ts'
import { openThresholds } from './threshold.ts'

// One group, and what is known of the alerts that it tells.
export type Part = Readonly<{ entry: OutboxEntry; alerts: readonly KnownAlert[] }>

const digestAlertsMax = 1_000
const digestLinesMax = 20

export interface Composer {
  message(part: Part, nowMs: number): Message
  digest(parts: readonly Part[], nowMs: number): Message
}

export type ComposerOptions = Voice &
  Readonly<{
    // Of an incident. Left out: nobody says so.
    acknowledged?(incident: number): Message['acknowledged']
  }>

export function openComposer(options: ComposerOptions): Composer {
  // Whoever opens it may give more, and none of that is said.
  const { externalUrl, language, timeZone, acknowledged = () => undefined } = options
  const voice: Voice = { externalUrl, language, timeZone }
  const thresholdOf = openThresholds()
  const told = ({ entry, alerts }: Part, nowMs: number): ToldAlert[] => {
    const ended = new Set(entry.telling.resolved)
    return alerts.map(alert => {
      // An end that is not decided yet gets a message of its own: it would be told twice.
      const isEnd = ended.has(alert.fingerprint) && isResolved(alert, nowMs)
      return toldAlert(alert, isEnd, thresholdOf(alert.generatorUrl))
    })
  }
  const linkTo = (path: string): string | null => (externalUrl === '' ? null : `${externalUrl}${path}`)
  const common = (alerts: readonly ToldAlert[], nowMs: number) => ({
    ...voice,
    status: alerts.some(({ status }) => status === 'firing') ? ('firing' as const) : ('resolved' as const),
    commonLabels: commonOf(alerts.map(({ labels }) => labels)),
    commonAnnotations: commonOf(alerts.map(({ annotations }) => annotations)),
    atMs: nowMs,
    title: '',
    text: '',
    picture: null,
  })
  return {
    message(part, nowMs) {
      const { id, urgency } = part.entry.telling
      const { groupKey, receiver, incident, said } = part.entry
      if (said !== undefined)
        return spokenMessage(said, { id, urgency, receiver, groupKey, atMs: nowMs }, voice)
      const alerts = told(part, nowMs).sort(byBeginning)
      return {
        ...common(alerts, nowMs),
        id,
        kind: 'alerts',
        urgency,
        receiver,
        groupKey,
        groupLabels: groupLabelsOf(groupKey),
        alerts,
        truncated: noneTruncated,
        incident,
        acknowledged: incident === null ? undefined : acknowledged(incident),
        link: linkTo(`/i/${incident}`),
      }
    },
    digest(parts, nowMs) {
      const groups = parts.map(part => ({ entry: part.entry, alerts: told(part, nowMs) }))
      const alerts = groups.flatMap(group => group.alerts).sort(byUrgencyFirst)
      const entries = parts.map(({ entry }) => entry)
      const receivers = new Set(entries.map(({ receiver }) => receiver))
      const ids = entries.map(({ telling }) => telling.id).sort()
      return {
        ...common(alerts, nowMs),
        // The same groups with the same news make the same message.
        id: fingerprint(labelsOf([['digest', ids.join(' ')]])),
        kind: 'digest',
        urgency: entries.map(({ telling }) => telling.urgency).reduce(moreUrgent),
        receiver: [...receivers].sort().join(', '),
        groupKey: `digest:${ids[0]}`,
        groupLabels: commonOf(entries.map(({ groupKey }) => groupLabelsOf(groupKey))),
        alerts: alerts.slice(0, digestAlertsMax),
        truncated: withTruncated(noneTruncated, alerts.slice(digestAlertsMax)),
        incident: null,
        link: linkTo('/'),
        text: countsText(groups),
      }
    },
  }
}

export const toldAlert = (alert: KnownAlert, isEnd: boolean, threshold: string): ToldAlert => ({
  fingerprint: alert.fingerprint,
  status: isEnd ? 'resolved' : 'firing',
  labels: alert.labels,
  annotations: alert.annotations,
  startsAtMs: alert.startsAtMs,
  endsAtMs: isEnd ? alert.endsAtMs : null,
  stale: alert.stale,
  value: alert.value,
  threshold,
  generatorUrl: alert.generatorUrl,
  tried: [],
})

const withTruncated = ({ firing, resolved }: Truncated, left: readonly ToldAlert[]): Truncated => {
  const fire = left.filter(({ status }) => status === 'firing').length
  return { firing: firing + fire, resolved: resolved + left.length - fire }
}

const byBeginning = (one: ToldAlert, other: ToldAlert): number =>
  Number(one.status === 'resolved') - Number(other.status === 'resolved') ||
  one.startsAtMs - other.startsAtMs ||
  byLabels(one.labels, other.labels) ||
  (one.fingerprint < other.fingerprint ? -1 : 1)

const byUrgencyFirst = (one: ToldAlert, other: ToldAlert): number =>
  Number(one.status === 'resolved') - Number(other.status === 'resolved') ||
  rankOf[urgencyOf(one.labels)] - rankOf[urgencyOf(other.labels)] ||
  byBeginning(one, other)

function commonOf(all: readonly Labels[]): Labels {
  const [first] = all
  if (first === undefined) return noLabels
  const own = Object.keys(first)
  let names = own
  for (const labels of all) {
    let shared = 0
    while (shared < names.length && (labels[names[shared]!] ?? '') === first[names[shared]!]) shared += 1
    if (shared < names.length) names = names.filter(name => (labels[name] ?? '') === first[name])
  }
  // Of annotations empty ones too, as Alertmanager, for which what is not there is empty.
  return names === own ? first : annotationsIn(Object.fromEntries(names.map(name => [name, first[name]!])))
}

type Group = Readonly<{ entry: OutboxEntry; alerts: readonly ToldAlert[] }>

// `alertname DiskFull, cluster a: 12`, the worst groups first.
function countsText(groups: readonly Group[]): string {
  const lines = groups
    .map(({ entry, alerts }) => ({
      name: Object.entries(groupLabelsOf(entry.groupKey))
        .map(pair => pair.join(' '))
        .join(', '),
      firing: alerts.filter(({ status }) => status === 'firing').length,
      count: alerts.length,
      rank: rankOf[mostUrgent(alerts.map(({ labels }) => labels))],
    }))
    .sort(
      (a, b) =>
        Number(a.firing === 0) - Number(b.firing === 0) ||
        a.rank - b.rank ||
        b.firing - a.firing ||
        b.count - a.count,
    )
    .map(({ name, firing, count }) => `${name === '' ? '*' : name}: ${firing === 0 ? `✓ ${count}` : firing}`)
  const more = lines.length - digestLinesMax
  return [...lines.slice(0, digestLinesMax), ...(more > 0 ? [`… +${more}`] : [])].join('\n')
}

const shortAlertsMax = 5
const shortTextMax = 200
const shortLabelsMax = 20

// The same message in less room, for a service that refused it as it was.
export function shortened(message: Message): Message {
  const short = (labels: Labels): Labels =>
    labelsOf(
      Object.entries(labels)
        .slice(0, shortLabelsMax)
        .map(([name, value]) => [
          name,
          [...value.slice(0, 2 * shortTextMax)].slice(0, shortTextMax).join(''),
        ]),
    )
  const alerts = message.alerts.slice(0, shortAlertsMax).map(alert => ({
    ...alert,
    labels: short(alert.labels),
    annotations: short(alert.annotations),
    generatorUrl: '',
  }))
  return {
    ...message,
    alerts,
    truncated: withTruncated(message.truncated, message.alerts.slice(alerts.length)),
    commonLabels: short(message.commonLabels),
    commonAnnotations: short(message.commonAnnotations),
    text: message.text.slice(0, 2 * shortTextMax),
    picture: null,
  }
}
