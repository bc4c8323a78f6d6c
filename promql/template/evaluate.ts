// The value of a pipeline: commands, fields, methods and calls of functions, with Go's checks of arguments and in
// Go's words when they fail. Called by walk.ts.
import { fitting, isLiteral, literalFor, nilFor, plainValue } from './fit.ts'
import { type Chain, type Command, nodeText, type Operand, type Pipe, type Variable } from './node.ts'
import { Asked, CallRefused, deeper, type State, spend, stop, variableNamed } from './state.ts'
import { type Func, isTrue, ownOf, textOf, typeName, type Value } from './value.ts'

// No value comes from the command before.
const nothing = Symbol('nothing')
type Final = Value | typeof nothing

// What a call is about, for messages; `args` stand behind the name, `final` came through the pipe.
type Call = Readonly<{
  name: string
  func: Func
  receiver?: Value
  args: readonly Operand[]
  final: Final
  dot: Value
  place: Command | Operand
}>

// A nil that came from a map forgets where it came from.
export const unwrapped = (value: Value): Value => (value === null ? undefined : value)

export function evaluatePipe(state: State, pipe: Pipe, dot: Value): Value {
  state.place = pipe
  let value: Final = nothing
  for (const command of pipe.commands) {
    spend(state, 1)
    value = unwrapped(evaluateCommand(state, command, { dot, final: value }))
  }
  const found = value === nothing ? undefined : value
  for (const name of pipe.declares) {
    if (!pipe.assigns) state.variables.push({ name, value: found })
    else variableNamed(state, name).value = found
  }
  return found
}

type Given = Readonly<{ dot: Value; final: Final }>

function evaluateCommand(state: State, command: Command, given: Given): Value {
  const [first, ...args] = command.args
  switch (first.kind) {
    case 'identifier':
      state.place = first
      return callNamed(state, { place: command, name: first.name, args, ...given })
    case 'field':
      state.place = first
      return fieldsOf(state, { of: given.dot, fields: first.fields, args, place: first, ...given })
    case 'variable':
      return evaluateVariable(state, first, { args, ...given })
    case 'chain':
      return evaluateChain(state, first, { args, ...given })
    case 'pipe':
      refuseArguments(state, first, args, given.final)
      return deeper(state, () => evaluatePipe(state, first, given.dot))
    default:
      state.place = first
      refuseArguments(state, first, args, given.final)
      if (first.kind === 'nil') throw stop(state, 'nil is not a command')
      return first.kind === 'dot' ? given.dot : plainValue(state, first)
  }
}

function refuseArguments(state: State, first: Operand, args: readonly Operand[], final: Final): void {
  if (args.length === 0 && final === nothing) return
  throw stop(state, `can't give argument to non-function ${nodeText(first)}`)
}

type Arguments = Given & Readonly<{ args: readonly Operand[] }>

function evaluateVariable(state: State, node: Variable, given: Arguments): Value {
  state.place = node
  const { value } = variableNamed(state, node.name)
  if (node.fields.length === 0) {
    refuseArguments(state, node, given.args, given.final)
    return value
  }
  return fieldsOf(state, { of: value, fields: node.fields, place: node, ...given })
}

function evaluateChain(state: State, node: Chain, given: Arguments): Value {
  state.place = node
  const of = evaluateOperand(state, node.of, given.dot)
  return fieldsOf(state, { of, fields: node.fields, place: node, ...given })
}

type Fields = Arguments & Readonly<{ of: Value; fields: readonly string[]; place: Operand }>

// Arguments belong to the last of them.
function fieldsOf(state: State, fields: Fields): Value {
  let value = fields.of
  const last = fields.fields.length - 1
  for (let at = 0; at <= last; at++) {
    const given = at === last ? fields : { ...fields, args: [], final: nothing as Final }
    value = fieldOf(state, value, fields.fields[at]!, given)
  }
  return value
}

function fieldOf(state: State, of: Value, name: string, given: Fields): Value {
  if (of === undefined) return undefined
  if (of === null) throw stop(state, `nil pointer evaluating interface {}.${name}`)
  if (typeof of !== 'object') throw stop(state, `can't evaluate field ${name} in type ${typeName(of)}`)
  const func = of.shape.methods === undefined ? undefined : ownOf(of.shape.methods, name)
  if (func !== undefined) return call(state, { name, func, receiver: of, ...given })
  const hasArguments = given.args.length > 0 || given.final !== nothing
  if (of.kind === 'map') {
    if (hasArguments) throw stop(state, `${name} is not a method but has arguments`)
    const value = ownOf(of.entries, name)
    return value === undefined ? of.missing : value
  }
  if (of.kind !== 'struct' || !Object.hasOwn(of.fields, name)) {
    throw stop(state, `can't evaluate field ${name} in type ${typeName(of)}`)
  }
  if (hasArguments) throw stop(state, `${name} has arguments but cannot be invoked as function`)
  return of.fields[name]
}

