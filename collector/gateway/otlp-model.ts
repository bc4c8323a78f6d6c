// A message of OTLP metrics after reading, whichever way it was written: otlp-protobuf.ts and otlp-json.ts make it,
// otlp-rows.ts turns it into samples.
import { Failure } from '#core/errors.ts'

// What a message says although it is well-formed as a whole: one point or one attribute cannot be read, others can.
// A message may have a million flaws, and a trace of the stack takes longer than reading an attribute: it has none.
export class Flaw extends Failure {
  constructor(what: string) {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super('bad_request', what)
    Error.stackTraceLimit = stackTraceLimit
  }
}

// Instead of a point that cannot be read: why.
export type Flawed = Readonly<{ flaw: string }>

// Stands for the value of an attribute that cannot be read. No label can hold it, so points that have it as a label
// are refused, and whatever else there is goes on.
export const unreadable = (why: string): string => `${unreadableMark}${why}`

// Why, where this is one; also amid others that share its label.
export function whyUnreadable(value: string): string | undefined {
  const at = value.indexOf(unreadableMark)
  return at < 0 ? undefined : value.slice(at + unreadableMark.length)
}

const unreadableMark = '\u0000unreadable: '

export type Attributes = readonly (readonly [string, string])[]

export type OtlpResource = Readonly<{ attributes: Attributes; metrics: readonly OtlpMetric[] }>

export type OtlpMetric = Readonly<{ name: string; unit: string; data: OtlpData }>

export type OtlpData =
  | Readonly<{ kind: 'gauge'; points: readonly (NumberPoint | Flawed)[] }>
  | Readonly<{
      kind: 'sum'
      points: readonly (NumberPoint | Flawed)[]
      temporality: number
      isMonotonic: boolean
    }>
  | Readonly<{ kind: 'histogram'; points: readonly (HistogramPoint | Flawed)[]; temporality: number }>
  | Readonly<{ kind: 'summary'; points: readonly (SummaryPoint | Flawed)[] }>
  // What is not stored, told by its number of points.
  | Readonly<{ kind: 'exponential'; points: number }>
  | Readonly<{ kind: 'none'; points: number }>

type Point = Readonly<{
  attributes: Attributes
  // 0 when the point does not say.
  tMs: number
  // With the fraction, to tell apart what happened within a millisecond.
  preciseMs: number
  // The series has ended: flag NO_RECORDED_VALUE.
  isStale: boolean
}>

export type NumberPoint = Point & Readonly<{ value: number | undefined }>
export type HistogramPoint = Point &
  Readonly<{
    count: number
    sum: number | undefined
    bounds: readonly number[]
    counts: readonly number[]
  }>
export type SummaryPoint = Point &
  Readonly<{ count: number; sum: number; quantiles: readonly (readonly [number, number])[] }>

export const temporality = { delta: 1, cumulative: 2 } as const

const noRecordedValue = 1
export const isStaleFlag = (flags: number): boolean => (flags & noRecordedValue) !== 0

// Rounded down exactly, which a division of numbers this large would not be.
export const msOfNanos = (nanos: bigint): number => Number(nanos / 1_000_000n)
export const preciseMsOfNanos = (nanos: bigint): number => Number(nanos) / 1e6

// What an attribute's value may be, before it becomes a label.
export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | readonly AttributeValue[]
  | Readonly<{ [key: string]: AttributeValue }>

// Resources, metrics, points, attributes and values of one message, all counted: what a batch of 100 000 points with a
// few attributes each has.
export const partsMax = 1_000_000

export const attributeDepthMax = 16

const tooDeep = new Flaw(`nested deeper than ${attributeDepthMax} levels`)

export function refuseDepth(depth: number): void {
  if (depth > attributeDepthMax) throw tooDeep
}

// Whole numbers beyond 2^53 stay exact, as text.
export const wholeNumber = (value: bigint): number | string => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

export const attributeText = (value: AttributeValue): string => {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  return value === null ? '' : JSON.stringify(value)
}
