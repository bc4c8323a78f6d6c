// What Telegram's answers mean: `ok` and, where it is false, a number and words. Called by index.ts.
import type { Answer, Verdict } from '../../channel.ts'
import { byStatus, fieldsOf, later, limited, refused, retryAfterMs, waitOf } from '../../http-channel.ts'

// Of the many that are called 400 these are about what was said; the others about where. Some groups let nobody send
// pictures, but words.
const aboutMessage =
  /too long|parse entities|text is empty|BUTTON_|PHOTO_|IMAGE_|wrong file|unsupported|send (?:photos|media)|SEND_(?:PHOTOS|MEDIA)_FORBIDDEN/i

export function judge(answer: Answer, nowMs: number): Verdict {
  const fields = fieldsOf(answer.body)
  if (fields === undefined || typeof fields['ok'] !== 'boolean') {
    const verdict = byStatus(answer, nowMs)
    return verdict.kind === 'delivered' ? later(`answered without ok: ${answer.body}`) : verdict
  }
  if (fields['ok']) {
    const verdict = byStatus(answer, nowMs)
    const { message_id: id } = (fields['result'] ?? {}) as { message_id?: unknown }
    return verdict.kind === 'delivered' && typeof id === 'number'
      ? { ...verdict, receipt: String(id) }
      : verdict
  }
  const code = typeof fields['error_code'] === 'number' ? fields['error_code'] : answer.status
  const words = String(fields['description'] ?? '')
  const reason = `answered ${code}: ${words}`
  const { retry_after: seconds } = (fields['parameters'] ?? {}) as { retry_after?: unknown }
  const afterMs = waitOf(seconds) ?? retryAfterMs(answer.headers, nowMs)
  if (code === 429) return limited(reason, afterMs)
  if (code === 413 || (code === 400 && aboutMessage.test(words))) return refused('message', reason)
  return code >= 400 && code < 500 ? refused('settings', reason) : later(reason, afterMs)
}
