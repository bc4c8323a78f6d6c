// One run of a template: its variables, what it has written, where it stands and what it may still spend. Made by
// engine.ts, carried through walk.ts and evaluate.ts.
import { type Nodes, nodeText, type Place } from './node.ts'
import type { Functions, Run, Value } from './value.ts'
import type { Writer } from './writer.ts'

export type Limits = Readonly<{
  // Nodes, commands and turns of range; functions that take long count more.
  steps: number
  // Of the output and of every text that a function makes.
  outputLength: number
  // Blocks, parentheses and templates within each other.
  depth: number
  // Calls of functions that ask a store.
  questions: number
  // Of the template itself.
  textLength: number
}>

// `text` is what the tree was read from, `file` the name that messages give it.
export type Tree = Readonly<{ name: string; file: string; text: string; nodes: Nodes }>

// Why a run stopped, in the words of Go. A bug is an ordinary Error.
export class Stopped extends Error {}

// What a function of a template throws when it refuses its arguments.
export class CallRefused extends Error {}

// A function that waits has been called, and its answer is not there yet.
export class Asked extends Error {
  readonly answer: Promise<Value>
  constructor(answer: Promise<Value>) {
    super('a template waits for an answer')
    this.answer = answer
  }
}

// Of the functions that wait, in the order of the calls: a run that starts anew takes the same way.
export type Answer = Readonly<{ value: Value } | { refused: unknown }>

export type Variable = { readonly name: string; value: Value }

export type State = {
  readonly trees: ReadonlyMap<string, Tree>
  readonly functions: Functions
  readonly limits: Limits
  readonly answers: Answer[]
  answersUsed: number
  readonly run: Run
  stepsLeft: number
  depth: number
  tree: Tree
  variables: Variable[]
  place: Place
  output: string
  // What is not plain text, HTML for one, is written by its rules.
  readonly writer: Writer | undefined
}

const contextMax = 200

// `template: NAME:LINE:COLUMN: executing "TEMPLATE" at <PIECE>: WHAT`; the column is in bytes, from 0.
export function stop(state: State, what: string): Stopped {
  const { tree, place } = state
  const before = tree.text.slice(0, place.at)
  const line = before.split('\n').length
  const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1))
  const whole = nodeText(place)
  const context = whole.length > contextMax ? `${[...whole].slice(0, contextMax).join('')}...` : whole
  const where = `template: ${tree.file}:${line}:${column}: executing ${JSON.stringify(tree.name)}`
  return new Stopped(`${where} at <${context}>: ${what}`)
}

export function spend(state: State, steps: number): void {
  state.stepsLeft -= steps
  if (state.stepsLeft < 0) throw stop(state, `it takes more than ${state.limits.steps} steps`)
}

export function write(state: State, text: string): void {
  if (state.output.length + text.length > state.limits.outputLength) {
    throw stop(state, `its output is longer than ${state.limits.outputLength} characters`)
  }
  state.output += text
}

export function deeper<T>(state: State, go: () => T): T {
  if (state.depth >= state.limits.depth) throw stop(state, `nested more than ${state.limits.depth} deep`)
  state.depth++
  const found = go()
  state.depth--
  return found
}

// Whether a text declares what it uses the parser has seen; but `or` may have passed over the declaration.
export function variableNamed(state: State, name: string): Variable {
  const variable = state.variables.findLast(each => each.name === name)
  if (variable === undefined) throw stop(state, `undefined variable: ${name}`)
  return variable
}
