// The fields of a form that came as multipart/form-data, as curl -F sends it. Files in it are left out, for nobody here
// takes one. Called by body.ts, which bounds its size.
import { Failure } from '../errors.ts'

// Of all forms.
export const fieldsMax = 1_000
// Of one field, before its value.
const headMaxBytes = 4_096
// Of blanks behind a boundary, which hardly anybody writes, and the end of the line.
const paddingMax = 32

type Field = readonly [name: string, value: string]
type Fields = Record<string, string | string[]>

// Its boundary is the one that the content type names. What stands before that is no part of the form.
export function fieldsOf(bytes: Buffer, contentType: string): Fields {
  const fields: Fields = Object.create(null)
  if (bytes.length === 0) return fields
  const line = lineOf(contentType)
  let at = isAt(bytes, line.subarray(2), 0) ? line.length - 2 : behind(line, findLine(bytes, line, 0))
  if (at < 0) throw noBoundary()
  for (let count = 0; bytes.toString('latin1', at, at + 2) !== '--'; count++) {
    const end = findLine(bytes, line, at)
    if (end < 0) throw new Failure('bad_request', 'the form ends before its last boundary')
    if (count === fieldsMax) throw new Failure('bad_request', `a form has at most ${fieldsMax} fields`)
    const field = fieldOf(bytes.subarray(at, end))
    if (field !== undefined) add(fields, field)
    at = end + line.length
  }
  return fields
}

const noBoundary = (): Failure => new Failure('bad_request', 'a form without its boundary')

// The end of the line before it, two dashes and the boundary.
function lineOf(contentType: string): Buffer {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? []
  const boundary = quoted ?? bare
  if (boundary === undefined) throw noBoundary()
  return Buffer.from(`\r\n--${boundary}`, 'latin1')
}

function findLine(bytes: Buffer, line: Buffer, from: number): number {
  let at = bytes.indexOf(line, from)
  while (at >= 0 && !isAt(bytes, line, at)) at = bytes.indexOf(line, at + line.length)
  return at
}

const behind = (line: Buffer, at: number): number => (at < 0 ? at : at + line.length)

// With nothing but its end behind it, or with the dashes of the last one.
const isAt = (bytes: Buffer, line: Buffer, at: number): boolean =>
  bytes.subarray(at, at + line.length).equals(line) &&
  /^(?:--|[ \t]*\r\n)/.test(bytes.toString('latin1', at + line.length, at + line.length + paddingMax))

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
