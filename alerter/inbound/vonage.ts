// Vonage's callbacks: delivery receipts and replies, as JSON, as a form, or in the address. Called by the routes for
// inbound messages.
import type { Inbound } from '../inbound.ts'
import { type Fields, objectsOf, textOf } from './form.ts'

const outcomes = new Map([
  ['delivered', 'delivered'],
  ['failed', 'failed'],
  ['rejected', 'failed'],
  ['expired', 'failed'],
] as const)

// The body, or the query where the callback comes by GET.
export const readVonage = (body: string): Inbound[] =>
  (/^\s*[[{]/.test(body) ? objectsOf(body) : [Object.fromEntries(new URLSearchParams(body))]).flatMap(readOne)

function readOne(fields: Fields): Inbound[] {
  const status = textOf(fields, 'status').toLowerCase()
  const outcome = outcomes.get(status as 'failed')
  const receipt = textOf(fields, 'messageId') || textOf(fields, 'message-id')
  if (outcome !== undefined && receipt !== '') {
    const reason = outcome === 'failed' ? `${status} ${textOf(fields, 'err-code')}`.trim() : ''
    return [{ kind: 'receipt', receipt, outcome, reason }]
  }
  const [from, text] = [textOf(fields, 'msisdn'), textOf(fields, 'text')]
  return status === '' && from !== '' && text !== '' ? [{ kind: 'reply', from, text }] : []
}
