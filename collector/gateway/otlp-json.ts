// Reads an ExportMetricsServiceRequest of OTLP as JSON: names in lowerCamelCase, whole numbers of 64 bits as text,
// unknown fields ignored. Called by otlp-routes.ts.
import { Failure } from '#core/errors.ts'
import { found } from '#core/http/judge.ts'
import {
  type AttributeValue,
  attributeText,
  Flaw,
  type Flawed,
  type HistogramPoint,
  isStaleFlag,
  msOfNanos,
  type NumberPoint,
  type OtlpData,
  type OtlpMetric,
  type OtlpResource,
  partsMax,
  preciseMsOfNanos,
  refuseDepth,
  type SummaryPoint,
  temporality,
  unreadable,
  wholeNumber,
} from './otlp-model.ts'
import { tooManyParts } from './protobuf.ts'

type Json = Readonly<Record<string, unknown>>

export function readOtlpJson(body: Uint8Array): OtlpResource[] {
  refuseParts(body)
  let root: unknown
  try {
    root = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))
  } catch (cause) {
    throw new Failure('bad_request', `wanted JSON: ${(cause as Error).message}`, { cause })
  }
  return list(object(root, 'body'), 'resourceMetrics').map(each => {
    const resource = inner(each, 'resource')
    const scopes = list(each, 'scopeMetrics')
    const metrics = scopes.flatMap(scope => list(scope, 'metrics').map(readMetric))
    return { attributes: values(resource, 'attributes').map(readAttribute), metrics }
  })
}

// Counted before JSON.parse makes an object of each, in about a nanosecond a byte. Signs within texts count too: they are few.
function refuseParts(body: Uint8Array): void {
  const [comma, bracket, brace] = [44, 91, 123]
  let parts = 0
  for (let at = 0; at < body.length; at++) {
    const sign = body[at]
    if (sign === comma || sign === bracket || sign === brace) parts++
  }
  // A part in JSON has two signs or three.
  if (parts > 3 * partsMax) throw tooManyParts(partsMax)
}

function readMetric(metric: Json): OtlpMetric {
  return { name: text(metric, 'name'), unit: text(metric, 'unit'), data: readData(metric) }
}

function readData(metric: Json): OtlpData {
  const given = (kind: string): Json | undefined => (metric[kind] == null ? undefined : inner(metric, kind))
  const gauge = given('gauge')
  if (gauge) return { kind: 'gauge', points: points(gauge, readNumberPoint) }
  const sum = given('sum')
  if (sum) {
    const isMonotonic = sum['isMonotonic'] === true
    return { kind: 'sum', points: points(sum, readNumberPoint), temporality: temporalityOf(sum), isMonotonic }
  }
  const histogram = given('histogram')
  if (histogram) {
    const read = points(histogram, readHistogramPoint)
    return { kind: 'histogram', points: read, temporality: temporalityOf(histogram) }
  }
  const summary = given('summary')
  if (summary) return { kind: 'summary', points: points(summary, readSummaryPoint) }
  const exponential = given('exponentialHistogram')
  if (exponential) return { kind: 'exponential', points: list(exponential, 'dataPoints').length }
  return { kind: 'none', points: 0 }
}

const points = <Each>(data: Json, read: (point: Json) => Each): (Each | Flawed)[] =>
  values(data, 'dataPoints').map(each => {
    try {
      return read(object(each, 'dataPoints'))
    } catch (flaw) {
      if (flaw instanceof Flaw) return { flaw: flaw.detail }
      throw flaw
    }
  })

// The specification wants the number; some writers send the name.
function temporalityOf(data: Json): number {
  const found = data['aggregationTemporality']
  if (found === 'AGGREGATION_TEMPORALITY_DELTA') return temporality.delta
  if (found === 'AGGREGATION_TEMPORALITY_CUMULATIVE') return temporality.cumulative
  return typeof found === 'number' ? found : 0
}

function head(point: Json): Pick<NumberPoint, 'attributes' | 'tMs' | 'preciseMs' | 'isStale'> {
  const nanos = whole(point, 'timeUnixNano')
  return {
    attributes: values(point, 'attributes').map(readAttribute),
    tMs: msOfNanos(nanos),
    preciseMs: preciseMsOfNanos(nanos),
    isStale: isStaleFlag(Number(whole(point, 'flags'))),
  }
}

