// The verdict of services that answer 200 whatever happens, with a number in the body that tells. Called by the folders in
// channels/.
import type { Answer, Verdict } from './channel.ts'
import { byStatus, fieldsOf, later, limited, refused } from './http-channel.ts'

export type Codes = Readonly<{
  // The fields that may hold the number, and the one that says it in words.
  code: readonly string[]
  text: string
  tooMany: readonly number[]
  // How long to be silent then.
  waitMs: number
  settings: readonly number[]
  message: readonly number[]
}>

// Whoever slows us down may do so under a number that is not in any list.
const slower = /too fast|too many|freq|throttl|频率|太快|限流/i

export function byCode(answer: Answer, codes: Codes, nowMs: number): Verdict {
  const fields = fieldsOf(answer.body) ?? {}
  const code = codes.code.map(name => fields[name]).find(found => typeof found === 'number')
  if (code === undefined) {
    const verdict = byStatus(answer, nowMs)
    if (verdict.kind !== 'delivered') return verdict
    return later(`answered without ${codes.code[0]}: ${answer.body}`)
  }
  // Whoever says both is not believed.
  if (code === 0) return byStatus(answer, nowMs)
  const words = String(fields[codes.text] ?? '')
  const reason = `answered ${codes.code[0]} ${code}: ${words}`
  if (codes.tooMany.includes(code) || slower.test(words)) return limited(reason, codes.waitMs)
  if (codes.settings.includes(code)) return refused('settings', reason)
  return codes.message.includes(code) ? refused('message', reason) : later(reason)
}
