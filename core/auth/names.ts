// What may be the name of a user or a token: any script, one line, nothing that cannot be seen. Called wherever
// a name comes in.
import { Failure } from '../errors.ts'

const nameMax = 64

// One name has one form, however it was typed; undefined when it cannot be one.
export function readName(text: string): string | undefined {
  const name = text.normalize('NFC').trim()
  const hasUnseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)
  return name === '' || [...name].length > nameMax || hasUnseen ? undefined : name
}

export function nameOf(text: string): string {
  const name = readName(text)
  if (name !== undefined) return name
  const wanted = `1 to ${nameMax} visible characters on one line`
  throw new Failure('bad_request', `name: wanted ${wanted}, found ${JSON.stringify(text.slice(0, 80))}`)
}
