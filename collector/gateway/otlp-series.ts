// Which series are those of a point? Named and checked when they come first, found by the point's attributes after that:
// that saves more than half of the time that a point takes. Called by otlp-rows.ts for each point.
import { labelsOf } from '#core/labels.ts'
import type { Labels } from '#core/model.ts'
import { refused } from '#core/series.ts'
import { type Identity, labelsOfPoint } from './otlp-labels.ts'
import { type Attributes, whyUnreadable } from './otlp-model.ts'
import type { Part } from './otlp-parts.ts'
import type { SeriesSource } from './series-allowance.ts'
import type { Reason } from './tally.ts'
import { unstorable } from './unstorable.ts'

// What the keys of known points may take, in characters. Beyond that all are forgotten and learned anew.
const knownMax = 32 * 1024 * 1024

export type OtlpLimits = Readonly<{ tags: number; lineBytes: number }>
export type Problem = Readonly<{ reason: Reason; what: string }>

// A metric of one resource; `key` tells it from all others.
export type NamedMetric = Readonly<{ name: string; identity: Identity; key: string }>

export const namedMetric = (name: string, identity: Identity): NamedMetric => ({
  name,
  identity,
  key: JSON.stringify([name, identity]),
})

export class OtlpSeries {
  readonly #source: SeriesSource
  readonly #limits: OtlpLimits
  readonly #known = new Map<string, readonly number[]>()
  #knownSize = 0

  constructor(source: SeriesSource, limits: OtlpLimits) {
    this.#source = source
    this.#limits = limits
  }

  // The number of each part's series, or why the point cannot be stored.
  find(metric: NamedMetric, attributes: Attributes, parts: readonly Part[]): readonly number[] | Problem {
    const key = `${metric.key}${JSON.stringify(attributes)}${parts.length === 1 ? '' : partsKey(parts)}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const ids = this.#intern(metric, attributes, parts)
    if ('reason' in ids) return ids
    if (this.#knownSize + key.length > knownMax) {
      this.#known.clear()
      this.#knownSize = 0
    }
    this.#known.set(key, ids)
    this.#knownSize += key.length
    return ids
  }

  // One series whose labels are known, such as target_info.
  only(name: string, labels: Labels): number | Problem {
    const pairs = Object.entries(labels)
    const problem = this.#excess(pairs, sizeOf(pairs)) ?? unfitLabels(name, labels)
    if (problem !== undefined) return problem
    const id = this.#source.intern(name, labels)
    return id === refused ? noRoom : id
  }

  // As many labels as there may be: what tells the target, and the first of the others by name.
  within(labels: Labels): Labels {
    const others = Object.entries(labels).filter(([name]) => name !== 'job' && name !== 'instance')
    const target = ['job', 'instance'].map(name => [name, labels[name] ?? ''] as const)
    const known = target.filter(([, value]) => value !== '')
    return labelsOf([...known, ...others].slice(0, this.#limits.tags))
  }

  #excess(pairs: Attributes, size: number): Problem | undefined {
    const { tags, lineBytes } = this.#limits
    if (pairs.length <= tags && size <= lineBytes) return undefined
    const found = `${pairs.length} labels of ${size} bytes`
    return { reason: 'too_many_labels', what: `found ${found}, wanted at most ${tags} of ${lineBytes}` }
  }

  #intern(metric: NamedMetric, attributes: Attributes, parts: readonly Part[]): readonly number[] | Problem {
    const { lineBytes } = this.#limits
    const pairs = labelsOfPoint(attributes, metric.identity)
    const size = sizeOf(pairs)
    const excess = this.#excess(pairs, size)
    if (excess !== undefined) return excess
    // Each bucket is a series with all labels of its point.
    if (parts.length > 1 && size * parts.length > lineBytes) {
      const found = `labels of ${size} bytes on each of ${parts.length} series`
      return { reason: 'too_many_labels', what: `found ${found}, wanted at most ${lineBytes} together` }
    }
    const common = labelsOf(pairs)
    const problem = unfitLabels(metric.name, common)
    if (problem !== undefined) return problem
    const ids = parts.map(({ suffix, label }) => {
      const labels = label === undefined ? common : labelsOf([...pairs, label])
      return this.#source.intern(metric.name + suffix, labels)
    })
    if (!ids.includes(refused)) return ids
    return noRoom
  }
}

const noRoom: Problem = {
  reason: 'series_limit',
  what: 'it is of more new series than this sender may bring within a day, or than there is room for',
}

export const sizeOf = (pairs: Attributes): number =>
  pairs.reduce((sum, [label, value]) => sum + label.length + value.length, 0)

// Why these labels cannot be stored.
export function unfitLabels(name: string, labels: Labels): Problem | undefined {
  const problem = unstorable({ name, labels })
  if (problem === undefined) return undefined
  for (const label in labels) {
    const why = whyUnreadable(labels[label]!)
    if (why !== undefined) return { reason: 'bad_labels', what: `label ${JSON.stringify(label)}: ${why}` }
  }
  return { reason: 'bad_labels', what: problem }
}

const partsKey = (parts: readonly Part[]): string =>
  parts.map(({ suffix, label }) => `${suffix} ${label?.[1] ?? ''}`).join(',')
