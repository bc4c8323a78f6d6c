// Which labels must two series share to have a result in common? Found from the inside out: each operator and function
// lets only some labels of its inputs through unchanged, and series that differ in one of those never meet. Called by
// classify.ts.
import { metricName } from '#core/labels.ts'
import type { Aggregate, Binary, Call, Expr } from '../ast.ts'
import { childrenOf } from '../children.ts'
import { typeOf } from '../type-of.ts'

// `by` these labels, or `without` them: by all others. The metric's name is never one.
export type Signature = Readonly<{ kind: 'by' | 'without'; labels: readonly string[] }>

export const everything: Signature = { kind: 'by', labels: [] }
const everyLabel: Signature = { kind: 'without', labels: [] }

export const isGlobal = (signature: Signature): boolean =>
  signature.kind === 'by' && signature.labels.length === 0

export function signatureOf(expr: Expr): Signature {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'selector':
    case 'range':
      return everyLabel
    case 'subquery':
    case 'paren':
    case 'unary':
      return signatureOf(expr.expr)
    case 'binary':
      return ofBinary(expr)
    case 'aggregate':
      return ofAggregate(expr)
    case 'call':
      return ofCall(expr)
  }
}

function ofBinary(expr: Binary): Signature {
  const { op, left, right, matching } = expr
  if (matching === undefined) return both(signatureOf(left), signatureOf(right))
  // What is no series has nothing to share: hour() > 8 is the same for all of them.
  const isSet = op === 'and' || op === 'unless'
  const copied = signature('without', matching.include)
  if (!readsSeries(right) && (isSet || matching.card === 'many-to-one'))
    return both(signatureOf(left), copied)
  if (!readsSeries(left) && matching.card === 'one-to-many') return both(signatureOf(right), copied)
  const matched = signature(matching.on ? 'by' : 'without', matching.labels)
  return both(both(signatureOf(left), signatureOf(right)), matched)
}

function ofAggregate({ op, expr, param, without, labels }: Aggregate): Signature {
  const grouped = both(signatureOf(expr), signature(without ? 'without' : 'by', labels))
  if (param === undefined) return grouped
  // count_values writes a label of its own.
  return op === 'count_values' ? but(grouped, textOf(param)) : both(grouped, signatureOf(param))
}

const whole = new Set(['absent', 'absent_over_time', 'scalar'])

function ofCall({ name, args }: Call): Signature {
  if (whole.has(name)) return everything
  // vector(1) and hour() are there whether or not there are series.
  if (!args.some(arg => typeOf(arg) === 'vector' || typeOf(arg) === 'matrix')) {
    return name === 'time' || name === 'pi' ? everyLabel : everything
  }
  const inputs = args.map(signatureOf).reduce(both)
  if (name === 'histogram_quantile' || name === 'histogram_fraction') return but(inputs, 'le')
  return name === 'label_replace' || name === 'label_join' ? but(inputs, textOf(args[1])) : inputs
}

const readsSeries = (expr: Expr): boolean => expr.kind === 'selector' || childrenOf(expr).some(readsSeries)

function textOf(expr: Expr | undefined): string {
  if (expr?.kind === 'paren') return textOf(expr.expr)
  if (expr?.kind !== 'string') throw new Error(`wanted a text, found ${expr?.kind}`)
  return expr.value
}

function signature(kind: Signature['kind'], labels: Iterable<string>): Signature {
  return { kind, labels: [...new Set(labels)].filter(each => each !== metricName).sort() }
}

// The labels that are in both.
function both(a: Signature, b: Signature): Signature {
  if (a.kind === 'without' && b.kind === 'without') return signature('without', [...a.labels, ...b.labels])
  if (a.kind === 'without') return both(b, a)
  return signature(
    'by',
    a.labels.filter(each => b.labels.includes(each) === (b.kind === 'by')),
  )
}

const but = (a: Signature, label: string): Signature => both(a, signature('without', [label]))
