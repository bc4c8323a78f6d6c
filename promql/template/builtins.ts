// The functions that every template has: comparisons, index, slice, len, print and the escapes, with Go's rules about
// what may be compared with what. `and` and `or` are evaluate.ts's own. Called through the table of functions.
import { escapeHtml, escapeJs, escapeQuery } from './escape.ts'
import { shown, sprint, sprintln } from './format.ts'
import { sprintf } from './printf.ts'
import { byBytes } from './sorted-keys.ts'
import { CallRefused } from './state.ts'
import {
  type Functions,
  func,
  integerOf,
  isNil,
  isTrue,
  ownOf,
  type Run,
  textOf,
  typeName,
  type Value,
  variadic,
} from './value.ts'

type Kind = 'bool' | 'int' | 'float' | 'string' | undefined

function kindOf(value: Value): Kind {
  if (integerOf(value) !== undefined) return 'int'
  if (typeof value === 'number') return 'float'
  return textOf(value) !== undefined ? 'string' : typeof value === 'boolean' ? 'bool' : undefined
}

function incomparable(a: Value, b: Value): CallRefused {
  return new CallRefused(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)
}

function equal(a: Value, b: Value): boolean {
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b)
  const kind = kindOf(a)
  if (kind !== kindOf(b)) throw incomparable(a, b)
  if (kind === 'int') return integerOf(a) === integerOf(b)
  if (kind === 'string') return textOf(a) === textOf(b)
  if (typeof a !== 'object') return a === b
  if (typeof b === 'object' && a.kind === 'time' && b.kind === 'time') return a.tMs === b.tMs
  throw new CallRefused(`non-comparable type ${shown(b, 1_000)}: ${typeName(b)}`)
}

function less(a: Value, b: Value): boolean {
  const kind = kindOf(a)
  if (kind === undefined || kindOf(b) === undefined) throw new CallRefused('invalid type for comparison')
  if (kind !== kindOf(b)) throw incomparable(a, b)
  if (kind === 'bool') throw new CallRefused('invalid type for comparison')
  if (kind === 'int') return integerOf(a)! < integerOf(b)!
  if (kind === 'string') return byBytes(textOf(a)!, textOf(b)!) < 0
  return (a as number) < (b as number)
}

const lessOrEqual = (a: Value, b: Value): boolean => less(a, b) || equal(a, b)

function place(index: Value, length: number): number {
  const at = integerOf(index)
  if (isNil(index)) throw new CallRefused('cannot index slice/array with nil')
  if (at === undefined) throw new CallRefused(`cannot index slice/array with type ${typeName(index)}`)
  if (at < 0n || at > BigInt(length)) throw new CallRefused(`index out of range: ${at}`)
  return Number(at)
}

function indexed(value: Value, index: Value): Value {
  if (isNil(value)) throw new CallRefused('index of nil pointer')
  const text = textOf(value)
  if (text !== undefined) {
    // Of the bytes, as everywhere in Go.
    const bytes = Buffer.from(text)
    return BigInt(bytes[within(place(index, bytes.length), bytes.length, 'string')]!)
  }
  if (typeof value === 'object' && value.kind === 'list') {
    return value.items[within(place(index, value.items.length), value.items.length, 'slice')]
  }
  if (typeof value !== 'object' || value.kind !== 'map') {
    throw new CallRefused(`can't index item of type ${typeName(value)}`)
  }
  if (isNil(index)) throw new CallRefused('value is nil; should be of type string')
  if (typeof index !== 'string') {
    throw new CallRefused(`value has type ${typeName(index)}; should be string`)
  }
  return ownOf(value.entries, index) ?? value.missing
}

function within(at: number, length: number, what: string): number {
  if (at < length) return at
  throw new CallRefused(`reflect: ${what} index out of range`)
}