// Whatever stands as an argument, or in front of a field.
function evaluateOperand(state: State, node: Operand, dot: Value): Value {
  state.place = node
  const given = { dot, args: [], final: nothing as Final }
  switch (node.kind) {
    case 'identifier':
      return callNamed(state, { name: node.name, place: node, ...given })
    case 'field':
      return fieldsOf(state, { of: dot, fields: node.fields, place: node, ...given })
    case 'variable':
      return evaluateVariable(state, node, given)
    case 'chain':
      return evaluateChain(state, node, given)
    case 'pipe':
      return deeper(state, () => evaluatePipe(state, node, dot))
    case 'dot':
      return dot
    case 'nil':
      return nilFor(state, 'any')
    default:
      return plainValue(state, node)
  }
}

type Wish = Readonly<{ dot: Value; wanted: string }>

function argument(state: State, node: Operand, { dot, wanted }: Wish): Value {
  state.place = node
  if (node.kind === 'nil') return nilFor(state, wanted)
  if (isLiteral(node)) return literalFor(state, node, wanted)
  return fitting(state, evaluateOperand(state, node, dot), wanted)
}

function callNamed(state: State, given: Omit<Call, 'func'>): Value {
  const func = ownOf(state.functions, given.name)
  if (func === undefined) throw stop(state, `${JSON.stringify(given.name)} is not a defined function`)
  if (given.name === 'and' || given.name === 'or') return decide(state, given)
  return call(state, { ...given, func })
}

// The arguments behind the one that decides are not looked at.
function decide(state: State, { name, args, final, dot }: Omit<Call, 'func'>): Value {
  if (args.length === 0 && final === nothing) {
    throw stop(state, `wrong number of args for ${name}: want at least 1 got 0`)
  }
  let value: Value
  for (const arg of args) {
    value = unwrapped(evaluateOperand(state, arg, dot))
    if (isTrue(value) === (name === 'or')) return value
  }
  return final === nothing ? value : final
}

function call(state: State, given: Call): Value {
  const { name, func, args, final, dot, place } = given
  const count = args.length + (final === nothing ? 0 : 1)
  const wanted = func.params.length
  if (func.rest === undefined ? count !== wanted : count < wanted) {
    const least = func.rest === undefined ? '' : 'at least '
    const got = func.rest === undefined ? count : args.length
    throw stop(state, `wrong number of args for ${name}: want ${least}${wanted} got ${got}`)
  }
  const typeOf = (at: number): string => func.params[at] ?? func.rest!
  const values: Value[] = 'receiver' in given ? [given.receiver] : []
  args.forEach((arg, at) => {
    values.push(argument(state, arg, { dot, wanted: typeOf(at) }))
  })
  if (final !== nothing) values.push(fitting(state, final, typeOf(count - 1)))
  spend(
    state,
    values.reduce<number>((sum, each) => sum + sizeOf(each), 0),
  )
  return answerOf(state, { name, func, place }, values)
}

// Whoever is called may look at all of it.
function sizeOf(value: Value): number {
  if (typeof value === 'object' && value?.kind === 'list') return value.items.length >> 2
  return (textOf(value)?.length ?? 0) >> 6
}

type Called = Pick<Call, 'name' | 'func' | 'place'>

function answerOf(state: State, { name, func, place }: Called, args: Value[]): Value {
  try {
    const answer = func.waits ? waited(state, func, args) : func.call(args, state.run)
    if (answer instanceof Promise) {
      throw new Error(`the function ${name} of a template does not say that it waits`)
    }
    if (typeof answer !== 'string') return answer
    if (answer.length > state.limits.outputLength) {
      throw new CallRefused(`its text is longer than ${state.limits.outputLength} characters`)
    }
    spend(state, answer.length >> 6)
    return answer
  } catch (error) {
    if (!(error instanceof CallRefused)) throw error
    state.place = place
    throw stop(state, `error calling ${name}: ${error.message}`)
  }
}

function waited(state: State, func: Func, args: Value[]): Value {
  const at = state.answersUsed++
  if (at >= state.limits.questions) {
    throw new CallRefused(`more than ${state.limits.questions} questions in one template`)
  }
  const known = state.answers[at]
  if (known === undefined) {
    const value = func.call(args, state.run)
    if (value instanceof Promise) throw new Asked(value)
    state.answers.push({ value })
    return value
  }
  if ('refused' in known) throw known.refused
  return known.value
}
