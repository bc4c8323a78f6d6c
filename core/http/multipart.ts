// The fields of a form that came as multipart/form-data, as curl -F sends it. Files in it are left out, for nobody here
// takes one. Called by body.ts, which bounds its size.
import { Failure } from '../errors.ts'

// Of all forms.
export const fieldsMax = 1_000
// Of one field, before its value.
const headMaxBytes = 4_096
// A boundary has 70 characters at most, and two dashes before it.
const lineMaxBytes = 72

type Field = readonly [name: string, value: string]
type Fields = Record<string, string | string[]>

// It begins with its boundary, on a line of its own; in other forms there are no lines.
export const isMultipart = (bytes: Buffer): boolean => boundaryOf(bytes) !== undefined

function boundaryOf(bytes: Buffer): Buffer | undefined {
  const end = bytes.subarray(0, lineMaxBytes + 2).indexOf('\r\n')
  return end > 2 && bytes.toString('latin1', 0, 2) === '--' ? bytes.subarray(0, end) : undefined
}

export function fieldsOf(bytes: Buffer): Fields {
  const boundary = boundaryOf(bytes) ?? Buffer.alloc(0)
  const between = Buffer.concat([Buffer.from('\r\n'), boundary])
  const fields: Fields = Object.create(null)
  let at = boundary.length
  for (let count = 0; bytes.toString('latin1', at, at + 2) !== '--'; count++) {
    const end = bytes.indexOf(between, at)
    if (end < 0) throw new Failure('bad_request', 'the form ends before its last boundary')
    if (count === fieldsMax) throw new Failure('bad_request', `a form has at most ${fieldsMax} fields`)
    const field = fieldOf(bytes.subarray(at, end))
    if (field !== undefined) add(fields, field)
    at = end + between.length
  }
  return fields
}

function add(fields: Fields, [name, value]: Field): void {
  const known = fields[name]
  if (Array.isArray(known)) known.push(value)
  else fields[name] = known === undefined ? value : [known, value]
}

function fieldOf(part: Buffer): Field | undefined {
  const end = part.subarray(0, headMaxBytes).indexOf('\r\n\r\n')
  if (end < 0) throw new Failure('bad_request', 'a field of the form has no head')
  const [about = ''] = /^content-disposition:.*$/im.exec(part.toString('utf8', 0, end)) ?? []
  const [, name] = /;\s*name="?([^";]*)/i.exec(about) ?? []
  if (name === undefined || /;\s*filename\*?=/i.test(about)) return undefined
  return [name, part.toString('utf8', end + 4)]
}