function sliced(value: Value, indexes: readonly Value[]): Value {
  if (isNil(value)) throw new CallRefused('slice of untyped nil')
  if (indexes.length > 3) throw new CallRefused(`too many slice indexes: ${indexes.length}`)
  const text = textOf(value)
  const items = text === undefined ? undefined : Buffer.from(text)
  const list = typeof value === 'object' && value.kind === 'list' ? value : undefined
  if (items === undefined && list === undefined) {
    throw new CallRefused(`can't slice item of type ${typeName(value)}`)
  }
  if (items !== undefined && indexes.length === 3) throw new CallRefused('cannot 3-index slice a string')
  const length = items?.length ?? list!.items.length
  const [from = 0, to = length, end = length] = indexes.map(each => place(each, length))
  if (from > to) throw new CallRefused(`invalid slice index: ${from} > ${to}`)
  if (to > end) throw new CallRefused(`invalid slice index: ${to} > ${end}`)
  return items === undefined
    ? { ...list!, items: list!.items.slice(from, to) }
    : sameKind(value, items.toString('utf8', from, to))
}

const sameKind = (value: Value, text: string): Value =>
  typeof value === 'object' && value?.kind === 'text' ? { ...value, text } : text

function lengthOf(value: Value): bigint {
  const text = textOf(value)
  if (text !== undefined) return BigInt(Buffer.byteLength(text))
  if (isNil(value)) throw new CallRefused('len of nil pointer')
  if (typeof value === 'object' && value.kind === 'list') return BigInt(value.items.length)
  if (typeof value === 'object' && value.kind === 'map') return BigInt(Object.keys(value.entries).length)
  throw new CallRefused(`len of type ${typeName(value)}`)
}

// As a template would show them.
const plain = (args: readonly Value[], { lengthMax }: Run<unknown>): string =>
  args.length === 1 && !isNil(args[0])
    ? shown(args[0], lengthMax)
    : sprint(
        args.map(each => (isNil(each) ? '<no value>' : each)),
        lengthMax,
      )

export const builtins: Functions = {
  // Evaluated by themselves: the table says only that they are there.
  and: variadic(['any'], 'any', ([value]) => value),
  or: variadic(['any'], 'any', ([value]) => value),
  not: func(['any'], ([value]) => !isTrue(value)),
  eq: variadic(['any'], 'any', ([first, ...others]) => {
    if (others.length === 0) throw new CallRefused('missing argument for comparison')
    return others.some(each => equal(first, each))
  }),
  ne: func(['any', 'any'], ([a, b]) => !equal(a, b)),
  lt: func(['any', 'any'], ([a, b]) => less(a, b)),
  le: func(['any', 'any'], ([a, b]) => lessOrEqual(a, b)),
  gt: func(['any', 'any'], ([a, b]) => !lessOrEqual(a, b)),
  ge: func(['any', 'any'], ([a, b]) => !less(a, b)),
  len: func(['any'], ([value]) => lengthOf(value)),
  index: variadic(['any'], 'any', ([value, ...indexes]) => {
    if (isNil(value)) throw new CallRefused('index of untyped nil')
    return indexes.reduce(indexed, value)
  }),
  slice: variadic(['any'], 'any', ([value, ...indexes]) => sliced(value, indexes)),
  print: variadic([], 'any', (args, { lengthMax }) => sprint(args, lengthMax)),
  println: variadic([], 'any', (args, { lengthMax }) => sprintln(args, lengthMax)),
  printf: variadic(['string'], 'any', ([format, ...args], { lengthMax }) =>
    sprintf(format as string, args, lengthMax),
  ),
  html: variadic([], 'any', (args, run) => escapeHtml(plain(args, run))),
  js: variadic([], 'any', (args, run) => escapeJs(plain(args, run))),
  urlquery: variadic([], 'any', (args, run) => escapeQuery(plain(args, run))),
  call: variadic(['any'], 'any', ([called, ...args], run) => {
    if (isNil(called)) throw new CallRefused('call of nil')
    if (typeof called !== 'object' || called.kind !== 'func') {
      throw new CallRefused(`non-function of type ${typeName(called)}`)
    }
    const { params, rest, call } = called.func
    if (args.length < params.length || (rest === undefined && args.length > params.length)) {
      throw new CallRefused(`wrong number of args: got ${args.length} want ${params.length}`)
    }
    return call(args, run) as Value
  }),
}
