// What the text of an alert's template looks at: labels, the value, functions. For checks that say beforehand what would
// come to nothing, or change all the time. Called through promql/template.ts.
import type { Template } from './engine.ts'
import type { Nodes, Operand, Pipe } from './node.ts'

export type Reads = Readonly<{
  // Labels of the alert that are written out whatever they hold: those that a condition asks about are not among them.
  labels: ReadonlySet<string>
  // $value or .Value, and functions by name.
  names: ReadonlySet<string>
}>

export const readsNothing: Reads = { labels: new Set(), names: new Set() }

// `isMain`: not inside of a defined template, where $ is what that was called with. `isRoot`: the dot is still the alert
// too, and not what `with` or `range` has made of it.
type Scope = Readonly<{ isMain: boolean; isRoot: boolean; isCondition: boolean }>

export function readsOf<World>({ trees }: Template<World>): Reads {
  const [written, asked, names] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const label = (name: string | undefined, { isCondition }: Scope): void => {
    if (name !== undefined) (isCondition ? asked : written).add(name)
  }

  const inNodes = (nodes: Nodes, scope: Scope): void => {
    for (const node of nodes) {
      if (node.kind === 'action') inPipe(node.pipe, scope)
      if (node.kind === 'template' && node.pipe !== undefined) inPipe(node.pipe, scope)
      if (node.kind !== 'if' && node.kind !== 'with' && node.kind !== 'range') continue
      inPipe(node.pipe, { ...scope, isCondition: true })
      inNodes(node.body, node.kind === 'if' ? scope : { ...scope, isRoot: false })
      inNodes(node.otherwise ?? [], scope)
    }
  }

  const inPipe = ({ commands }: Pipe, scope: Scope): void => {
    for (const { args } of commands) {
      const [first, of, key] = args
      const called = first.kind === 'identifier' ? first.name : ''
      if (called === 'index' && of !== undefined && isLabels(of, scope) && key?.kind === 'string') {
        label(key.value, scope)
      }
      // Whoever writes `or $labels.a $labels.b` knows that one may be missing.
      const isChoice = called === 'or' || called === 'and'
      for (const each of args) inOperand(each, isChoice ? { ...scope, isCondition: true } : scope)
    }
  }

  const inOperand = (operand: Operand, scope: Scope): void => {
    if (operand.kind === 'pipe') inPipe(operand, scope)
    else if (operand.kind === 'chain') inOperand(operand.of, scope)
    else if (operand.kind === 'identifier') names.add(operand.name)
    else if (operand.kind === 'variable') inPath(operand.name, operand.fields, scope)
    else if (operand.kind === 'field' && scope.isRoot) inPath('$', operand.fields, scope)
  }

  const inPath = (variable: string, fields: readonly string[], scope: Scope): void => {
    if (variable === '$labels') label(fields[0], scope)
    if (variable === '$value') names.add('$value')
    if (variable !== '$' || !scope.isMain) return
    if (fields[0] === 'Labels') label(fields[1], scope)
    if (fields[0] === 'Value') names.add('$value')
  }

  for (const { nodes, name, file } of trees.values()) {
    const isMain = name === file
    inNodes(nodes, { isMain, isRoot: isMain, isCondition: false })
  }
  const labels = redeclares(trees.values()) ? [] : [...written].filter(each => !asked.has(each))
  return { labels: new Set(labels), names }
}

function isLabels(operand: Operand, { isMain, isRoot }: Scope): boolean {
  if (operand.kind === 'variable') {
    const path = [operand.name, ...operand.fields].join('.')
    return path === '$labels' || (isMain && path === '$.Labels')
  }
  return isRoot && operand.kind === 'field' && operand.fields.join('.') === 'Labels'
}

// `{{ $labels := … }}`: nobody knows what it holds then.
const redeclares = (trees: Iterable<Readonly<{ text: string }>>): boolean =>
  [...trees].some(({ text }) => /\$labels\s*:?=/.test(text))
