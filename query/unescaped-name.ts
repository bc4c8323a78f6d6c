// Which name does an address mean? Names that addresses and old clients cannot carry come as U__, with an underscore
// doubled and any other sign as its number between two: U__host_2e_name is host.name. Prometheus' own notation. Called
// by list-routes.ts.
import { Failure } from '#core/errors.ts'

const part = /^(?:[^_]|__|_[\da-f]{1,6}_)*$/iu
const sign = /__|_([\da-f]{1,6})_/giu

export function unescapedName(written: string): string {
  const name = read(written)
  if (name === '' || !name.isWellFormed()) {
    throw new Failure('bad_request', `invalid label name: ${JSON.stringify(written)}`)
  }
  return name
}

// What is not written so is taken as it is.
function read(written: string): string {
  const rest = written.slice(3)
  if (!written.startsWith('U__') || !part.test(rest)) return written
  const codes = [...rest.matchAll(sign)].flatMap(([, hex]) => (hex === undefined ? [] : [parseInt(hex, 16)]))
  if (!codes.every(isSign)) return written
  return rest.replaceAll(sign, (_, hex?: string) =>
    hex === undefined ? '_' : String.fromCodePoint(parseInt(hex, 16)),
  )
}

const isSign = (code: number): boolean => code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
