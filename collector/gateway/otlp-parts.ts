// Which series does one point of OTLP become? A number one, a histogram its buckets, sum and count, a summary its
// quantiles, sum and count. Pure. Called by otlp-rows.ts.
import type { Attributes, Flawed, HistogramPoint, NumberPoint, OtlpData, SummaryPoint } from './otlp-model.ts'

// One series: its name's suffix, the label that tells it apart, and its value.
export type Part = Readonly<{ suffix: string; label?: readonly [string, string]; value: number }>

// Without parts the point cannot be understood.
export type Parted = Readonly<{
  attributes: Attributes
  tMs: number
  preciseMs: number
  isStale: boolean
  parts: readonly Part[] | undefined
}>

// The one part that may fall: what is observed may be negative, what is counted may not.
export const sumSuffix = '_sum'

export function partsOf(data: OtlpData): (Parted | Flawed)[] {
  if (data.kind === 'histogram') return parted(data.points, histogramParts)
  if (data.kind === 'summary') return parted(data.points, summaryParts)
  if (data.kind === 'exponential' || data.kind === 'none') return []
  return parted(data.points, numberParts)
}

const parted = <Point extends Omit<Parted, 'parts'>>(
  points: readonly (Point | Flawed)[],
  split: (point: Point) => Part[] | undefined,
): (Parted | Flawed)[] => points.map(each => ('flaw' in each ? each : { ...each, parts: split(each) }))

function numberParts({ value, isStale }: NumberPoint): Part[] | undefined {
  if (value === undefined && !isStale) return undefined
  return [{ suffix: '', value: value ?? 0 }]
}

// Each bucket counts what is at most its bound, the last one everything: senders may name the bound of that one, too.
function histogramParts({ bounds, counts, count, sum, isStale }: HistogramPoint): Part[] | undefined {
  const isBare = counts.length === 0 && bounds.length === 0
  if (!isBare && !isStale && counts.length !== bounds.length + 1) return undefined
  let below = 0
  const parts: Part[] = []
  for (const [at, bound] of bounds.entries()) {
    below += counts[at] ?? 0
    if (bound < Infinity) parts.push({ suffix: '_bucket', label: ['le', String(bound)], value: below })
  }
  parts.push({ suffix: '_bucket', label: ['le', '+Inf'], value: count }, { suffix: '_count', value: count })
  if (sum !== undefined) parts.push({ suffix: sumSuffix, value: sum })
  return parts
}

function summaryParts({ count, sum, quantiles }: SummaryPoint): Part[] {
  const parts: Part[] = quantiles.map(([quantile, value]) => ({
    suffix: '',
    label: ['quantile', String(quantile)],
    value,
  }))
  return [...parts, { suffix: sumSuffix, value: sum }, { suffix: '_count', value: count }]
}
