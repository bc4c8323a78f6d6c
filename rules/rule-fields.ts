// One rule of a rule file: which of the two kinds it is, what belongs to each, and whether its expression and its
// templates can be read. Called by rule-file.ts.
import type { Place } from '#core/config/problem.ts'
import { foundText, type Scalar, type Tree } from '#core/config/tree.ts'
import { Failure } from '#core/errors.ts'
import { metricName } from '#core/labels.ts'
import type { Expr } from '#promql/ast.ts'
import { parse } from '#promql/parse.ts'
import { compileAlertTemplate } from '#promql/template.ts'
import { typeOf } from '#promql/type-of.ts'
import { below, entryOf, type Keys, type Part, wordOf } from './form.ts'
import type { Rule, Worded } from './rule.ts'
import { identityText } from './rule-ids.ts'
import type { LabelText, RuleGroupHead, Work } from './rule-work.ts'
import { doubtTemplates, type Filled } from './template-doubts.ts'

const ruleKeys: Keys = {
  known: ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'],
  foreign: {
    debug: 'a key of vmalert, which Prometheus does not know',
    update_entries_limit: 'a key of vmalert, which Prometheus does not know',
    interval: 'an interval belongs to the group',
    limit: 'a limit belongs to the group',
    severity: 'a label belongs below `labels`',
    summary: 'an annotation belongs below `annotations`',
    description: 'an annotation belongs below `annotations`',
    runbook_url: 'an annotation belongs below `annotations`',
  },
}

type Spot = RuleGroupHead & Readonly<{ path: string; at: number }>
type ReadRule = Readonly<{ rule: Rule; path: string; twin: string }>

export function readRule(tree: Tree, spot: Spot, work: Work): ReadRule | undefined {
  const { form } = work
  const name = tree.kind === 'map' ? textAt(tree.keys.get('alert')) || textAt(tree.keys.get('record')) : ''
  const path = `${spot.path}, rule ${name === '' ? spot.at + 1 : name}`
  const part = form.map(tree, path, ruleKeys)
  if (part === undefined) {
    if (tree.kind === 'scalar' && tree.value === null)
      form.complain(tree.place, path, { wanted: 'a rule', found: 'nothing' })
    return undefined
  }
  const kind = readKind(part, work)
  const labels = new Map([...spot.labels, ...readLabels(part, work)].map(each => [each.name, each]))
  const texts = new Map([...labels].map(([label, { text }]) => [label, wordOf(text)]))
  const identity = { kind: kind ?? 'alert', group: '', name, labels: texts }
  const twin = identityText(identity)
  const { expr, text } = readExpr(part, work)
  const forMs = form.durationMs(part, 'for') ?? 0
  const keepFiringMs = form.durationMs(part, 'keep_firing_for') ?? 0
  const annotations = readAnnotations(part, work)
  if (kind === 'record')
    refuseAlertFields(part, { forMs, keepFiringMs, annotations: annotations.length }, work)
  const { line, column } = part.map.place
  const common = { id: work.ids.next({ ...identity, group: spot.group }), expr, text, line, column }
  if (kind === 'record') return { rule: { ...common, kind, record: name, labels: texts }, path, twin }
  const fill = (all: Iterable<LabelText>): Filled[] =>
    [...all].map(each => ({ text: each, worded: wordedOf(each, name, work) }))
  const filled = { labels: fill(labels.values()), annotations: fill(annotations) }
  if (expr !== nothing) doubtTemplates({ expr, ...filled }, work)
  const alert = { kind: 'alert', alert: name, forMs, keepFiringMs } as const
  const byName = (all: readonly Filled[]): Map<string, Worded> =>
    new Map(all.map(each => [each.text.name, each.worded]))
  const worded = { labels: byName(filled.labels), annotations: byName(filled.annotations) }
  return { rule: { ...common, ...alert, ...worded }, path, twin }
}

const textAt = (entry: Readonly<{ value: Tree }> | undefined): string =>
  entry?.value.kind === 'scalar' ? wordOf(entry.value) : ''

function readKind(part: Part, { form }: Work): 'alert' | 'record' | undefined {
  const [alert, record] = [form.scalar(part, 'alert'), form.scalar(part, 'record')]
  const isAlert = wordOf(alert) !== ''
  const isRecord = wordOf(record) !== ''
  if (isAlert === isRecord) {
    const place = isAlert ? (part.map.keys.get('record')?.place ?? part.map.place) : part.map.place
    const found = isAlert ? 'both' : 'neither'
    form.complain(place, part.path, { wanted: 'either `alert` or `record`', found })
    return undefined
  }
  if (isAlert || record === undefined) return 'alert'
  if (/[{}]/.test(record.source)) {
    const hint = 'labels belong below `labels`, an expression to `expr`'
    const wanted = 'the name of a metric, without braces'
    form.complain(record.place, below(part, 'record'), { wanted, found: foundText(record), hint })
  }
  return 'record'
}

