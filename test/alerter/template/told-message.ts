// A message out of the data that Alertmanager hands to a template, for samples that were made with that. Called by the
// tests of templates.
import type { Labels } from '#core/model.ts'
import type { Message } from '../../../alerter/message.ts'
import { alertOf, messageOf } from '../messages.ts'

export type AlertmanagerData = Readonly<{
  receiver: string
  status: string
  alerts: readonly Readonly<{
    status: string
    labels: Labels
    annotations: Labels
    startsAt: string
    endsAt: string
    generatorURL: string
    fingerprint: string
  }>[]
  groupLabels: Labels
  commonLabels: Labels
  commonAnnotations: Labels
  externalURL: string
}>

const statusOf = (text: string): Message['status'] => (text === 'resolved' ? 'resolved' : 'firing')

export function toldMessage(data: AlertmanagerData): Message {
  const { receiver, groupLabels, commonLabels, commonAnnotations, externalURL: externalUrl } = data
  const alerts = data.alerts.map(({ labels, annotations, fingerprint, ...each }) =>
    alertOf({
      status: statusOf(each.status),
      labels,
      annotations,
      startsAtMs: Date.parse(each.startsAt),
      endsAtMs: each.status === 'resolved' ? Date.parse(each.endsAt) : null,
      generatorUrl: each.generatorURL,
      fingerprint,
    }),
  )
  return messageOf({
    status: statusOf(data.status),
    timeZone: 'UTC',
    receiver,
    groupLabels,
    commonLabels,
    commonAnnotations,
    externalUrl,
    // A page of the incident is nothing that it has.
    link: null,
    alerts,
  })
}
