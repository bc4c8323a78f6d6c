// What of a question can InfluxDB answer by itself? Names and labels that leave no doubt go into its filter; everything
// else it lets through, and our own matchers decide. A filter must never leave out what a matcher accepts.
// Called by read.ts.
import { metricName } from '../../labels.ts'
import { type Source, sourcesOf, specialSuffix } from '../../line-protocol/names.ts'
import { matchesValue } from '../../matchers.ts'
import type { Matcher } from '../../model.ts'
import { patternTest, wordsOf } from '../../pattern.ts'
import { anyOf, fluxString } from './flux.ts'

export type Wanted = Readonly<{
  // Where the series of these names come from; undefined when the matchers leave the names open.
  sources?: readonly Source[]
  // Conditions on labels.
  labels: readonly string[]
  // Whether the conditions say all that the matchers say.
  isWhole: boolean
}>

// A script with more conditions takes InfluxDB longer to read than to answer.
export const sourcesMax = 300
const wordsMax = 100

export function wantedOf(matchers: readonly Matcher[]): Wanted {
  // A pattern that is none is told, whatever there is to be found.
  for (const { op, value } of matchers) if (op === '=~' || op === '!~') patternTest(value)
  const sources = matchers.map(sourcesBy).find(found => found !== undefined)
  const labels = matchers.filter(({ name }) => name !== metricName)
  const conditions = labels.map(conditionOf)
  const known = conditions.filter(each => each !== undefined)
  const isWhole =
    known.length === labels.length && labels.length === matchers.length - (sources === undefined ? 0 : 1)
  return { labels: known, isWhole, ...(sources === undefined ? {} : { sources }) }
}

function sourcesBy(matcher: Matcher): readonly Source[] | undefined {
  const { name, op, value } = matcher
  if (name !== metricName) return undefined
  const names = op === '=' ? [value] : op === '=~' ? wordsOf(value) : undefined
  // Every underscore is a place where the name may come apart.
  if (names === undefined || names.join('_').split('_').length + names.length > sourcesMax) return undefined
  return [...new Set(names)].flatMap(sourcesOf)
}

// Others could be confused with InfluxDB's own columns.
const plainLabel = /^[A-Za-z][\w .:/-]*$/
export const isPlainLabel = (label: string): boolean => plainLabel.test(label)
// Patterns that mean the same in Go, and need no escape in Flux.
const plainPattern = /^[\w .\-*+?()|:@^$[\]]*$/

function conditionOf(matcher: Matcher): string | undefined {
  const { name, op, value } = matcher
  // An absent label is an empty one, which only Flux tells apart.
  if (!isPlainLabel(name) || matchesValue('', matcher) || (op !== '=' && op !== '=~')) return undefined
  const column = `r[${fluxString(name)}]`
  if (op === '=') return `${column} == ${fluxString(value)}`
  const words = wordsOf(value)
  if (words !== undefined && words.length <= wordsMax) {
    return anyOf(words.map(word => `${column} == ${fluxString(word)}`))
  }
  return plainPattern.test(value) ? `${column} =~ /^(?s:${value})$/` : undefined
}

// Deeper than this InfluxDB does not read; the fields of such a measurement are all let through.
const fieldsMax = 1_000

// Of the fields named, and of those that carry their values that are no numbers.
export function sourcesCondition(sources: readonly Source[]): string {
  const byMeasurement = Map.groupBy(sources, ({ measurement }) => measurement)
  const conditions = [...byMeasurement].map(([measurement, fields]) => {
    const names = new Set(fields.flatMap(({ field }) => [field, field + specialSuffix]))
    const ours = `r._measurement == ${fluxString(measurement)}`
    if (names.size > fieldsMax) return ours
    return `${ours} and ${anyOf([...names].map(field => `r._field == ${fluxString(field)}`))}`
  })
  return anyOf(conditions)
}
