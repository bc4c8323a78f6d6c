// Does what came have the form that the route wants? Every problem is told at once: where, what was wanted,
// what was found. Called by answer.ts for params, query and body.
import type { ZodType } from 'zod'
import { Failure } from '../errors.ts'

export function judge(schema: ZodType, value: unknown, at: string): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.slice(0, 20).map(issue => problemOf(issue as Issue, value, at))
  throw new Failure('bad_request', problems.join('; '))
}

type Issue = Readonly<{
  code: string
  path: readonly PropertyKey[]
  message: string
  origin?: string
  expected?: string
  format?: string
  values?: readonly unknown[]
  keys?: readonly string[]
  minimum?: number
  maximum?: number
}>

function problemOf(issue: Issue, value: unknown, at: string): string {
  const where = [at, ...issue.path.map(String)].join('.')
  if (issue.code === 'unrecognized_keys') {
    return `${where}: unknown: ${issue.keys?.join(', ')}`
  }
  return `${where}: wanted ${wish(issue)}, found ${found(partOf(value, issue.path))}`
}

function wish({ code, expected, values, minimum, maximum, origin, format, message }: Issue): string {
  if (code === 'invalid_type') return expected ?? message
  if (code === 'invalid_value') return `one of ${values?.map(each => JSON.stringify(each)).join(', ')}`
  if (code === 'too_small') return `at least ${minimum}${unitOf(origin)}`
  if (code === 'too_big') return `at most ${maximum}${unitOf(origin)}`
  if (code === 'invalid_format') return format === 'regex' ? message : `${format}`
  return message
}

const unitOf = (origin: string | undefined): string =>
  origin === 'string' ? ' characters' : origin === 'array' ? ' items' : ''

// What the caller sent there, before a schema turned it into something else.
function partOf(value: unknown, path: readonly PropertyKey[]): unknown {
  let part = value
  for (const key of path) part = (part as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key]
  return part
}

// How a refusal shows what came, whatever that is.
export function found(input: unknown): string {
  if (input === undefined) return 'nothing'
  try {
    const text = JSON.stringify(input) ?? String(input)
    return text.length > 80 ? `${text.slice(0, 80)}…` : text
  } catch {
    // JSON.parse reads deeper than JSON.stringify writes.
    return 'something nested too deeply'
  }
}
