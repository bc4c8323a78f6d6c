// The table of functions that Prometheus gives to the templates of alerts, beside Go's own. Called through
// promql/template.ts; the world is what the templates of one evaluation share.
import { readDuration } from '#core/duration.ts'
import { labelsOf, metricName } from '#core/labels.ts'
import type { Labels, Sample } from '#core/model.ts'
import { durationValue } from './duration.ts'
import { escapeQuery } from './escape.ts'
import { stripDomain, stripPort } from './host-port.ts'
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  toNumber,
  toTime,
} from './humanize.ts'
import { titleCase } from './letter-case.ts'
import { byBytes } from './sorted-keys.ts'
import { CallRefused } from './state.ts'
import { callRefused, textFunction, textFunctions } from './text-functions.ts'
import {
  type Dict,
  type Func,
  type Functions,
  func,
  type List,
  labelsValue,
  listOf,
  mapOf,
  ownOf,
  type Run,
  type Struct,
  structOf,
  type Value,
  variadic,
} from './value.ts'

export type QueryAnswer = readonly Pick<Sample, 'series' | 'value'>[]

export type AlertWorld = Readonly<{
  nowMs: number
  externalUrl: string
  // Without one, `query` refuses. May answer at once.
  query?: (expr: string, nowMs: number) => QueryAnswer | Promise<QueryAnswer>
}>

const vectorType = 'template.queryResult'
const sampleType = '*template.sample'
const vectorShape = { name: vectorType }
const sampleShape = { name: 'template.sample', pointer: true }

function vectorOf(answer: QueryAnswer): List {
  const samples = answer.map(({ series, value }) => {
    const labels: Labels =
      series.name === ''
        ? series.labels
        : labelsOf([...Object.entries(series.labels), [metricName, series.name]])
    return structOf({ Labels: labelsValue(labels), Value: value }, sampleShape)
  })
  return listOf(samples, vectorShape)
}

const ask: Func<AlertWorld> = {
  params: ['string'],
  waits: true,
  call([expr], { world }) {
    if (world.query === undefined) throw new CallRefused('there is nothing to query here')
    try {
      const answer = world.query(expr as string, world.nowMs)
      if (!(answer instanceof Promise)) return vectorOf(answer)
      return answer.then(vectorOf, error => {
        throw callRefused(error)
      })
    } catch (error) {
      throw callRefused(error)
    }
  },
}

function fieldOf(sample: Value, name: 'Labels' | 'Value'): Value {
  if (sample === undefined) throw new CallRefused('nil pointer instead of a sample')
  return (sample as Struct).fields[name]
}

function labelOf(sample: Value, name: string): string {
  const { entries } = fieldOf(sample, 'Labels') as Dict
  return (ownOf(entries, name) as string | undefined) ?? ''
}

const number = (write: (value: number) => Value): Func => func(['any'], ([value]) => write(toNumber(value)))
const graph = (tab: number): Func => textFunction(expr => `/graph?g0.expr=${escapeQuery(expr)}&g0.tab=${tab}`)

function pathOf(externalUrl: string): string {
  if (!URL.canParse(externalUrl)) return ''
  const path = new URL(externalUrl).pathname.replace(/\/$/, '')
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

function seconds(written: string): number {
  const sign = written.startsWith('-') ? -1 : 1
  const ms = readDuration(sign === -1 ? written.slice(1) : written)
  if (written === '') throw new CallRefused('empty duration string')
  if (ms === undefined) throw new CallRefused(`not a valid duration string: ${JSON.stringify(written)}`)
  return (sign * ms) / 1_000
}

// As a pointer, which the functions that take numbers do not follow.
function duration(value: number): Value {
  const ns = Math.trunc(value * 1e9)
  if (!(Math.abs(ns) < 2 ** 63))
    throw new CallRefused(`${humanize(value)} seconds are more than a duration holds`)
  const made = durationValue(BigInt(ns))
  return { ...made, shape: { ...made.shape, pointer: true } }
}

export const alertFunctions: Functions<AlertWorld> = {
  query: ask,
  first: func([vectorType], ([vector]) => {
    const [sample] = (vector as List | undefined)?.items ?? []
    if (sample === undefined) throw new CallRefused('first() called on vector with no elements')
    return sample
  }),
  label: func(['string', sampleType], ([name, sample]) => labelOf(sample, name)),
  value: func([sampleType], ([sample]) => fieldOf(sample, 'Value')),
  strvalue: func([sampleType], ([sample]) => labelOf(sample, '__value__')),
  sortByLabel: func(['string', vectorType], ([name, vector], run) => {
    const { items, shape } = vector as List
    run.spend(items.length)
    return listOf(
      items.toSorted((a, b) => byBytes(labelOf(a, name), labelOf(b, name))),
      shape,
    )
  }),
  args: variadic([], 'any', given => mapOf(Object.fromEntries(given.map((each, at) => [`arg${at}`, each])))),
  tmpl: func(['string', 'any'], ([name, data], run) => run.run(name, data)),
  safeHtml: textFunction(html => html),
  ...textFunctions,
  title: func(['string'], ([given], run) => {
    run.spend(given.length)
    return titleCase(given)
  }),
  stripPort: textFunction(stripPort),
  stripDomain: textFunction(stripDomain),
  graphLink: graph(0),
  tableLink: graph(1),
  humanize: number(humanize),
  humanize1024: number(humanize1024),
  humanizeDuration: number(humanizeDuration),
  humanizePercentage: number(humanizePercentage),
  humanizeTimestamp: number(humanizeTimestamp),
  toTime: number(toTime),
  toDuration: number(duration),
  parseDuration: func(['string'], ([written]) => seconds(written)),
  now: func([], (_, { world }: Run<AlertWorld>) => world.nowMs / 1_000),
  pathPrefix: func([], (_, { world }: Run<AlertWorld>) => pathOf(world.externalUrl)),
  externalURL: func([], (_, { world }: Run<AlertWorld>) => world.externalUrl),
}
