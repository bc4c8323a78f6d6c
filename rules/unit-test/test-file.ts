// The text of a file of unit tests, in promtool's format → tests, or every problem with its place. Called by
// `plimsoll test`.
import { openFindings, type Problem } from '#core/config/problem.ts'
import { readForeignYaml } from '#core/config/read.ts'
import { foundText, type Scalar, type Tree } from '#core/config/tree.ts'
import { Failure } from '#core/errors.ts'
import type { Series } from '#core/model.ts'
import type { Expr } from '#promql/ast.ts'
import { parse } from '#promql/parse.ts'
import { readSeriesLine, type SeriesLine } from '#promql/series-line.ts'
import { below, entryOf, type Form, type Keys, openForm, type Part, wordOf } from '../form.ts'

export type TestFile = Readonly<{
  file: string
  // Paths and patterns, from the folder of the file.
  ruleFiles: readonly string[]
  intervalMs: number
  // Names of groups: the others come first.
  order: readonly string[]
  // Whether values may differ in their last bit.
  isFuzzy: boolean
  tests: readonly RuleTest[]
}>

export type RuleTest = Readonly<{
  name: string
  line: number
  // Between two points of the series.
  stepMs: number
  startMs: number
  series: readonly SeriesLine[]
  alerts: readonly AlertCase[]
  exprs: readonly ExprCase[]
  externalLabels: Texts
  externalUrl: string
}>

export type Texts = readonly (readonly [string, string])[]
export type WantedAlert = Readonly<{ labels: Texts; annotations: Texts }>
export type AlertCase = Readonly<{
  line: number
  atMs: number
  alert: string
  wanted: readonly WantedAlert[]
}>
export type WantedSample = Readonly<{ series: Series; value: number }>
export type ExprCase = Readonly<{
  line: number
  atMs: number
  text: string
  expr: Expr
  wanted: readonly WantedSample[]
}>

export type TestFileRead =
  | Readonly<{ ok: true; file: TestFile }>
  | Readonly<{ ok: false; problems: readonly Problem[] }>

const topKeys: Keys = {
  known: ['rule_files', 'evaluation_interval', 'group_eval_order', 'fuzzy_compare', 'tests'],
  foreign: { groups: 'this is a file of rules: name it below `rule_files` of a test' },
}
const testKeys: Keys = {
  known: [
    'name',
    'interval',
    'input_series',
    'alert_rule_test',
    'promql_expr_test',
    'external_labels',
    'external_url',
    'start_timestamp',
  ],
}

export function readTestFile(file: string, text: string): TestFileRead {
  const findings = openFindings()
  const { tree } = readForeignYaml(text, { file, findings, wanted: 'the keys `rule_files` and `tests`' })
  const form = openForm(findings)
  const top = form.map(tree, '', topKeys)
  const read = top === undefined ? emptyFile(file) : readTop(top, file, form)
  if (findings.problems.length > 0) return { ok: false, problems: findings.problems }
  return { ok: true, file: read }
}

const minute = 60_000
const emptyFile = (file: string): TestFile => ({
  file,
  ruleFiles: [],
  intervalMs: minute,
  order: [],
  isFuzzy: false,
  tests: [],
})

function readTop(top: Part, file: string, form: Form): TestFile {
  const intervalMs = form.durationMs(top, 'evaluation_interval') || minute
  return {
    file,
    ruleFiles: words(top, 'rule_files', form).map(wordOf),
    intervalMs,
    order: readOrder(top, form),
    isFuzzy: readTruth(top, 'fuzzy_compare', form),
    tests: form.list(top, 'tests').flatMap((tree, at) => readTest(tree, at, { form, intervalMs })),
  }
}

function words(part: Part, key: string, form: Form): Scalar[] {
  return form.list(part, key).flatMap(tree => {
    if (tree.kind === 'scalar') return [tree]
    form.complain(tree.place, below(part, key), { wanted: 'a list of texts', found: foundText(tree) })
    return []
  })
}

function readOrder(top: Part, form: Form): string[] {
  const found = words(top, 'group_eval_order', form)
  for (const [at, each] of found.entries()) {
    if (found.findIndex(other => wordOf(other) === wordOf(each)) === at) continue
    form.complain(each.place, 'group_eval_order', { wanted: 'each group once', found: wordOf(each) })
  }
  return found.map(wordOf)
}

function readTruth(part: Part, key: string, form: Form): boolean {
  const found = form.scalar(part, key)
  if (found === undefined || typeof found.value === 'boolean') return found?.value === true
  form.complain(found.place, below(part, key), { wanted: 'true or false', found: foundText(found) })
  return false
}

type Around = Readonly<{ form: Form; intervalMs: number }>

