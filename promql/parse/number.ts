// What a number or a duration of PromQL is worth. A duration is a number of seconds wherever a number may stand.
// Called by the parser.
import { readDuration } from '#core/duration.ts'

export type ReadNumber = Readonly<{ value: number; isDuration: boolean }>

const digits = '\\d+(?:_\\d+)*'
const decimal = new RegExp(`^(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:[eE][+-]?${digits})?$`)
const hexadecimal = /^0[xX]_?[\da-fA-F]+(?:_[\da-fA-F]+)*$/
// As in Go and C: 0755 is octal, 0855 is not.
const octal = /^0_?[0-7]+(?:_[0-7]+)*$/

// Go's integers end here, and hexadecimal numbers are no others.
const integerMax = 2 ** 63

// Nothing when the text is neither.
export function readNumber(text: string): ReadNumber | undefined {
  const value = numeric(text)
  if (value !== undefined) return { value, isDuration: false }
  const ms = readDuration(text)
  return ms === undefined ? undefined : { value: ms / 1_000, isDuration: true }
}

function numeric(text: string): number | undefined {
  const plain = text.replaceAll('_', '')
  if (hexadecimal.test(text)) {
    const value = Number(plain)
    return value < integerMax ? value : undefined
  }
  if (octal.test(text)) {
    const value = Number.parseInt(plain, 8)
    if (value < integerMax) return value
  }
  if (!decimal.test(text)) return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? value : undefined
}
