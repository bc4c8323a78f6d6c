// Expression → text on one line, exactly as Prometheus prints it: for messages, the rules API and whoever compares
// two expressions. Parsing it again gives the same expression. Called by format.ts and everyone who shows one.
import { durationText } from '#core/duration.ts'
import { metricName } from '#core/labels.ts'
import type { Matcher } from '#core/model.ts'
import type { Aggregate, Binary, Expr, NumberLiteral, Shift, Subquery, VectorSelector } from './ast.ts'
import { quote } from './string-literal.ts'

export function print(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return printNumber(expr)
    case 'string':
      return quote(expr.value)
    case 'selector':
      return printSeries(expr) + printShift(expr)
    case 'range':
      return `${printSeries(expr.selector)}[${durationText(expr.rangeMs)}]${printShift(expr.selector)}`
    case 'subquery':
      return print(expr.expr) + printWindow(expr)
    case 'paren':
      return `(${print(expr.expr)})`
    case 'unary':
      return expr.op + print(expr.expr)
    case 'binary':
      return `${printBase(expr)} ${printOperator(expr)} ${print(expr.right)}`
    case 'aggregate': {
      const param = expr.param === undefined ? '' : `${print(expr.param)}, `
      return `${printAggregator(expr)}(${param}${print(expr.expr)})`
    }
    case 'call':
      return `${expr.name}(${expr.args.map(print).join(', ')})`
  }
}

// A sign before a power would be that of the whole power.
function printBase({ op, left }: Binary): string {
  return op === '^' && left.kind === 'number' && left.value === Number.POSITIVE_INFINITY ? 'Inf' : print(left)
}

function printNumber({ value, isDuration }: NumberLiteral): string {
  if (isDuration === true) return (value < 0 ? '-' : '') + durationText(Math.round(Math.abs(value) * 1_000))
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value < 0 ? '-Inf' : '+Inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  return sign + withoutExponent(Math.abs(value))
}

// 1e+21 → 1000000000000000000000.
function withoutExponent(value: number): string {
  const [digits = '', exponent] = String(value).split('e')
  if (exponent === undefined) return digits
  const [whole = '', part = ''] = digits.split('.')
  const shift = Number(exponent)
  if (shift < 0) return `0.${'0'.repeat(-shift - 1)}${whole}${part}`
  return whole + part.padEnd(shift, '0')
}

const plainLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const printLabel = (label: string): string => (plainLabel.test(label) ? label : quote(label))
const printLabels = (labels: readonly string[]): string => `(${labels.map(printLabel).join(', ')})`

function printSeries({ name, matchers }: VectorSelector): string {
  // The name that stands before the braces is not said again inside.
  const isSaid = (each: Matcher): boolean =>
    each.name === metricName && each.op === '=' && each.value === name
  const inside = matchers
    .filter(each => !isSaid(each))
    .map(each => printLabel(each.name) + each.op + quote(each.value))
  const sorted = inside.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return (name ?? '') + (sorted.length === 0 ? '' : `{${sorted.join(',')}}`)
}

function printShift({ at, offsetMs }: Shift): string {
  const moment = typeof at === 'number' ? (at / 1_000).toFixed(3) : `${at}()`
  const shift = `${offsetMs < 0 ? '-' : ''}${durationText(Math.abs(offsetMs))}`
  return (at === undefined ? '' : ` @ ${moment}`) + (offsetMs === 0 ? '' : ` offset ${shift}`)
}

// [1h:5m] and what stands behind it.
export function printWindow(expr: Subquery): string {
  const step = expr.stepMs === undefined ? '' : durationText(expr.stepMs)
  return `[${durationText(expr.rangeMs)}:${step}]${printShift(expr)}`
}

// With all that stands between the two sides.
export function printOperator({ op, bool, matching }: Binary): string {
  const parts: string[] = [op]
  if (bool) parts.push('bool')
  if (matching === undefined) return parts.join(' ')
  const { card, on, labels, include } = matching
  const isGrouped = card === 'many-to-one' || card === 'one-to-many'
  if (on || labels.length > 0 || isGrouped) parts.push(on ? 'on' : 'ignoring', printLabels(labels))
  if (isGrouped) parts.push(card === 'many-to-one' ? 'group_left' : 'group_right', printLabels(include))
  return parts.join(' ')
}

// Up to the bracket of its arguments.
export function printAggregator({ op, without, labels }: Aggregate): string {
  if (without) return `${op} without ${printLabels(labels)} `
  return labels.length === 0 ? op : `${op} by ${printLabels(labels)} `
}
