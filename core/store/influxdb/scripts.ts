// The Flux scripts that are asked with. `last` and the lists are answered from InfluxDB's index, in milliseconds for
// thousands of series; raw rows come without the two columns that every row repeats. Called by read.ts and lists.ts.

import type { Range } from '../../store.ts'
import { fluxRange, fluxString } from './flux.ts'
import { sourcesCondition, type Wanted } from './wanted.ts'

export type Question = Readonly<{
  bucket: string
  range: Range
  wanted: Pick<Wanted, 'sources' | 'labels'>
}>

const lean = '|> drop(columns: ["_start", "_stop"])'

// Every row, and beside them the newest of each series. InfluxDB ends a series where a later part of it has another
// type, without a word; only the newest row tells that there is more.
export const rowsScript = (question: Question, shape = ''): string =>
  // Were they to share their beginning, `last` would see no more than the rows.
  `${from(question)} ${lean}${shape} |> yield(name: "rows")\n${newestScript(question)}`

export const newestScript = (question: Question): string =>
  `${from(question)} |> last() ${lean} |> yield(name: "newest")`

export const oldestScript = (question: Question): string =>
  `${from(question)} |> first() ${lean} |> yield(name: "oldest")`

// Every value of a column, as `_value`.
export const valuesScript = (question: Question, column: string): string => {
  const name = fluxString(column)
  return `${from(question)} |> keep(columns: [${name}]) |> group() |> distinct(column: ${name})`
}

// The fields of each measurement, under its number as the name of the result.
export const fieldsScript = (question: Question, measurements: readonly string[]): string =>
  measurements
    .map((measurement, at) => {
      const condition = `r._measurement == ${fluxString(measurement)}`
      const labels = [condition, ...question.wanted.labels]
      const narrowed = { ...question, wanted: { labels } }
      return `${valuesScript(narrowed, '_field')} |> yield(name: "${at}")`
    })
    .join('\n')

// Names of labels, and those of InfluxDB's own columns.
export const labelNamesScript = (question: Question): string =>
  `${from(question)} |> keys() |> keep(columns: ["_value"]) |> distinct()`

const from = ({ bucket, range, wanted }: Question): string => {
  const { sources, labels } = wanted
  const conditions = [...(sources === undefined ? [] : [sourcesCondition(sources)]), ...labels]
  const filter = conditions.length === 0 ? '' : ` |> filter(fn: (r) => ${conditions.join(' and ')})`
  return `from(bucket: ${fluxString(bucket)}) |> ${fluxRange(range)}${filter}`
}
