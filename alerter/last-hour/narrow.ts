// An expression that reads only what some alerts are about, so that a picture costs as much as what it shows, whatever
// the size of the fleet: each selector gets the labels of the alerts, as far as they reach it unchanged. A series without
// such a label passes, since it may be the rule that has set it. Pure. Called by last-hour.ts.
import type { Labels, Matcher } from '#core/model.ts'
import type { Aggregate, Binary, Call, Expr } from '#promql/ast.ts'

// The values that alerts have of each label.
export type Wanted = ReadonlyMap<string, ReadonlySet<string>>

// More values than this would make a matcher that costs more than it saves.
const valuesMax = 20

export function wantedOf(alerts: readonly Labels[]): Wanted {
  const wanted = new Map<string, Set<string>>()
  const [first = {}] = alerts
  for (const name of Object.keys(first)) {
    const values = new Set(alerts.map(labels => labels[name] ?? ''))
    // Where one has none, any may be meant.
    if (name !== 'alertname' && values.size <= valuesMax && !values.has('')) wanted.set(name, values)
  }
  return wanted
}

export function narrowed(expr: Expr, wanted: Wanted): Expr {
  if (wanted.size === 0) return expr
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr
    case 'selector':
      return { ...expr, matchers: [...expr.matchers, ...[...wanted].map(matcherOf)] }
    case 'range':
      return { ...expr, selector: narrowed(expr.selector, wanted) as typeof expr.selector }
    case 'subquery':
    case 'paren':
    case 'unary':
      return { ...expr, expr: narrowed(expr.expr, wanted) }
    case 'binary':
      return narrowedBinary(expr, wanted)
    case 'aggregate':
      return narrowedAggregate(expr, wanted)
    case 'call':
      return narrowedCall(expr, wanted)
  }
}

const matcherOf = ([name, values]: readonly [string, ReadonlySet<string>]): Matcher => ({
  name,
  op: '=~',
  value: [...values, ''].map(escaped).join('|'),
})

const escaped = (value: string): string => value.replace(/[\\^$.*+?()[\]{}|]/g, sign => `\\${sign}`)

const only = (wanted: Wanted, isKept: (name: string) => boolean): Wanted =>
  new Map([...wanted].filter(([name]) => isKept(name)))

// Only the labels of a group tell which groups are needed; those that choose among all need all.
function narrowedAggregate(expr: Aggregate, wanted: Wanted): Aggregate {
  const { op, without, labels } = expr
  if (op === 'topk' || op === 'bottomk' || op === 'count_values') return expr
  return {
    ...expr,
    expr: narrowed(
      expr.expr,
      only(wanted, name => labels.includes(name) !== without),
    ),
  }
}

function narrowedBinary(expr: Binary, wanted: Wanted): Binary {
  const { op, left, right, matching } = expr
  const both = (of: Wanted): Binary => ({ ...expr, left: narrowed(left, of), right: narrowed(right, of) })
  if (matching === undefined) return both(wanted)
  const { card, on, labels, include } = matching
  const matched = only(wanted, name => labels.includes(name) === on)
  if (card === 'one-to-one' || op === 'or') return both(matched)
  // What is copied from the side of one is not the own label of the other.
  const many = only(wanted, name => !include.includes(name))
  if (card === 'one-to-many') return { ...expr, left: narrowed(left, matched), right: narrowed(right, many) }
  return { ...expr, left: narrowed(left, many), right: narrowed(right, matched) }
}

// Functions that look at many series at once, or make labels.
const whole = new Set(['absent', 'absent_over_time', 'scalar', 'label_join', 'label_replace'])

const narrowedCall = (expr: Call, wanted: Wanted): Call =>
  whole.has(expr.name) ? expr : { ...expr, args: expr.args.map(each => narrowed(each, wanted)) }
