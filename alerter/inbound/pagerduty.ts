// PagerDuty's webhooks of version 3: somebody has acknowledged an incident there. Called by its channel.
import { createHmac } from 'node:crypto'
import type { Secret } from '#core/secret.ts'
import { isSame } from '../callback-key.ts'
import type { Hears } from '../channel.ts'
import { fieldsOf } from '../http-channel.ts'
import type { Inbound } from '../inbound.ts'
import { type Fields, isFields, textOf } from './form.ts'

// While a secret is replaced there are two signatures.
const signaturesMax = 10

// v1= and the HMAC-SHA256 of the body as it came.
// https://developer.pagerduty.com/docs/verifying-webhook-signatures
export const pagerdutyHears: Hears<Readonly<{ webhook_secret?: Secret | undefined }>> = {
  isFrom({ headers, body }, { webhook_secret: secret }) {
    if (secret === undefined) return false
    const wanted = `v1=${createHmac('sha256', secret.reveal()).update(body).digest('hex')}`
    const found = (headers['x-pagerduty-signature'] ?? '').split(',').slice(0, signaturesMax)
    return found.some(each => isSame(each.trim(), wanted))
  },
  read({ body }) {
    const event = fieldsOf(body)?.['event']
    return isFields(event) ? readEvent(event) : undefined
  },
  thanks: () => ({ type: 'text/plain; charset=utf-8', body: 'ok' }),
}

// `incident_key` is what we called the group when we opened it, and call it whenever we open it again: without its time
// an event could be of any of its incidents.
function readEvent(event: Fields): Inbound[] | undefined {
  const data = event['data']
  if (textOf(event, 'event_type') !== 'incident.acknowledged' || !isFields(data)) return []
  const receipt = textOf(data, 'incident_key')
  if (receipt === '') return []
  const occurredAt = textOf(event, 'occurred_at')
  const atMs = instant.test(occurredAt) ? Date.parse(occurredAt) : Number.NaN
  if (Number.isNaN(atMs)) return undefined
  const agent = event['agent']
  const by = (isFields(agent) && textOf(agent, 'summary')) || 'PagerDuty'
  return [{ kind: 'taken', receipt, by: by.slice(0, 200), atMs }]
}

// Without its zone a time would be ours.
const instant = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/
