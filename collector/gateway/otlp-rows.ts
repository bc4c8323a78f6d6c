// Turns what an OTLP message says into rows: names and labels as Prometheus translates them, histograms and
// summaries as their classic series, changes added up. The README of this folder has the table. Called by
// otlp-routes.ts.

import { labelsOf } from '#core/labels.ts'
import { lineLimits } from '#core/line-protocol/decode.ts'
import { type Window, windowAt, windowProblem } from '#core/line-protocol/window.ts'
import type { Labels } from '#core/model.ts'
import { writeStale } from '#core/stale.ts'
import type { DeltaSums } from './delta-sums.ts'
import type { Into } from './intake.ts'
import { type Identity, identityOf, targetInfo } from './otlp-labels.ts'
import {
  type Attributes,
  type Flawed,
  type OtlpData,
  type OtlpMetric,
  type OtlpResource,
  temporality,
} from './otlp-model.ts'
import { labelNameOf, metricNameOf } from './otlp-names.ts'
import { type Part, type Parted, partsOf, sumSuffix } from './otlp-parts.ts'
import {
  type NamedMetric,
  namedMetric,
  type OtlpSeries,
  type Problem,
  sizeOf,
  unfitLabels,
} from './otlp-series.ts'
import { Tally } from './tally.ts'

export type OtlpOptions = Readonly<{
  series: OtlpSeries
  sums: DeltaSums
  // Attributes of the resource that become labels of each of its series.
  promote: readonly string[]
  keepMs: number
}>

type Metric = Readonly<{ named: NamedMetric; isDelta: boolean }>
type Placed = Readonly<{ ids: readonly number[]; tMs: number; preciseMs: number }>
type Sample = Readonly<{ isDelta: boolean; isStale: boolean; value: number }>

const info = 'target_info'

// What all points of a metric have in common is walked for each of them: its name, as in line protocol, and what its
// resource gives each series, in characters.
const nameMax = lineLimits.measurement
const identityMax = 4_096

export function toRows(resources: readonly OtlpResource[], into: Into, options: OtlpOptions): Tally {
  const writer = new OtlpWriter(into, options)
  for (const resource of resources) writer.resource(resource)
  return writer.tally
}

class OtlpWriter {
  readonly tally = new Tally()
  readonly #into: Into
  readonly #options: OtlpOptions
  readonly #window: Window
  readonly #undo: (() => void)[] = []

