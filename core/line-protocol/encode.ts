// Points and series as line protocol. What the protocol cannot carry is refused before it is written: a text
// that would come back as another one. Called by whoever sends line protocol on, and by tests.
import { Failure } from '../errors.ts'
import type { Note, Series } from '../model.ts'
import { isStale } from '../stale.ts'
import { ownField, type Special, specialSuffix } from './names.ts'
import type { FieldValue, Point } from './points.ts'

// What hinders this text from being a measurement, a tag or a field key; undefined when nothing does.
export function unfit(text: string): string | undefined {
  if (text === '') return 'it is empty'
  if (controls.test(text)) return 'it contains a control character'
  if (text.endsWith('\\')) return 'it ends in a backslash'
  return text.isWellFormed() ? undefined : 'it contains half a surrogate pair'
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the protocol excludes
const controls = /[\x00-\x1f\x7f]/

// What hinders this series from being written; undefined when nothing does. Receivers of other formats ask it.
export function unfitSeries({ name, labels }: Series): string | undefined {
  const problem = unfitMeasurement(name)
  if (problem !== undefined) return `name ${JSON.stringify(name)}: ${problem}`
  for (const label in labels) {
    const found = unfit(label) ?? unfit(labels[label]!)
    if (found !== undefined) return `label ${JSON.stringify(label)}: ${found}`
  }
  return undefined
}

// `name,label=value,… `: what all samples and notes of a series begin with. Make it once for each series.
export function seriesPrefix(series: Series): string {
  const { name, labels } = series
  const problem = unfitSeries(series)
  if (problem !== undefined) throw new Failure('unfit_text', problem)
  const tags = Object.keys(labels).sort()
  return `${measurementText(name)}${tags.map(tag => `,${keyText(tag)}=${keyText(labels[tag]!)}`).join('')} `
}

// The value stands in a column, where a stale marker keeps its bits.
export function sampleLine(prefix: string, tMs: number, values: Float64Array, at: number): string {
  const value = values[at]!
  if (Number.isFinite(value)) return `${prefix}${ownField}=${numberText(value)} ${tMs}\n`
  return `${prefix}${ownField}${specialSuffix}="${specialOf(values, at)}" ${tMs}\n`
}

export const noteLine = (prefix: string, { tMs, text }: Pick<Note, 'tMs' | 'text'>): string =>
  `${prefix}${ownField}=${quoted(text)} ${tMs}\n`

// A point as the reference encoder writes it, without the newline.
export function pointLine({ measurement, tags, fields, timeNs }: Point): string {
  checked(measurement, unfitMeasurement(measurement), 'measurement')
  if (fields.length === 0)
    throw new Failure('unfit_text', `measurement ${JSON.stringify(measurement)}: no fields`)
  let line = measurementText(measurement)
  for (const [key, value] of tags) {
    checked(key, unfit(key), 'tag')
    checked(value, unfit(value), `value of tag ${JSON.stringify(key)}`)
    line += `,${keyText(key)}=${keyText(value)}`
  }
  line += ' '
  for (const [at, [key, value]] of fields.entries()) {
    checked(key, unfit(key), 'field')
    line += `${at === 0 ? '' : ','}${keyText(key)}=${valueText(value)}`
  }
  return timeNs === undefined ? line : `${line} ${timeNs}`
}

// A comment begins with #, and there is no way to escape it.
const unfitMeasurement = (text: string): string | undefined =>
  unfit(text) ?? (text.startsWith('#') ? 'it begins with #' : undefined)

function checked(text: string, problem: string | undefined, what: string): void {
  if (problem !== undefined) throw new Failure('unfit_text', `${what} ${JSON.stringify(text)}: ${problem}`)
}

const measurementText = (text: string): string => text.replace(/[ ,]/g, '\\$&')
const keyText = (text: string): string => text.replace(/[ ,=]/g, '\\$&')
// A newline stays one: InfluxDB's own parser knows no escape for it.
export const quoted = (text: string): string => `"${text.toWellFormed().replace(/["\\]/g, '\\$&')}"`

function valueText(value: FieldValue): string {
  if ('string' in value) return quoted(value.string)
  if ('int' in value) return `${value.int}i`
  if ('uint' in value) return `${value.uint}u`
  if ('bool' in value) return String(value.bool)
  if (!Number.isFinite(value.float))
    throw new Failure('unfit_text', `the protocol has no number ${value.float}`)
  return exponentText(value.float)
}

// String() writes minus zero as zero.
const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

// As Go's %g: an exponent of at least two digits from a million on, and below a ten-thousandth.
function exponentText(value: number): string {
  const size = Math.abs(value)
  if (size === 0 || (size >= 1e-4 && size < 1e6)) return numberText(value)
  return value.toExponential().replace(/([+-])(\d)$/, '$10$2')
}

export function specialOf(values: Float64Array, at: number): Special {
  if (isStale(values, at)) return 'stale'
  const value = values[at]!
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}
