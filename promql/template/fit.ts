// Does a value fit what a function wants? What is written out becomes what is wanted, where Go's constants would.
// Called by evaluate.ts for each argument.
import { durationValue } from './duration.ts'
import { nodeText, type Operand } from './node.ts'
import { type State, stop } from './state.ts'
import { isNil, typeName, type Value } from './value.ts'

export type Literal = Extract<Operand, { kind: 'bool' | 'string' | 'number' }>

export const isLiteral = (node: Operand): node is Literal =>
  node.kind === 'bool' || node.kind === 'string' || node.kind === 'number'

export function plainValue(state: State, node: Literal): Value {
  if (node.kind !== 'number') return node.value
  if (node.plain === undefined) throw stop(state, `${node.text} overflows int`)
  return node.plain
}

const literals: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'bool',
  int: 'integer',
  float64: 'float',
  'time.Duration': 'integer',
}

export function literalFor(state: State, node: Literal, wanted: string): Value {
  if (wanted === 'any') return plainValue(state, node)
  if (node.kind === 'number' && wanted === 'int' && node.int !== undefined) return node.int
  if (node.kind === 'number' && wanted === 'float64') return node.float
  // Written out, it is that many nanoseconds: `.Add 28800e9`.
  if (node.kind === 'number' && wanted === 'time.Duration' && node.int !== undefined) {
    return durationValue(node.int)
  }
  if (node.kind !== 'number' && wanted === node.kind) return node.value
  const literal = literals[wanted]
  if (literal !== undefined) throw stop(state, `expected ${literal}; found ${nodeText(node)}`)
  throw stop(state, `can't handle ${nodeText(node)} for arg of type ${wanted}`)
}

const canBeNil = (wanted: string): boolean => /^(?:any$|\*|\[|map\[)/.test(wanted)

export function nilFor(state: State, wanted: string): Value {
  if (canBeNil(wanted)) return undefined
  throw stop(state, `cannot assign nil to ${wanted}`)
}

const bare = (name: string): string => (name.startsWith('*') ? name.slice(1) : name)

// One step to or from a pointer is for nobody to see.
export function fitting(state: State, value: Value, wanted: string): Value {
  if (wanted === 'any') return value
  if (isNil(value) && canBeNil(wanted)) return undefined
  if (value === undefined) throw stop(state, `invalid value; expected ${wanted}`)
  const found = value === null ? 'interface {}' : typeName(value)
  if (bare(found) === bare(wanted)) return value
  throw stop(state, `wrong type for value; expected ${wanted}; got ${found}`)
}
