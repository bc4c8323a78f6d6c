// One OTLP message told once and written twice, as protobuf and as JSON, for tests.
import {
  double,
  type Field,
  fixed64,
  message,
  packedDoubles,
  packedFixed64,
  text,
  varint,
} from './protobuf-writer.ts'

export type Value =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string }
  | { doubleValue: number }
  | { bytesValue: string }
  | { arrayValue: { values: Value[] } }
  | { kvlistValue: { values: Attribute[] } }
export type Attribute = { key: string; value: Value }

type Point = { attributes?: Attribute[]; timeUnixNano?: string; startTimeUnixNano?: string; flags?: number }
export type NumberPoint = Point & ({ asDouble?: number | string } | { asInt?: string })
export type HistogramPoint = Point & {
  count: string
  sum?: number
  bucketCounts: string[]
  explicitBounds: number[]
}
export type SummaryPoint = Point & {
  count: string
  sum: number
  quantileValues: { quantile: number; value: number }[]
}

export type Metric = {
  name: string
  unit?: string
  gauge?: { dataPoints: NumberPoint[] }
  sum?: { dataPoints: NumberPoint[]; aggregationTemporality?: number; isMonotonic?: boolean }
  histogram?: { dataPoints: HistogramPoint[]; aggregationTemporality?: number }
  exponentialHistogram?: { dataPoints: Point[]; aggregationTemporality?: number }
  summary?: { dataPoints: SummaryPoint[] }
}

export type Resource = { resource?: { attributes: Attribute[] }; scopeMetrics: { metrics: Metric[] }[] }
export type Request = { resourceMetrics: Resource[] }

export const jsonOf = (request: Request): Buffer => Buffer.from(JSON.stringify(request))

export const protobufOf = ({ resourceMetrics }: Request): Buffer =>
  Buffer.concat(
    resourceMetrics.map(({ resource, scopeMetrics }) =>
      message(1, [
        ...(resource ? [message(1, attributes(1, resource.attributes))] : []),
        ...scopeMetrics.map(({ metrics }) => message(2, metrics.map(metric))),
      ]),
    ),
  )

function metric(one: Metric): Field {
  const { name, unit, gauge, sum, histogram, exponentialHistogram, summary } = one
  const fields = [text(1, name), text(2, 'what it is'), ...(unit === undefined ? [] : [text(3, unit)])]
  if (gauge) fields.push(message(5, gauge.dataPoints.map(numberPoint)))
  if (sum) {
    const kind = [varint(2, sum.aggregationTemporality ?? 0), varint(3, sum.isMonotonic ? 1 : 0)]
    fields.push(message(7, [...sum.dataPoints.map(numberPoint), ...kind]))
  }
  if (histogram) {
    const kind = varint(2, histogram.aggregationTemporality ?? 0)
    fields.push(message(9, [...histogram.dataPoints.map(histogramPoint), kind]))
  }
  if (exponentialHistogram) {
    fields.push(
      message(
        10,
        exponentialHistogram.dataPoints.map(each => message(1, head(each, 1, 10))),
      ),
    )
  }
  if (summary) fields.push(message(11, summary.dataPoints.map(summaryPoint)))
  return message(2, fields)
}

function head(point: Point, attributesField: number, flagsField: number): Field[] {
  const { startTimeUnixNano: start = '0', timeUnixNano: time = '0', flags = 0 } = point
  const times = [fixed64(2, BigInt(start)), fixed64(3, BigInt(time))]
  return [...attributes(attributesField, point.attributes ?? []), ...times, varint(flagsField, flags)]
}

function numberPoint(point: NumberPoint): Field {
  const value: Field[] = []
  if ('asInt' in point && point.asInt !== undefined) value.push(fixed64(6, BigInt(point.asInt)))
  if ('asDouble' in point && point.asDouble !== undefined) value.push(double(4, Number(point.asDouble)))
  return message(1, [...head(point, 7, 8), ...value])
}

const histogramPoint = (point: HistogramPoint): Field =>
  message(1, [
    ...head(point, 9, 10),
    fixed64(4, BigInt(point.count)),
    ...(point.sum === undefined ? [] : [double(5, point.sum)]),
    packedFixed64(6, point.bucketCounts.map(Number)),
    packedDoubles(7, point.explicitBounds),
  ])

const summaryPoint = (point: SummaryPoint): Field =>
  message(1, [
    ...head(point, 7, 8),
    fixed64(4, BigInt(point.count)),
    double(5, point.sum),
    ...point.quantileValues.map(({ quantile, value }) => message(6, [double(1, quantile), double(2, value)])),
  ])

const attributes = (field: number, all: readonly Attribute[]): Field[] =>
  all.map(({ key, value }) => message(field, [text(1, key), message(2, valueFields(value))]))

function valueFields(value: Value): Field[] {
  if ('stringValue' in value) return [text(1, value.stringValue)]
  if ('boolValue' in value) return [varint(2, value.boolValue ? 1 : 0)]
  if ('intValue' in value) return [varint(3, BigInt(value.intValue))]
  if ('doubleValue' in value) return [double(4, value.doubleValue)]
  if ('bytesValue' in value) return [message(7, [Buffer.from(value.bytesValue, 'base64')])]
  if ('arrayValue' in value) {
    return [
      message(
        5,
        value.arrayValue.values.map(each => message(1, valueFields(each))),
      ),
    ]
  }
  return [message(6, attributes(1, value.kvlistValue.values))]
}
