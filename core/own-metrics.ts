// The service's own numbers while they are counted: what /metrics shows and what the agent's `self` input
// writes to the store. By hand instead of a client package: docs/decisions/0003-own-metrics-by-hand.md.
// Opened once by bin/ and handed to every room.
import { labelsOf } from './labels.ts'
import { type LabelsOf, metricEntry, type OwnMetricName, type OwnNameOf } from './metrics.ts'
import type { Labels, Sample, Series } from './model.ts'

export type OwnCounter<Name extends OwnMetricName = OwnMetricName> = Readonly<{
  inc(by?: number, labels?: LabelsOf<Name>): void
  // For totals that somebody else keeps: asked whenever the numbers are looked at.
  read(value: () => number, labels?: LabelsOf<Name>): void
}>

export type OwnGauge<Name extends OwnMetricName = OwnMetricName> = Readonly<{
  set(value: number, labels?: LabelsOf<Name>): void
  read(value: () => number, labels?: LabelsOf<Name>): void
}>

export type OwnHistogram<Name extends OwnMetricName = OwnMetricName> = Readonly<{
  observe(value: number, labels?: LabelsOf<Name>): void
}>

export interface OwnMetrics {
  counter<Name extends OwnNameOf<'counter'>>(name: Name): OwnCounter<Name>
  gauge<Name extends OwnNameOf<'gauge'>>(name: Name): OwnGauge<Name>
  histogram<Name extends OwnNameOf<'histogram'>>(name: Name): OwnHistogram<Name>
  // Prometheus' text format; goes out with textContentType.
  text(): Promise<string>
  samples(nowMs: number): Sample[]
}

export const textContentType = 'text/plain; version=0.0.4; charset=utf-8'

// Enough for routes, inputs and reasons; a label that takes more values is a mistake, and is counted.
const seriesMax = 500
const secondBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

type Row = Readonly<{ series: Series; value: number }>
type Child = { rows(): Row[] }
type Family<Each extends Child> = Readonly<{
  name: OwnMetricName
  children: Map<string, Each>
  child(labels: object | undefined): Each | undefined
}>

type Value = Child & { value: number; read: (() => number) | undefined }
type Spread = Child & { observe(value: number): void }

export function openOwnMetrics(): OwnMetrics {
  const families = new Map<OwnMetricName, Family<Child>>()
  const dropped = (): void => own.counter('plimsoll_own_series_dropped_total').inc()

  function family<Each extends Child>(name: OwnMetricName, make: Make<Each>): Family<Each> {
    const known = families.get(name) as Family<Each> | undefined
    if (known !== undefined) return known
    const made = openFamily(name, make, dropped)
    families.set(name, made)
    return made
  }

  const own: OwnMetrics = {
    counter(name) {
      const { child } = family(name, newValue)
      return {
        inc(by = 1, labels) {
          const value = child(labels)
          if (value !== undefined && by > 0) value.value += by
        },
        read: (value, labels) => readFrom(child(labels), value),
      }
    },
    gauge(name) {
      const { child } = family(name, newValue)
      return {
        set(value, labels) {
          const found = child(labels)
          if (found !== undefined) found.value = value
        },
        read: (value, labels) => readFrom(child(labels), value),
      }
    },
    histogram(name) {
      const { child } = family(name, newSpread)
      return { observe: (value, labels) => child(labels)?.observe(value) }
    },
    text: async () => [...families.values()].map(written).join(''),
    samples(tMs) {
      const rows = [...families.values()].flatMap(each => rowsOf(each))
      return rows.map(({ series, value }) => ({ series, tMs, value }))
    },
  }
  return own
}

type Make<Each> = (name: OwnMetricName, labels: Labelled) => Each
type Labelled = readonly (readonly [string, string])[]

// The series of one metric by the values of its labels, in the order of the table.
function openFamily<Each extends Child>(
  name: OwnMetricName,
  make: Make<Each>,
  dropped: () => void,
): Family<Each> {
  const labelNames = metricEntry(name).labels ?? []
  const children = new Map<string, Each>()
  const bare = labelNames.length === 0 ? make(name, []) : undefined
  if (bare !== undefined) children.set('', bare)
  const child = (labels: object | undefined): Each | undefined => {
    if (bare !== undefined) return bare
    const valueAt = (label: string): string => (labels as Record<string, string> | undefined)?.[label] ?? ''
    let key = valueAt(labelNames[0]!)
    for (let at = 1; at < labelNames.length; at++) key += `\u{ffff}${valueAt(labelNames[at]!)}`
    const known = children.get(key)
    if (known !== undefined) return known
    if (children.size >= seriesMax) {
      dropped()
      return undefined
    }
    const made = make(
      name,
      labelNames.map(label => [label, valueAt(label)] as const),
    )
    children.set(key, made)
    return made
  }
  return { name, children, child }
}

function newValue(name: OwnMetricName, labels: Labelled): Value {
  const series = { name, labels: labelsOf(labels) }
  const value: Value = {
    value: 0,
    read: undefined,
    rows: () => [{ series, value: value.read === undefined ? value.value : value.read() }],
  }
  return value
}

function readFrom(value: Value | undefined, read: () => number): void {
  if (value !== undefined) value.read = read
}

function newSpread(name: OwnMetricName, labels: Labelled): Spread {
  const bounds = metricEntry(name).buckets ?? secondBuckets
  const ends = [...bounds.map(String), '+Inf']
  const counts = new Float64Array(ends.length)
  let sum = 0
  const named = (suffix: string, more: Labelled = []): Series => ({
    name: `${name}_${suffix}`,
    labels: labelsOf([...labels, ...more]),
  })
  const buckets = ends.map(le => named('bucket', [['le', le]]))
  const [sumSeries, countSeries] = [named('sum'), named('count')]
  return {
    observe(value) {
      const at = bounds.findIndex(bound => value <= bound)
      counts[at === -1 ? bounds.length : at]!++
      sum += value
    },
    rows() {
      let below = 0
      const rows = buckets.map((series, at) => {
        below += counts[at]!
        return { series, value: below }
      })
      return [...rows, { series: sumSeries, value: sum }, { series: countSeries, value: below }]
    },
  }
}

// A number that cannot be had on this machine is left out, not told as 0.
const rowsOf = ({ children }: Family<Child>): Row[] =>
  [...children.values()].flatMap(child => child.rows()).filter(({ value }) => !Number.isNaN(value))

function written(family: Family<Child>): string {
  return familyText(
    family.name,
    metricEntry(family.name),
    rowsOf(family).map(({ series, value }) => ({ ...series, value })),
  )
}

export type NumberRow = Readonly<{ name: string; labels: Labels; value: number }>
type Told = Readonly<{ kind: string; meaning: string }>

// All series of one metric in Prometheus' text format. Called for our own, and for those under names of others.
export function familyText(name: string, { kind, meaning }: Told, rows: readonly NumberRow[]): string {
  if (rows.length === 0) return ''
  const lines = rows.map(row => {
    const pairs = Object.entries(row.labels).map(([label, text]) => `${label}="${escaped(text)}"`)
    const braced = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
    return `${row.name}${braced} ${numberText(row.value)}\n`
  })
  return `# HELP ${name} ${meaning}\n# TYPE ${name} ${kind}\n${lines.join('')}`
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }
const escaped = (text: string): string => text.replace(/[\\"\n]/g, found => escapes[found]!)

const numberText = (value: number): string =>
  value === Number.POSITIVE_INFINITY ? '+Inf' : value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
