// label_replace and label_join: series get other labels, and what comes to be of one series becomes one. Called by
// the table in functions.ts, and withLabel() by count_values.
import { Failure } from '#core/errors.ts'
import { labelsOf, labelValue, metricName } from '#core/labels.ts'
import type { Labels, Series } from '#core/model.ts'
import { patternGroups } from '#core/pattern.ts'
import type { Columns } from './columns.ts'
import type { Budget, Run } from './limits.ts'
import { mergeSame } from './merge.ts'

// The character that stands for bytes which are no text is in no name.
export const isLabelName = (name: string): boolean =>
  name !== '' && !name.includes('\ufffd') && name.isWellFormed()

// Label sets with one label changed, kept as long as their origin: the next evaluation finds the same objects. Origins
// in a store live for months, so all are forgotten when they have become many.
type Changed = { value: string; labels: Labels }
const changedLabels = new Map<string, WeakMap<Labels, Changed>>()
const changedMax = 300_000
let changedHeld = 0

// An empty value takes the label away.
export function withLabel({ name, labels }: Series, label: string, value: string): Series {
  if (label === metricName) return { name: value, labels }
  if (changedHeld > changedMax) {
    changedLabels.clear()
    changedHeld = 0
  }
  const known = changedLabels.get(label) ?? new WeakMap<Labels, Changed>()
  changedLabels.set(label, known)
  let changed = known.get(labels)
  if (changed?.value !== value) {
    const others = Object.entries(labels).filter(([each]) => each !== label)
    changed = { value, labels: labelsOf([...others, [label, value]]) }
    known.set(labels, changed)
    changedHeld += 1 + (value.length >> 7)
  }
  return { name, labels: changed.labels }
}

// `undefined` leaves a series as it is.
type Change = (series: Series) => string | undefined

function* changed(columns: Columns, label: string, change: Change, budget: Budget): Run<Columns> {
  const unnamed = columns.unnamed.slice()
  const series = columns.series.slice()
  // Expressions are slow on texts that they have not seen yet.
  for (let row = 0, work = 0; row < series.length; row++, work++) {
    if (work >= 256 && budget.isTired()) yield
    if (work >= 256) work = 0
    const each = series[row]!
    const value = change(each)
    if (value === undefined) continue
    work += value.length >> 5
    // A number takes as much room as four characters.
    budget.hold(value.length >> 2)
    if (label === metricName) unnamed[row] = 0
    if (value !== labelValue(each, label)) series[row] = withLabel(each, label, value)
  }
  return yield* mergeSame({ ...columns, series, unnamed }, budget)
}

export function labelReplace(columns: Columns, texts: readonly string[], budget: Budget): Run<Columns> {
  const [label = '', template = '', from = '', pattern = ''] = texts
  const groups = readPattern(pattern)
  if (!isLabelName(label)) throw badName('destination', label, 'label_replace')
  const change: Change = series => {
    const found = groups(labelValue(series, from))
    return found === undefined ? undefined : expanded(template, found, label)
  }
  return changed(columns, label, change, budget)
}

// Known only now, and told as Prometheus tells what fails while it evaluates.
function readPattern(pattern: string): ReturnType<typeof patternGroups> {
  try {
    return patternGroups(pattern)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const what = `invalid regular expression in label_replace(): ${pattern}`
    throw new Failure('query_failed', what)
  }
}

export function labelJoin(columns: Columns, texts: readonly string[], budget: Budget): Run<Columns> {
  const [label = '', separator = '', ...from] = texts
  for (const each of from) if (!isLabelName(each)) throw badName('source', each, 'label_join')
  if (!isLabelName(label)) throw badName('destination', label, 'label_join')
  const change: Change = series => {
    let length = 0
    const parts = from.map(each => {
      const part = labelValue(series, each)
      length += part.length + separator.length
      return length > valueMax ? refuseLong(label) : part
    })
    return parts.join(separator)
  }
  return changed(columns, label, change, budget)
}

// Labels that double at each call would fill the memory with a few dozen calls.
const valueMax = 16_384

function refuseLong(label: string): never {
  const what = `the label ${label} would have a value of more than ${valueMax} characters`
  throw new Failure('query_failed', what)
}

const badName = (which: string, name: string, where: string): Failure =>
  new Failure('query_failed', `invalid ${which} label name in ${where}(): ${name}`)

// Go's: $1, ${1}, $name; the longest name counts, and what is no group is empty.
const reference = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu

function expanded(template: string, found: ReadonlyMap<string, string>, label: string): string {
  let length = 0
  const text = template.replace(reference, (whole, plain?: string, braced?: string) => {
    if (whole === '$$') return '$'
    const part = found.get(plain ?? braced ?? '') ?? ''
    length += part.length
    return length > valueMax ? refuseLong(label) : part
  })
  return text.length > valueMax ? refuseLong(label) : text
}
