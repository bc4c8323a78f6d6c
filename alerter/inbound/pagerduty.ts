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

// `incident_key` is what we called the group when we opened it.
function readEvent(event: Fields): Inbound[] {
  const data = event['data']
  if (textOf(event, 'event_type') !== 'incident.acknowledged' || !isFields(data)) return []
  const receipt = textOf(data, 'incident_key')
  const agent = event['agent']
  const by = (isFields(agent) && textOf(agent, 'summary')) || 'PagerDuty'
  return receipt === '' ? [] : [{ kind: 'taken', receipt, by: by.slice(0, 200) }]
}
