// Templates of labels and annotations that are sound and surely not meant so: a label that is another one with each
// value, and labels that the results never have. Called by rule-fields.ts.
import type { Expr } from '#promql/ast.ts'
import { canHave, type LabelBound, resultLabels } from '#promql/result-labels.ts'
import { readsOfAlertTemplate } from '#promql/template.ts'
import type { Worded } from './rule.ts'
import type { LabelText, Work } from './rule-work.ts'

export type Filled = Readonly<{ text: LabelText; worded: Worded }>
export type Doubtful = Readonly<{ expr: Expr; labels: readonly Filled[]; annotations: readonly Filled[] }>

export function doubtTemplates({ expr, labels, annotations }: Doubtful, { warn }: Work): void {
  for (const each of labels) warnOfFlapping(each, warn)
  const bound = resultLabels(expr)
  const own = new Set(['alertname', ...labels.map(({ text }) => text.name)])
  for (const each of [...labels, ...annotations]) warnOfNothing(each, { bound, own }, warn)
}

// What may be another one at each evaluation.
const moving = ['$value', 'now', 'query']

// A label with a value in it makes another alert of each new value: none ever waits out its `for`, and each resolves.
function warnOfFlapping({ text: { text, path }, worded }: Filled, warn: Work['warn']): void {
  const { names } = readsOfAlertTemplate(worded.template)
  const found = moving.find(each => names.has(each))
  if (found === undefined) return
  const hint = 'a new value is then a new alert, and the old one resolves: put it into an annotation'
  warn(text.place, path, { wanted: 'labels that stay the same', found, hint })
}

type Having = Readonly<{ bound: LabelBound; own: ReadonlySet<string> }>

// As in Prometheus, $labels are those of the result, before the rule adds its own.
function warnOfNothing(
  { text: { text, path }, worded }: Filled,
  { bound, own }: Having,
  warn: Work['warn'],
): void {
  for (const label of readsOfAlertTemplate(worded.template).labels) {
    if (canHave(bound, label)) continue
    const hint = own.has(label)
      ? `it stays empty: ${label} belongs to the rule, and $labels are those of the expression, which has ${boundText(bound)}`
      : `it stays empty: the results have ${boundText(bound)}`
    warn(text.place, path, { wanted: 'labels that the expression keeps', found: `$labels.${label}`, hint })
  }
}

function boundText({ kind, labels }: LabelBound): string {
  const names = [...labels].sort().join(', ')
  if (kind === 'without') return `all labels but ${names}`
  return names === '' ? 'no labels' : `no labels but ${names}`
}
