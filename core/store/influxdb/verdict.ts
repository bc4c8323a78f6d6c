// What does InfluxDB's answer to a write mean? Stored, something wrong with lines, too large, or a Failure: not let in,
// or not now. Called by deliver.ts for every answer.
import { Failure } from '../../errors.ts'
import { decodePoints, type FieldValue } from '../../line-protocol/points.ts'
import type { Refusal } from '../poison.ts'
import type { Reply } from './link.ts'

// `expired`: so many lines were older than what the bucket keeps, and were forgotten at once, as they would be later.
export type Verdict =
  | Readonly<{ is: 'stored'; expired: number }>
  | Readonly<{ is: 'too_large'; reason: string }>
  | Readonly<{ is: 'refused'; refusal: Refusal<Uint8Array> }>

// `lines`: what was sent, where it was single lines.
export function judge({ status, body, retryAfterMs }: Reply, lines: readonly Uint8Array[] = []): Verdict {
  if (status === 204 || status === 200) return { is: 'stored', expired: 0 }
  const told = messageOf(body)
  const reason = `${status}: ${shortened(told?.message ?? body, 500)}`
  if (status === 413) return { is: 'too_large', reason }
  if (status === 429 || status === 408 || status >= 500) {
    throw new Failure('store_unavailable', reason, retryAfterMs === undefined ? {} : { retryAfterMs })
  }
  // Only what InfluxDB itself says of a line: a proxy that answers 400 to everything would empty the bus.
  if ((status === 400 || status === 422) && told !== undefined) return judgeLines(told.message, lines)
  throw new Failure('store_refused', reason)
}

type Told = Readonly<{ code: string; message: string }>

// InfluxDB's own form of an error.
function messageOf(body: string): Told | undefined {
  try {
    const { code, message } = JSON.parse(body) as Partial<Told>
    return typeof code === 'string' && typeof message === 'string' ? { code, message } : undefined
  } catch {
    return undefined
  }
}

function judgeLines(message: string, lines: readonly Uint8Array[]): Verdict {
  const dropped = Number(/ dropped=(\d+)/.exec(message)?.[1] ?? Number.NaN)
  const isPartial = message.includes('partial write')
  // Told only when nothing else is wrong, and all others are stored.
  if (isPartial && /(?:outside|beyond) retention policy/.test(message)) {
    return { is: 'stored', expired: Number.isNaN(dropped) ? 1 : dropped }
  }
  const unread = unreadLines(message)
  if (unread !== undefined) {
    const reason = shortened(message, 500)
    const blame = (line: Uint8Array) => unread.get(textOf(line))
    // Not the number of those it names: what it quotes may hold the same words.
    const count = lines.filter(line => blame(line) !== undefined).length
    return { is: 'refused', refusal: { reason, othersStored: false, count, blame } }
  }
  const refusal = {
    reason: shortened(message.replace(/^.*partial write: /s, '').replace(/ dropped=.*$/s, ''), 500),
    othersStored: isPartial,
    ...(Number.isNaN(dropped) ? {} : { count: dropped }),
    ...blameOf(message),
  }
  return { is: 'refused', refusal }
}

const unread = "unable to parse '"

// Every line that it could not read, with the reason; it has stored none of the others.
function unreadLines(message: string): ReadonlyMap<string, string> | undefined {
  const parts = message.split(unread)
  if (parts.length < 2) return undefined
  const lines = new Map<string, string>()
  for (const part of parts.slice(1)) {
    const end = part.lastIndexOf("': ")
    if (end >= 0) lines.set(part.slice(0, end), part.slice(end + 3).trimEnd())
  }
  return lines
}

const conflict = /input field "(.*)" on measurement "(.*)" is type (\w+), already exists as type/s
const kinds = { float: 'float', int: 'integer', uint: 'unsigned', bool: 'boolean', string: 'string' } as const

// The lines that write this field with this type; in another week it may have had another, so they are asked about.
function blameOf(message: string): Pick<Refusal<Uint8Array>, 'blame'> {
  const [text, field = '', measurement, type] = conflict.exec(message) ?? []
  if (text === undefined) return {}
  const clashes = ([key, value]: readonly [string, FieldValue]): boolean =>
    key === field && Object.keys(value).some(kind => kinds[kind as keyof typeof kinds] === type)
  const blame = (line: Uint8Array): string | undefined => {
    const [point] = decodePoints(line, 'ms').points
    return point !== undefined && point.measurement === measurement && point.fields.some(clashes)
      ? conflictText(message)
      : undefined
  }
  return { blame }
}

const conflictText = (message: string): string =>
  /field type conflict: .*?(?= dropped=|$)/s.exec(message)?.[0] ?? message

// Without the newline at its end, as InfluxDB quotes it.
export const textOf = (line: Uint8Array): string => Buffer.from(line).toString().replace(/\n$/, '')

export const shortened = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max)}…`
