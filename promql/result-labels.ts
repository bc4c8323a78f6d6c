// Which labels can the results of an expression have? Found from the inside out, and generous: a label that is not
// here is certainly on no result. The metric's name is not looked at. Called by the checks of rule files.
import { metricName } from '#core/labels.ts'
import type { Aggregate, Binary, Call, Expr, VectorSelector } from './ast.ts'
import { typeOf } from './type-of.ts'

// `by`: at most these. `without`: any but these.
export type LabelBound = Readonly<{ kind: 'by' | 'without'; labels: ReadonlySet<string> }>

const by = (labels: Iterable<string>): LabelBound => ({ kind: 'by', labels: new Set(labels) })
const without = (labels: Iterable<string>): LabelBound => ({ kind: 'without', labels: new Set(labels) })
const none = by([])

export const canHave = ({ kind, labels }: LabelBound, label: string): boolean =>
  label === metricName || labels.has(label) === (kind === 'by')

// sum by (host) (a)                   host
// a{path=""}                          any but path
// a / on (host) b                     host
// a * on (host) group_left (rack) b   any; rack where b can have it
// label_replace(sum(a), "x", …)       x
// absent(a{job="x"})                  job
export function resultLabels(expr: Expr): LabelBound {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return none
    case 'selector':
      return ofSelector(expr)
    case 'range':
      return ofSelector(expr.selector)
    case 'subquery':
    case 'paren':
    case 'unary':
      return resultLabels(expr.expr)
    case 'binary':
      return ofBinary(expr)
    case 'aggregate':
      return ofAggregate(expr)
    case 'call':
      return ofCall(expr)
  }
}

const ofSelector = ({ matchers }: VectorSelector): LabelBound =>
  without(matchers.filter(({ op, value }) => op === '=' && value === '').map(({ name }) => name))

function ofBinary({ op, left, right, matching }: Binary): LabelBound {
  const [ofLeft, ofRight] = [resultLabels(left), resultLabels(right)]
  if (matching === undefined) return typeOf(left) === 'vector' ? ofLeft : ofRight
  if (op === 'or') return either(ofLeft, ofRight)
  if (op === 'and' || op === 'unless') return ofLeft
  const { card, on, labels, include } = matching
  if (card === 'one-to-one') return both(ofLeft, on ? by(labels) : without(labels))
  const [many, one] = card === 'many-to-one' ? [ofLeft, ofRight] : [ofRight, ofLeft]
  return either(both(many, without(include)), both(one, by(include)))
}

function ofAggregate({ op, expr, param, without: drops, labels }: Aggregate): LabelBound {
  const inner = resultLabels(expr)
  if (op === 'topk' || op === 'bottomk') return inner
  const grouped = both(inner, drops ? without(labels) : by(labels))
  return op === 'count_values' ? either(grouped, by(textIn(param))) : grouped
}

function ofCall({ name, args }: Call): LabelBound {
  const read = args.find(arg => typeOf(arg) === 'vector' || typeOf(arg) === 'matrix')
  if (name === 'absent' || name === 'absent_over_time') return ofAbsent(read)
  if (read === undefined || name === 'scalar') return none
  const inner = resultLabels(read)
  if (name === 'label_replace' || name === 'label_join') return either(inner, by(textIn(args[1])))
  if (name === 'histogram_quantile' || name === 'histogram_fraction') return both(inner, without(['le']))
  return inner
}

// At most those that the selector asks for by `=`.
function ofAbsent(read: Expr | undefined): LabelBound {
  if (read?.kind === 'paren') return ofAbsent(read.expr)
  if (read?.kind !== 'selector' && read?.kind !== 'range') return none
  const { matchers } = read.kind === 'range' ? read.selector : read
  const asked = matchers.filter(({ name, op }) => op === '=' && name !== metricName)
  return by(asked.map(({ name }) => name))
}

function textIn(expr: Expr | undefined): string[] {
  if (expr?.kind === 'paren') return textIn(expr.expr)
  return expr?.kind === 'string' ? [expr.value] : []
}

function both(a: LabelBound, b: LabelBound): LabelBound {
  if (a.kind === 'without' && b.kind === 'without') return without([...a.labels, ...b.labels])
  if (a.kind === 'without') return both(b, a)
  return by([...a.labels].filter(label => canHave(b, label)))
}

function either(a: LabelBound, b: LabelBound): LabelBound {
  if (a.kind === 'by' && b.kind === 'by') return by([...a.labels, ...b.labels])
  if (a.kind === 'by') return either(b, a)
  return without([...a.labels].filter(label => !canHave(b, label)))
}