  constructor(into: Into, options: OtlpOptions) {
    this.#into = into
    this.#options = options
    this.#window = windowAt(into.receivedAtMs, options.keepMs)
    this.tally.takeBack = () => {
      // Last things first, so that each finds what it left.
      for (const takeBack of this.#undo.reverse()) takeBack()
    }
  }

  resource({ attributes, metrics }: OtlpResource): void {
    const identity = identityOf(attributes, this.#options.promote)
    let newestMs = 0
    for (const metric of metrics) newestMs = Math.max(newestMs, this.#metric(metric, identity))
    if (newestMs !== 0) this.#targetInfo(attributes, identity, newestMs)
  }

  // Without the attributes that do not fit: the others are as good as before.
  #targetInfo(attributes: Attributes, identity: Identity, tMs: number): void {
    const whole = targetInfo(attributes, identity)
    if (whole === undefined) return
    const { series } = this.#options
    let id = series.only(info, whole)
    if (typeof id !== 'number' && (id.reason === 'bad_labels' || id.reason === 'too_many_labels')) {
      const rest = targetInfo(this.#fitting(attributes), identity)
      if (rest === undefined) return
      id = series.only(info, this.#within(rest))
    }
    if (typeof id === 'number') this.#into.rows.push(id, tMs, 1)
    else this.tally.leaveOut(id.reason, 1, () => `${info}: ${id.what}`)
  }

  #fitting(attributes: Attributes): Attributes {
    return attributes.filter(([key, value]) => {
      const problem = unfitLabels(info, labelsOf([[labelNameOf(key), value]]))
      if (problem === undefined) return true
      this.tally.leaveOut(problem.reason, 1, () => `${info} without an attribute: ${problem.what}`)
      return false
    })
  }

  #within(labels: Labels): Labels {
    const kept = this.#options.series.within(labels)
    const [found, most] = [labels, kept].map(each => Object.keys(each).length) as [number, number]
    const detail = (): string =>
      `${info} without some attributes: found ${found} labels, wanted at most ${most}`
    this.tally.leaveOut('bad_labels', found - most, detail)
    return kept
  }

  // Answers the time of the newest point that was taken.
  #metric(metric: OtlpMetric, identity: Identity): number {
    const { data } = metric
    const name = metricNameOf(metric)
    const problem = problemOf(name, data) ?? tooLong(name, identity)
    if (problem !== undefined) {
      const count = typeof data.points === 'number' ? data.points : data.points.length
      const detail = (): string => `metric ${JSON.stringify(metric.name.slice(0, nameMax))}: ${problem.what}`
      this.tally.refuse(problem.reason, count, detail)
      return 0
    }
    const one = { named: namedMetric(name, identity), isDelta: isDelta(data) }
    let newestMs = 0
    for (const point of partsOf(data)) newestMs = Math.max(newestMs, this.#point(one, point))
    return newestMs
  }

  #point(metric: Metric, point: Parted | Flawed): number {
    if ('flaw' in point) {
      this.tally.refuse('malformed', 1, () => `a point of ${metric.named.name}: ${point.flaw}`)
      return 0
    }
    const placed = this.#place(metric, point)
    if ('reason' in placed) {
      this.tally.refuse(placed.reason, 1, () => `a point of ${metric.named.name}: ${placed.what}`)
      return 0
    }
    for (const [at, { value }] of (point.parts ?? []).entries()) {
      this.#push(placed, placed.ids[at]!, { value, isStale: point.isStale, isDelta: metric.isDelta })
    }
    this.tally.taken++
    return placed.tMs
  }

  // All series of a point, or none.
  #place({ named, isDelta }: Metric, { parts, isStale, attributes, ...point }: Parted): Placed | Problem {
    if (parts === undefined) {
      return { reason: 'no_value', what: 'found no value, or not one more count than there are bounds' }
    }
    const { receivedAtMs } = this.#into
    const tMs = point.tMs === 0 ? receivedAtMs : point.tMs
    const preciseMs = point.tMs === 0 ? receivedAtMs : point.preciseMs
    if (tMs < this.#window.fromMs || tMs > this.#window.toMs) {
      return { reason: 'bad_time', what: windowProblem(tMs, 'ms', this.#window) }
    }
    if (isDelta && !isStale && !parts.every(addsUp)) {
      return { reason: 'malformed', what: 'found a change that is negative or no number' }
    }
    const { series, sums } = this.#options
    const ids = series.find(named, attributes, parts)
    if ('reason' in ids) return ids
    if (isDelta && !isStale && ids.some(id => sums.isRepeated(id, preciseMs))) {
      return { reason: 'repeated', what: `changes up to ${preciseMs} ms have been added already` }
    }
    return { ids, tMs, preciseMs }
  }

  #push({ tMs, preciseMs }: Placed, id: number, one: Sample): void {
    const { rows } = this.#into
    if (one.isStale) {
      rows.push(id, tMs, 0)
      writeStale(rows.values, rows.length - 1)
    } else if (one.isDelta) {
      const { total, takeBack } = this.#options.sums.add(id, one.value, preciseMs)
      this.#undo.push(takeBack)
      rows.push(id, tMs, total)
    } else rows.push(id, tMs, one.value)
  }
}

const addsUp = ({ suffix, value }: Part): boolean =>
  Number.isFinite(value) && (value >= 0 || suffix === sumSuffix)

const isDelta = (data: OtlpData): boolean => 'temporality' in data && data.temporality === temporality.delta

function tooLong({ length }: string, identity: Identity): Problem | undefined {
  if (length > nameMax)
    return { reason: 'bad_labels', what: `found a name of ${length} characters, wanted at most ${nameMax}` }
  const size = sizeOf(identity)
  if (size <= identityMax) return undefined
  const found = `found labels of ${size} characters that its resource gives each series`
  return { reason: 'too_many_labels', what: `${found}, wanted at most ${identityMax}` }
}

// Why none of its points can be stored.
function problemOf(name: string, data: OtlpData): Problem | undefined {
  if (name === '') return { reason: 'no_name', what: 'found no letter in its name' }
  if (data.kind === 'exponential') {
    const what = 'found an exponential histogram, wanted one with explicit bounds'
    return { reason: 'native_histogram', what }
  }
  if (!('temporality' in data) || data.temporality === temporality.cumulative) return undefined
  if (data.temporality !== temporality.delta) {
    return {
      reason: 'temporality',
      what: `found temporality ${data.temporality}, wanted delta or cumulative`,
    }
  }
  if (data.kind === 'histogram' || data.isMonotonic) return undefined
  return { reason: 'temporality', what: 'found changes that may be negative, wanted them as cumulative' }
}
