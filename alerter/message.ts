// What somebody is told, before a channel has given it a form. Made when it is sent, so that it says what is true then.
// Composed by delivery, read by words and channels.
import type { Labels, NoticeData } from '#core/model.ts'

export type ToldAlert = Readonly<{
  fingerprint: string
  status: 'firing' | 'resolved'
  labels: Labels
  annotations: Labels
  startsAtMs: number
  endsAtMs: number | null
  stale: boolean
  // The value now and, where the rule compares with a number, what it is compared with: `> 90`.
  value: string
  threshold: string
  generatorUrl: string
  // What was already tried, in words; empty when nothing was.
  tried: readonly string[]
}>

export type Truncated = Readonly<Record<ToldAlert['status'], number>>

export const noneTruncated: Truncated = { firing: 0, resolved: 0 }

// Its words are its own, and no alerts are in it.
export const isSpoken = ({ kind }: Pick<Message, 'kind'>): boolean => kind === 'notice' || kind === 'alarm'

// For whoever says only that there are more.
export const truncatedCount = ({ truncated: { firing, resolved } }: Pick<Message, 'truncated'>): number =>
  firing + resolved

export type Message = Readonly<{
  // The same when it is sent again.
  id: string
  // `alarm`: the watchdog's own words, which begin and end as an alert does.
  kind: 'alerts' | 'digest' | 'notice' | 'alarm' | 'canary'
  // `resolved` when nothing of it fires any more, and of notices.
  status: 'firing' | 'resolved'
  urgency: 'page' | 'normal' | 'low'
  receiver: string
  // Alertmanager's: `{}/{team="a"}:{alertname="X"}`.
  groupKey: string
  groupLabels: Labels
  commonLabels: Labels
  commonAnnotations: Labels
  // Firing ones first, then by when they began. Those that found no place are counted.
  alerts: readonly ToldAlert[]
  truncated: Truncated
  // The short number that people say and answer, and the page of it; nothing for what is no incident.
  incident: number | null
  link: string | null
  // Who has taken the incident over, a number or a name, and when. Left out: nobody has.
  acknowledged?: Readonly<{ by: string; atMs: number }> | undefined
  externalUrl: string
  language: 'en' | 'zh'
  timeZone: string
  atMs: number
  // Of a notice or an alarm.
  title: string
  text: string
  // The last hour as PNG, where there is one.
  picture: Uint8Array | null
  // Of a notice that has some: the same for programs.
  data?: NoticeData
}>
