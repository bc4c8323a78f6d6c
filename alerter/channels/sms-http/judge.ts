// Whether an answer is what the operator calls success, or is not worth another try. Called by index.ts.
import { patternSearch } from '#core/pattern.ts'
import type { Answer, Verdict } from '../../channel.ts'
import { byStatus, later, refused } from '../../http-channel.ts'
import type { AnswerTest } from './answer-test.ts'

type Settings = Readonly<{
  success: AnswerTest
  refused?: AnswerTest | undefined
  // Where the name of the message stands.
  receipt?: string | undefined
}>

export function judge(
  answer: Answer,
  { success, refused: never, receipt }: Settings,
  nowMs: number,
): Verdict {
  const plain = byStatus(answer, nowMs)
  if (holds(answer, { ...success, status: success.status ?? twoHundreds })) {
    const name = receipt === undefined ? undefined : valueAt(answer.body, receipt)
    return { kind: 'accepted', ...(name !== undefined && { receipt: String(name).slice(0, 200) }) }
  }
  const told = `answered ${answer.status}: ${answer.body}`
  if (never !== undefined && holds(answer, never)) return refused('settings', told)
  return plain.kind === 'refused' || plain.kind === 'later' ? plain : later(told)
}

const twoHundreds = Array.from({ length: 100 }, (_, at) => 200 + at)

function holds({ status, body }: Answer, test: AnswerTest): boolean {
  if (test.status !== undefined && !test.status.includes(status)) return false
  const value = test.json === undefined ? body : valueAt(body, test.json)
  if (value === undefined) return false
  if (test.match !== undefined && !isFound(test.match, String(value))) return false
  return test.json === undefined || test.equals === undefined || String(value) === String(test.equals)
}

function isFound(pattern: string, body: string): boolean {
  for (const _ of patternSearch(pattern)(body)) return true
  return false
}

// `data.code`, `messages[0].status`; nothing where there is none, or an object.
function valueAt(body: string, path: string): string | number | boolean | undefined {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return undefined
  }
  for (const step of path.split(/\.|\[|\]/).filter(each => each !== '')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined
}
