// Go's fmt: Sprint, Sprintln and Sprintf over the values of a template, bounded in what they write, mistakes in the
// format written into the text as Go writes them. Called by walk.ts and builtins.ts.
import { type Flags, formatInteger, formatNumber, formatText, noFlags, pad } from './format-scalar.ts'
import { sortedKeys } from './sorted-keys.ts'
import { CallRefused } from './state.ts'
import { integerOf, isNil, type List, type Struct, textOf, typeName, type Value } from './value.ts'

export function sprint(args: readonly Value[], lengthMax: number): string {
  const printer = new Printer(lengthMax)
  args.forEach((arg, at) => {
    const isApart = at > 0 && textOf(arg) === undefined && textOf(args[at - 1]) === undefined
    if (isApart) printer.write(' ')
    printer.print(arg, 'v')
  })
  return printer.text
}

export function sprintln(args: readonly Value[], lengthMax: number): string {
  const printer = new Printer(lengthMax)
  args.forEach((arg, at) => {
    if (at > 0) printer.write(' ')
    printer.print(arg, 'v')
  })
  printer.write('\n')
  return printer.text
}

// What a template shows of a value by itself: pointers are followed.
export function shown(value: Value, lengthMax: number): string {
  if (typeof value === 'string') return value
  const printer = new Printer(lengthMax)
  printer.print(value, 'v', true)
  return printer.text
}

export class Printer {
  text = ''
  flags: Flags = { ...noFlags }
  readonly #lengthMax: number

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax
  }

  write(text: string): void {
    if (this.text.length + text.length > this.#lengthMax) {
      throw new CallRefused(`its text is longer than ${this.#lengthMax} characters`)
    }
    this.text += text
  }

  // At the top a pointer shows as &{…}; `follows` shows what it points to.
  print(value: Value, verb: string, follows = false): void {
    if (verb === 'T') this.write(pad(typeName(value), this.flags))
    else if (isNil(value) && verb !== 'v') this.write(`%!${verb}(<nil>)`)
    else {
      const isPointer = typeof value === 'object' && value?.shape.pointer && value.shape.text === undefined
      if (isPointer && !follows) this.write('&')
      this.#value(value, verb)
    }
  }

  #value(value: Value, verb: string): void {
    if (isNil(value)) this.write(pad('<nil>', this.flags))
    else if (typeof value === 'object') this.#object(value, verb)
    else this.#scalar(value, verb, value)
  }

  #scalar(value: boolean | bigint | number | string, verb: string, whole: Value): void {
    let text: string | undefined
    if (typeof value === 'bigint') text = formatInteger(value, verb, this.flags)
    else if (typeof value === 'number') text = formatNumber(value, verb, this.flags)
    else if (typeof value === 'string') text = formatText(value, verb, this.flags)
    else text = verb === 't' || verb === 'v' ? pad(String(value), this.flags) : undefined
    if (text === undefined) this.#bad(whole, verb)
    else this.write(text)
  }

  #bad(value: Value, verb: string): void {
    this.write(`%!${verb}(${typeName(value)}=`)
    if (typeof value === 'object' && value?.kind === 'func') this.write('…')
    else this.#value(value, 'v')
    this.write(')')
  }

  #object(value: Exclude<Value & object, null>, verb: string): void {
    const isText = ['v', 's', 'q', 'x', 'X'].includes(verb) && !this.flags.sharpV
    if (value.shape.text !== undefined && isText) {
      this.#scalar(value.shape.text(value as never), verb, value)
      return
    }
    const integer = integerOf(value)
    if (integer !== undefined) this.#scalar(integer, verb, value)
    else if (value.kind === 'map') this.#map(value, verb)
    else if (value.kind === 'list') this.#list(value, verb)
    else if (value.kind === 'struct') this.#struct(value, verb)
    else if (verb === 'v') this.write(typeName(value))
    else this.#bad(value, verb)
  }

  #map(value: Extract<Value, { kind: 'map' }>, verb: string): void {
    const { sharpV } = this.flags
    this.write(sharpV ? `${value.shape.name}{` : 'map[')
    sortedKeys(value.entries).forEach((key, at) => {
      if (at > 0) this.write(sharpV ? ', ' : ' ')
      this.#value(key, verb)
      this.write(':')
      this.#value(value.entries[key], verb)
    })
    this.write(sharpV ? '}' : ']')
  }

  #list({ items, shape }: List, verb: string): void {
    const { sharpV } = this.flags
    this.write(sharpV ? `${shape.name}{` : '[')
    items.forEach((item, at) => {
      if (at > 0) this.write(sharpV ? ', ' : ' ')
      this.#value(item, verb)
    })
    this.write(sharpV ? '}' : ']')
  }

  #struct({ fields, shape }: Struct, verb: string): void {
    const { sharpV, plusV } = this.flags
    this.write(sharpV ? `${shape.name}{` : '{')
    Object.keys(fields).forEach((name, at) => {
      if (at > 0) this.write(sharpV ? ', ' : ' ')
      if (sharpV || plusV) this.write(`${name}:`)
      this.#value(fields[name], verb)
    })
    this.write('}')
  }
}
