// What a tree does: text, actions, if, with, range and template, in Go's order of things. Called by engine.ts.
import { evaluatePipe, unwrapped } from './evaluate.ts'
import { shown } from './format.ts'
import type { Control, Invocation, Node, Nodes, Pipe } from './node.ts'
import { sortedKeys } from './sorted-keys.ts'
import { CallRefused, deeper, type State, spend, stop, variableNamed, write } from './state.ts'
import { isNil, isTrue, typeName, type Value } from './value.ts'

// What a break or continue asks of the range around it.
type Jump = 'break' | 'continue' | undefined

// `$` is the data, and nothing is seen of the variables of whoever calls.
export function walkTree(state: State, name: string, data: Value): void {
  const tree = state.trees.get(name)
  if (tree === undefined) throw stop(state, `template ${JSON.stringify(name)} not defined`)
  const outer = { tree: state.tree, variables: state.variables }
  state.tree = tree
  state.variables = [{ name: '$', value: data }]
  deeper(state, () => walkNodes(state, tree.nodes, data))
  Object.assign(state, outer)
}

export function walkNodes(state: State, nodes: Nodes, dot: Value): Jump {
  for (const node of nodes) {
    const jump = walkNode(state, node, dot)
    if (jump !== undefined) return jump
  }
  return undefined
}

function walkNode(state: State, node: Node, dot: Value): Jump {
  state.place = node
  spend(state, 1)
  switch (node.kind) {
    case 'text':
      writeText(state, node.text)
      return undefined
    case 'action': {
      const value = evaluatePipe(state, node.pipe, dot)
      if (node.pipe.declares.length > 0) return undefined
      state.place = node
      print(state, value, node.pipe)
      return undefined
    }
    case 'break':
    case 'continue':
      return node.kind
    case 'template':
      invoke(state, node, dot)
      return undefined
    default:
      return deeper(state, () => walkControl(state, node, dot))
  }
}

function writeText(state: State, text: string): void {
  const { writer } = state
  if (writer === undefined) write(state, text)
  else writeBy(state, text.length, () => writer.text(text))
}

function print(state: State, value: Value, pipe: Pipe): void {
  if (typeof value === 'object' && value?.kind === 'func') {
    throw stop(state, `can't print a value of type ${typeName(value)}`)
  }
  const { writer, limits } = state
  if (writer === undefined) write(state, isNil(value) ? '<no value>' : textOf(state, value))
  else writeBy(state, 0, () => writer.value(value, pipe, limits.outputLength))
}

// Text is read for what it opens and closes, as often as it is written.
function writeBy(state: State, length: number, make: () => string): void {
  spend(state, length >> 6)
  const text = orStopped(state, make)
  spend(state, text.length >> 6)
  write(state, text)
}

const textOf = (state: State, value: Value): string =>
  orStopped(state, () => shown(value, state.limits.outputLength))

export function orStopped<T>(state: State, go: () => T): T {
  try {
    return go()
  } catch (error) {
    throw error instanceof CallRefused ? stop(state, error.message) : error
  }
}

function invoke(state: State, node: Invocation, dot: Value): void {
  if (!state.trees.has(node.name)) throw stop(state, `template ${JSON.stringify(node.name)} not defined`)
  const data = node.pipe === undefined ? undefined : evaluatePipe(state, node.pipe, dot)
  walkTree(state, node.name, data)
}

function walkControl(state: State, node: Control, dot: Value): Jump {
  const mark = state.variables.length
  const value = evaluatePipe(state, node.pipe, dot)
  let jump: Jump
  if (node.kind === 'range') jump = walkRange(state, node, { value, dot })
  else if (isTrue(value)) jump = walkNodes(state, node.body, node.kind === 'with' ? value : dot)
  else if (node.otherwise !== undefined) jump = walkNodes(state, node.otherwise, dot)
  state.variables.length = mark
  return jump
}

type Turn = readonly [index: Value, element: Value]

function walkRange(state: State, node: Control, over: { value: Value; dot: Value }): Jump {
  const mark = state.variables.length
  let isEmpty = true
  for (const turn of turnsOf(state, node, over.value)) {
    isEmpty = false
    spend(state, 1)
    setLoopVariables(state, node, turn)
    const jump = walkNodes(state, node.body, turn[1])
    state.variables.length = mark
    if (jump === 'break') break
  }
  return isEmpty && node.otherwise !== undefined ? walkNodes(state, node.otherwise, over.dot) : undefined
}

// With two variables the index comes first; one alone gets the element.
function setLoopVariables(state: State, { pipe }: Control, [index, element]: Turn): void {
  const { declares, assigns } = pipe
  const values = declares.length > 1 ? [index, element] : [element]
  declares.forEach((name, at) => {
    const variable = assigns ? variableNamed(state, name) : state.variables.at(at - declares.length)!
    variable.value = values[at]
  })
}

function* turnsOf(state: State, node: Control, value: Value): Iterable<Turn> {
  if (isNil(value)) return
  if (typeof value === 'object' && value.kind === 'list') {
    for (let at = 0; at < value.items.length; at++) yield [BigInt(at), unwrapped(value.items[at])]
    return
  }
  if (typeof value === 'object' && value.kind === 'map') {
    for (const key of sortedKeys(value.entries)) yield [key, unwrapped(value.entries[key])]
    return
  }
  const count = typeof value === 'bigint' ? value : undefined
  if (count === undefined) {
    throw stop(state, `range can't iterate over ${textOf(state, value)}`)
  }
  if (node.pipe.declares.length > 1)
    throw stop(state, `can't use ${count} to iterate over more than one variable`)
  for (let at = 0n; at < count; at++) yield [undefined, at]
}