function readNumberPoint(point: Json): NumberPoint {
  const isInt = point['asInt'] != null
  const value = isInt ? Number(whole(point, 'asInt')) : decimal(point, 'asDouble')
  return { ...head(point), value }
}

function readHistogramPoint(point: Json): HistogramPoint {
  return {
    ...head(point),
    count: Number(whole(point, 'count')),
    sum: decimal(point, 'sum'),
    counts: values(point, 'bucketCounts').map(each => Number(wholeOf(each, 'bucketCounts'))),
    bounds: values(point, 'explicitBounds').map(each => decimalOf(each, 'explicitBounds')),
  }
}

function readSummaryPoint(point: Json): SummaryPoint {
  const quantiles = list(point, 'quantileValues').map(
    each => [decimal(each, 'quantile') ?? 0, decimal(each, 'value') ?? 0] as const,
  )
  return { ...head(point), count: Number(whole(point, 'count')), sum: decimal(point, 'sum') ?? 0, quantiles }
}

function readAttribute(given: unknown): [string, string] {
  let key = ''
  try {
    const attribute = object(given, 'attributes')
    key = text(attribute, 'key')
    return [key, attributeText(readValue(inner(attribute, 'value'), 1))]
  } catch (flaw) {
    if (flaw instanceof Flaw) return [key, unreadable(flaw.detail)]
    throw flaw
  }
}

function readValue(value: Json, depth: number): AttributeValue {
  refuseDepth(depth)
  if (value['stringValue'] != null) return text(value, 'stringValue')
  if (value['boolValue'] != null) return value['boolValue'] === true
  if (value['intValue'] != null) return wholeNumber(whole(value, 'intValue'))
  if (value['doubleValue'] != null) return decimal(value, 'doubleValue') ?? 0
  if (value['bytesValue'] != null) return text(value, 'bytesValue')
  if (value['arrayValue'] != null) {
    return list(inner(value, 'arrayValue'), 'values').map(each => readValue(each, depth + 1))
  }
  if (value['kvlistValue'] == null) return null
  const pairs = list(inner(value, 'kvlistValue'), 'values')
  return Object.fromEntries(
    pairs.map(each => [text(each, 'key'), readValue(inner(each, 'value'), depth + 1)] as const),
  )
}

// What is left out, or null, is empty or 0, as in protobuf.

const wrong = (at: string, wanted: string, value: unknown): Flaw =>
  new Flaw(`${at}: wanted ${wanted}, found ${found(value)}`)

function object(value: unknown, at: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(at, 'an object', value)
  return value as Json
}

const inner = (parent: Json, key: string): Json => object(parent[key] ?? {}, key)

function values(parent: Json, key: string): readonly unknown[] {
  const found = parent[key] ?? []
  if (!Array.isArray(found)) throw wrong(key, 'a list', found)
  return found
}

const list = (parent: Json, key: string): Json[] => values(parent, key).map(each => object(each, key))

function text(parent: Json, key: string): string {
  const found = parent[key] ?? ''
  if (typeof found !== 'string') throw wrong(key, 'text', found)
  return found
}

const whole = (parent: Json, key: string): bigint => wholeOf(parent[key] ?? 0, key)

function wholeOf(found: unknown, at: string): bigint {
  if (typeof found === 'number' && Number.isInteger(found)) return BigInt(found)
  if (typeof found === 'string' && /^-?\d{1,20}$/.test(found)) return BigInt(found)
  throw wrong(at, 'a whole number', found)
}

const decimal = (parent: Json, key: string): number | undefined =>
  parent[key] == null ? undefined : decimalOf(parent[key], key)

const named: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

function decimalOf(found: unknown, at: string): number {
  if (typeof found === 'number') return found
  if (typeof found === 'string') {
    const known = named[found] ?? (found.trim() === '' ? undefined : Number(found))
    if (known !== undefined && (found === 'NaN' || !Number.isNaN(known))) return known
  }
  throw wrong(at, 'a number', found)
}