function readTest(tree: Tree, at: number, { form, intervalMs }: Around): RuleTest[] {
  const named = tree.kind === 'map' ? tree.keys.get('name')?.value : undefined
  const name = named?.kind === 'scalar' ? wordOf(named) : ''
  const part = form.map(tree, `test ${name === '' ? at + 1 : name}`, testKeys)
  if (part === undefined) return []
  return [
    {
      name,
      line: tree.place.line,
      stepMs: form.durationMs(part, 'interval') || intervalMs,
      startMs: readStart(part, form),
      series: parts(part, 'input_series', ['series', 'values'], form).flatMap(each => readSeries(each, form)),
      alerts: parts(part, 'alert_rule_test', ['eval_time', 'alertname', 'exp_alerts'], form).map(each =>
        readAlertCase(each, form),
      ),
      exprs: parts(part, 'promql_expr_test', ['expr', 'eval_time', 'exp_samples'], form).flatMap(each =>
        readExprCase(each, form),
      ),
      externalLabels: texts(part, 'external_labels', form),
      externalUrl: wordOf(form.scalar(part, 'external_url')),
    },
  ]
}

const parts = (part: Part, key: string, known: readonly string[], form: Form): Part[] =>
  form.list(part, key).flatMap((tree, at) => form.map(tree, `${below(part, key)} ${at + 1}`, { known }) ?? [])

const texts = (part: Part, key: string, form: Form): Texts =>
  form.texts(part, key).map(([name, value]) => [name, wordOf(value)])

// RFC 3339, or seconds since 1970.
function readStart(part: Part, form: Form): number {
  const found = form.scalar(part, 'start_timestamp')
  if (found === undefined) return 0
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(found.source)
  const ms = isTime ? Date.parse(found.source) : Number(found.source || 'none') * 1_000
  if (Number.isFinite(ms)) return Math.round(ms)
  const wanted = 'a time like 2026-11-20T08:00:00Z, or seconds since 1970'
  form.complain(found.place, below(part, 'start_timestamp'), { wanted, found: foundText(found) })
  return 0
}

function readSeries(part: Part, form: Form): SeriesLine[] {
  const [series, values] = [form.scalar(part, 'series'), form.scalar(part, 'values')]
  if (series === undefined) {
    const found = 'nothing'
    form.complain(part.map.place, part.path, { wanted: 'a `series` like up{host="a"}', found })
    return []
  }
  const line = `${wordOf(series).trim()} ${wordOf(values)}`
  return attempt(() => readSeriesLine(line), { part, key: 'series', wanted: 'a series and its points' }, form)
}

type Subject = Readonly<{ part: Part; key: string; wanted: string }>

function attempt<T>(read: () => T, { part, key, wanted }: Subject, form: Form): T[] {
  try {
    return [read()]
  } catch (error) {
    const place = entryOf(part, key)?.value.place ?? part.map.place
    const what = error instanceof Failure ? error.detail : (error as Error).message
    form.complain(place, below(part, key), { wanted, found: `a mistake: ${what.split('\n')[0]}` })
    return []
  }
}

function readAlertCase(part: Part, form: Form): AlertCase {
  const alert = wordOf(form.scalar(part, 'alertname'))
  if (alert === '')
    form.complain(part.map.place, part.path, { wanted: 'the name of an alert, `alertname`', found: 'none' })
  const wanted = parts(part, 'exp_alerts', ['exp_labels', 'exp_annotations'], form).map(each => ({
    // The name goes without saying.
    labels: [
      ...texts(each, 'exp_labels', form).filter(([name]) => name !== 'alertname'),
      ['alertname', alert] as const,
    ],
    annotations: texts(each, 'exp_annotations', form),
  }))
  return { line: part.map.place.line, atMs: form.durationMs(part, 'eval_time') ?? 0, alert, wanted }
}

function readExprCase(part: Part, form: Form): ExprCase[] {
  const text = wordOf(form.scalar(part, 'expr'))
  const found = attempt(() => parse(text), { part, key: 'expr', wanted: 'an expression of PromQL' }, form)
  const wanted = parts(part, 'exp_samples', ['labels', 'value', 'histogram'], form).flatMap(each =>
    readSample(each, form),
  )
  const atMs = form.durationMs(part, 'eval_time') ?? 0
  return found.map(expr => ({ line: part.map.place.line, atMs, text, expr, wanted }))
}

function readSample(part: Part, form: Form): WantedSample[] {
  const histogram = entryOf(part, 'histogram')
  if (histogram !== undefined) {
    const wanted = 'samples that are numbers'
    form.complain(histogram.place, part.path, { wanted, found: 'a native histogram, which is not kept here' })
  }
  const value = form.scalar(part, 'value')
  const number = value === undefined ? 0 : numberOf(value)
  if (value !== undefined && number === undefined)
    form.complain(value.place, below(part, 'value'), { wanted: 'a number', found: foundText(value) })
  const labels = wordOf(form.scalar(part, 'labels')).trim()
  const subject = { part, key: 'labels', wanted: 'a series like up{host="a"}' }
  return attempt(() => readSeriesLine(labels === '' ? '{}' : labels), subject, form).map(({ series }) => ({
    series,
    value: number ?? 0,
  }))
}

function numberOf({ value, source }: Scalar): number | undefined {
  if (typeof value === 'number') return value
  const number = Number(source)
  return source.trim() === '' || Number.isNaN(number) ? undefined : number
}