const nothing: Expr = { kind: 'number', value: 0, span: { from: 0, to: 0 } }

function readExpr(part: Part, work: Work): Readonly<{ expr: Expr; text: string }> {
  const { form } = work
  const found = form.scalar(part, 'expr')
  const text = wordOf(found)
  const path = below(part, 'expr')
  if (found === undefined || text === '') {
    const isSaid = entryOf(part, 'expr') !== undefined && found === undefined
    const place = part.map.keys.get('expr')?.place ?? part.map.place
    if (!isSaid) form.complain(place, path, { wanted: 'an expression', found: 'nothing' })
    return { expr: nothing, text }
  }
  try {
    const expr = parse(text)
    const type = typeOf(expr)
    if (type === 'vector' || type === 'scalar') return { expr, text }
    const given = type === 'matrix' ? 'a range of samples' : 'a text'
    form.complain(found.place, path, {
      wanted: 'an expression that comes to a vector or a number',
      found: given,
    })
  } catch (error) {
    complainOf(error, { scalar: found, path, wanted: 'an expression of PromQL' }, work)
  }
  return { expr: nothing, text }
}

type Subject = Readonly<{ scalar: Scalar; path: string; wanted: string }>

// What the language says of a line and column of its text becomes a place of the file.
function complainOf(error: unknown, { scalar, path, wanted }: Subject, { form, placeIn }: Work): void {
  if (!(error instanceof Failure)) throw error
  const [said = ''] = error.detail.split('\n')
  const [, line, column, what = said] = /^(\d+):(\d+): (.*)$/.exec(said) ?? []
  const place =
    line === undefined ? scalar.place : placeIn(scalar, offsetAt(scalar.source, Number(line), Number(column)))
  const [, found, instead] = /^found (.+), wanted (.+)$/.exec(what) ?? []
  if (found !== undefined && instead !== undefined) {
    const [wish = '', ...more] = instead.split('; ')
    const hint = more.length > 0 ? more.join('; ') : undefined
    form.complain(place, path, { wanted: wish, found, hint })
  } else form.complain(place, path, { wanted, found: `a mistake: ${what}` })
}

// Columns count characters.
function offsetAt(text: string, line: number, column: number): number {
  const lines = text.split('\n')
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  return before + [...(lines[line - 1] ?? '')].slice(0, column - 1).join('').length
}

export function readLabels(part: Part, { form }: Work): LabelText[] {
  return form.texts(part, 'labels').map(([name, text, place]) => {
    const path = `${below(part, 'labels')}, ${name}`
    refuseName(name, place, { form, path })
    if (name === metricName) {
      const hint = 'a recording rule is named by `record`'
      form.complain(place, path, { wanted: 'the name of a label', found: metricName, hint })
    }
    return { name, text, path }
  })
}

const readAnnotations = (part: Part, { form }: Work): LabelText[] =>
  form.texts(part, 'annotations').map(([name, text, place]) => {
    const path = `${below(part, 'annotations')}, ${name}`
    refuseName(name, place, { form, path })
    return { name, text, path }
  })

function refuseName(name: string, place: Place, { form, path }: Pick<Work, 'form'> & { path: string }): void {
  if (name === '') form.complain(place, path, { wanted: 'a name', found: 'an empty one' })
}

function wordedOf({ text, path }: LabelText, alert: string, work: Work): Worded {
  const written = wordOf(text)
  try {
    return { text: written, template: compileAlertTemplate(written, alert) }
  } catch (error) {
    complainOf(error, { scalar: text, path, wanted: 'a template' }, work)
    return { text: written, template: { plain: written } }
  }
}

type AlertFields = Readonly<{ forMs: number; keepFiringMs: number; annotations: number }>

function refuseAlertFields(
  part: Part,
  { forMs, keepFiringMs, annotations }: AlertFields,
  { form }: Work,
): void {
  for (const [key, amount] of [
    ['for', forMs],
    ['keep_firing_for', keepFiringMs],
    ['annotations', annotations],
  ] as const) {
    const place = part.map.keys.get(key)?.place
    if (amount === 0 || place === undefined) continue
    form.complain(place, below(part, key), { wanted: 'it in alerting rules only', found: 'a recording rule' })
  }
}
