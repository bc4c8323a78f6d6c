// What a template is once it has been read, and how each piece is written in messages. Made by parser.ts, run by
// walk.ts and evaluate.ts. `at` counts characters from the beginning of the text.
import type { Value } from './value.ts'

export type Pipe = Readonly<{
  kind: 'pipe'
  at: number
  // `$x, $y :=`, or with `assigns` `=`.
  declares: readonly string[]
  assigns: boolean
  commands: readonly Command[]
}>
export type Command = Readonly<{ kind: 'command'; at: number; args: readonly [Operand, ...Operand[]] }>

// A number may be either, whatever it looks like: 1.0 is an integer where one is wanted.
export type NumberLiteral = Readonly<{
  kind: 'number'
  at: number
  text: string
  int: bigint | undefined
  float: number
  // What it is where nothing says what is wanted; nothing when it is too large.
  plain: Value
}>
export type Chain = Readonly<{ kind: 'chain'; at: number; of: Operand; fields: readonly string[] }>
export type Variable = Readonly<{ kind: 'variable'; at: number; name: string; fields: readonly string[] }>

export type Operand =
  | Readonly<{ kind: 'dot'; at: number }>
  | Readonly<{ kind: 'nil'; at: number }>
  | Readonly<{ kind: 'bool'; at: number; value: boolean }>
  | Readonly<{ kind: 'string'; at: number; text: string; value: string }>
  | Readonly<{ kind: 'field'; at: number; fields: readonly string[] }>
  | Readonly<{ kind: 'identifier'; at: number; name: string }>
  | NumberLiteral
  | Chain
  | Variable
  | Pipe

export type Nodes = readonly Node[]
export type Control = Readonly<{
  kind: 'if' | 'with' | 'range'
  at: number
  pipe: Pipe
  body: Nodes
  otherwise: Nodes | undefined
}>
export type Invocation = Readonly<{
  kind: 'template'
  at: number
  name: string
  pipe: Pipe | undefined
}>
export type Node =
  | Readonly<{ kind: 'text'; at: number; text: string }>
  | Readonly<{ kind: 'action'; at: number; pipe: Pipe }>
  | Readonly<{ kind: 'break' | 'continue'; at: number }>
  | Control
  | Invocation

export type Place = Node | Pipe | Command | Operand

// As Go writes it back; a control only with its head, since messages show no more.
export function nodeText(node: Place): string {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'action':
      return `{{${nodeText(node.pipe)}}}`
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`
    case 'if':
    case 'with':
    case 'range':
      return `{{${node.kind} ${nodeText(node.pipe)}}}`
    case 'template': {
      const data = node.pipe === undefined ? '' : ` ${nodeText(node.pipe)}`
      return `{{template ${JSON.stringify(node.name)}${data}}}`
    }
    case 'pipe': {
      const sign = node.assigns ? '=' : ':='
      const head = node.declares.length === 0 ? '' : `${node.declares.join(', ')} ${sign} `
      return head + node.commands.map(nodeText).join(' | ')
    }
    case 'command':
      return node.args.map(each => (each.kind === 'pipe' ? `(${nodeText(each)})` : nodeText(each))).join(' ')
    default:
      return operandText(node)
  }
}

function operandText(node: Exclude<Operand, Pipe>): string {
  switch (node.kind) {
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'bool':
      return String(node.value)
    case 'string':
    case 'number':
      return node.text
    case 'field':
      return `.${node.fields.join('.')}`
    case 'identifier':
      return node.name
    case 'variable':
      return [node.name, ...node.fields].join('.')
    case 'chain': {
      const of = node.of.kind === 'pipe' ? `(${nodeText(node.of)})` : nodeText(node.of)
      return `${of}.${node.fields.join('.')}`
    }
  }
}
