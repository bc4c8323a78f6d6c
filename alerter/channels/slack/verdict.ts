// What Slack's answers mean: a webhook says `ok`, or one word of what is wrong; the API says `ok: true` or `error`, with
// status 200 for both. Called by index.ts.
import type { Answer, Verdict } from '../../channel.ts'
import { byStatus, fieldsOf, later, limited, refused, retryAfterMs } from '../../http-channel.ts'

const aboutMessage = new Set([
  'invalid_payload',
  'invalid_attachments',
  'invalid_blocks',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'restricted_action_thread_locked',
  'too_many_attachments',
])
const forNow = new Set([
  'fatal_error',
  'internal_error',
  'request_timeout',
  'rollup_error',
  'service_unavailable',
  'team_added_to_org',
])

const tooMany = new Set(['rate_limited', 'ratelimited'])

export function judge(answer: Answer, nowMs: number): Verdict {
  const { status, headers, body } = answer
  const fields = fieldsOf(body)
  if (status === 429 || status >= 500) return byStatus(answer, nowMs)
  if (fields !== undefined && typeof fields['ok'] === 'boolean') {
    if (fields['ok']) return { kind: 'delivered', receipt: `${fields['channel']}:${fields['ts']}` }
    return byWord(String(fields['error'] ?? ''), retryAfterMs(headers, nowMs))
  }
  const word = body.trim()
  if (status === 200) {
    return word === 'ok' ? { kind: 'delivered' } : later(`answered 200, but not ok: ${body}`)
  }
  return /^[a-z_]{3,60}$/.test(word) ? byWord(word, retryAfterMs(headers, nowMs)) : byStatus(answer, nowMs)
}

// What is not known here is most often a room or a token that is gone.
function byWord(word: string, afterMs: number | undefined): Verdict {
  if (tooMany.has(word)) return limited(`answered ${word}`, afterMs)
  if (forNow.has(word)) return later(`answered ${word}`, afterMs)
  return refused(aboutMessage.has(word) ? 'message' : 'settings', `answered ${word}`)
}
