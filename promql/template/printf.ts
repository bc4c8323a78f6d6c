// A parser of Go's formats: Sprintf with flags, widths, precisions, `*` and `[2]`. What is wrong with a format stands
// in the text, %!d(string=hi) for one; nothing is refused. Called by builtins.ts.
import { Printer } from './format.ts'
import { noFlags } from './format-scalar.ts'
import { integerOf, isNil, typeName, type Value } from './value.ts'

const numberMax = 1_000_000
const flagNames = { '#': 'sharp', '0': 'zero', '+': 'plus', '-': 'minus', ' ': 'space' } as const

export function sprintf(format: string, args: readonly Value[], lengthMax: number): string {
  const printer = new Printer(lengthMax)
  const reader = new Reader(format, args)
  while (reader.at < format.length) {
    const percent = format.indexOf('%', reader.at)
    printer.write(format.slice(reader.at, percent === -1 ? format.length : percent))
    if (percent === -1) break
    reader.at = percent + 1
    if (!verb(reader, printer)) break
  }
  printer.flags = { ...noFlags }
  if (reader.reordered || reader.next >= args.length) return printer.text
  printer.write('%!(EXTRA ')
  args.slice(reader.next).forEach((arg, at) => {
    if (at > 0) printer.write(', ')
    if (!isNil(arg)) printer.write(`${typeName(arg)}=`)
    printer.print(arg, 'v')
  })
  printer.write(')')
  return printer.text
}

// Answers false where the format ends before its verb.
function verb(reader: Reader, printer: Printer): boolean {
  const flags = { ...noFlags }
  printer.flags = flags
  const { format } = reader
  for (; Object.hasOwn(flagNames, format[reader.at] ?? ''); reader.at++) {
    flags[flagNames[format[reader.at] as keyof typeof flagNames]] = true
  }
  reader.isGood = true
  reader.index()
  if (format[reader.at] === '*') {
    reader.at++
    const width = reader.starred()
    if (width === undefined) printer.write('%!(BADWIDTH)')
    else flags.width = Math.abs(width)
    if (width !== undefined && width < 0) [flags.minus, flags.zero] = [true, false]
    reader.afterIndex = false
  } else {
    flags.width = reader.number()
    if (reader.afterIndex && flags.width !== undefined) reader.isGood = false
  }
  if (format[reader.at] === '.' && reader.at + 1 < format.length) {
    reader.at++
    if (reader.afterIndex) reader.isGood = false
    reader.index()
    if (format[reader.at] === '*') {
      reader.at++
      const precision = reader.starred()
      if (precision === undefined || precision < 0) printer.write('%!(BADPREC)')
      else flags.precision = precision
      reader.afterIndex = false
    } else flags.precision = reader.number() ?? 0
  }
  if (!reader.afterIndex) reader.index()
  const point = format.codePointAt(reader.at)
  if (point === undefined) {
    printer.write('%!(NOVERB)')
    return false
  }
  const letter = String.fromCodePoint(point)
  reader.at += letter.length
  if (letter === '%') printer.write('%')
  else if (!reader.isGood) printer.write(`%!${letter}(BADINDEX)`)
  else if (reader.next >= reader.args.length) printer.write(`%!${letter}(MISSING)`)
  else {
    if (letter === 'v') {
      Object.assign(flags, { sharpV: flags.sharp, sharp: false, plusV: flags.plus, plus: false })
    }
    printer.print(reader.args[reader.next++], letter)
  }
  return true
}

class Reader {
  readonly format: string
  readonly args: readonly Value[]
  at = 0
  next = 0
  reordered = false
  afterIndex = false
  isGood = true

  constructor(format: string, args: readonly Value[]) {
    this.format = format
    this.args = args
  }

  // Too large a number swallows the rest of the format, as in Go.
  number(): number | undefined {
    const digits = /^\d+/.exec(this.format.slice(this.at, this.at + 20))?.[0]
    if (digits === undefined) return undefined
    this.at += digits.length
    if (Number(digits) <= numberMax * 10) return Number(digits)
    this.at = this.format.length
    return undefined
  }

  // `[3]`: which argument is meant.
  index(): void {
    this.afterIndex = false
    if (this.format[this.at] !== '[') return
    this.reordered = true
    const close = this.format.indexOf(']', this.at)
    const inner = close === -1 ? '' : this.format.slice(this.at + 1, close)
    this.at = close === -1 ? this.at + 1 : close + 1
    this.afterIndex = /^\d{1,7}$/.test(inner)
    const index = this.afterIndex ? Number(inner) - 1 : -1
    if (index >= 0 && index < this.args.length) this.next = index
    else this.isGood = false
  }

  // The integer among the arguments that a `*` stands for.
  starred(): number | undefined {
    if (this.next >= this.args.length) return undefined
    const integer = integerOf(this.args[this.next++])
    const isFit = integer !== undefined && integer <= numberMax && integer >= -numberMax
    return isFit ? Number(integer) : undefined
  }
}
