// The events of PagerDuty: of Events v2, and of the older API. Called by index.ts.
import { createHash } from 'node:crypto'
import type { Secret } from '#core/secret.ts'
import type { Message } from '../../message.ts'
import type { Said } from '../../said.ts'
import { valuesOf } from './details.ts'

const severities = ['critical', 'error', 'warning', 'info'] as const

type Text = string | undefined
type Told = Readonly<{
  key: Secret
  client?: Text
  client_url?: Text
  source?: Text
  class?: Text
  component?: Text
  group?: Text
  severity?: Text
  details: Readonly<Record<string, unknown>>
  links: readonly object[]
  images: readonly object[]
}>

export const isEvent = ({ kind }: Message): boolean => kind !== 'notice' && kind !== 'canary'

export function eventOf(message: Message, said: Said, told: Told) {
  const own = said.link === undefined ? [] : [{ href: said.link, text: said.linkLabel }]
  const links = [...own, ...told.links]
  const payload = {
    summary: said.title,
    source: told.source ?? told.client ?? 'Plimsoll',
    custom_details: { ...linesOf(said), ...valuesOf(told.details) },
  }
  if (!isEvent(message)) {
    const timestamp = new Date(message.atMs).toISOString()
    return { routing_key: told.key.reveal(), payload: { ...payload, timestamp }, links }
  }
  return {
    routing_key: told.key.reveal(),
    event_action: message.status === 'firing' ? 'trigger' : 'resolve',
    dedup_key: keyOf(message),
    client: told.client ?? 'Plimsoll',
    client_url: told.client_url ?? said.link,
    payload: {
      ...payload,
      severity: severityOf(message, told.severity),
      class: told.class,
      component: told.component,
      group: told.group,
    },
    links,
    images: told.images,
  }
}

const severityOf = ({ urgency }: Message, wanted: string | undefined): string =>
  severities.find(each => each === wanted) ??
  ({ page: 'critical', normal: 'error', low: 'info' } as const)[urgency]

// Those without a label are one text.
function linesOf({ lines }: Said): Record<string, string> {
  const details: Record<string, string> = {}
  for (const { label, text: said } of lines) {
    const key = label === '' ? 'text' : label
    details[key] = details[key] === undefined ? said : `${details[key]}\n${said}`
  }
  return details
}

// Alertmanager's.
const keyOf = ({ groupKey }: Message): string => createHash('sha256').update(groupKey).digest('hex')

// It knows no change events: a notice opens something, and whether the way works is asked by ending what never began.
export const oldEventOf = (message: Message, said: Said, told: Told) => ({
  service_key: told.key.reveal(),
  event_type: isBegun(message) ? 'trigger' : 'resolve',
  incident_key: keyOf(message),
  description: said.title,
  client: told.client ?? 'Plimsoll',
  client_url: told.client_url ?? said.link,
  details: { ...linesOf(said), ...valuesOf(told.details) },
})

const isBegun = ({ kind, status }: Message): boolean =>
  kind === 'notice' || (status === 'firing' && kind !== 'canary')
