// Reads an ExportMetricsServiceRequest of OTLP as protobuf. Field numbers are those of
// opentelemetry/proto/metrics/v1/metrics.proto; loops are plain, since closures for each field cost ten times as much.
// Called by otlp-routes.ts.
import { readAttribute } from './otlp-attribute.ts'
import {
  type HistogramPoint,
  isStaleFlag,
  msOfNanos,
  type NumberPoint,
  type OtlpData,
  type OtlpMetric,
  type OtlpResource,
  partsMax,
  preciseMsOfNanos,
  type SummaryPoint,
} from './otlp-model.ts'
import { ProtobufReader, tagOf, wire } from './protobuf.ts'

const varint = (field: number): number => tagOf(field, wire.varint)
const fixed = (field: number): number => tagOf(field, wire.fixed64)
const bytes = (field: number): number => tagOf(field, wire.bytes)

export function readOtlpProtobuf(body: Uint8Array): OtlpResource[] {
  return collect(new ProtobufReader(body, partsMax), bytes(1), readResourceMetrics)
}

// What the fields with this tag say, each; the message's other fields are passed over.
function collect<Each>(
  reader: ProtobufReader,
  wanted: number,
  read: (reader: ProtobufReader) => Each,
): Each[] {
  const found: Each[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === wanted) found.push(read(reader))
    else reader.skip(tag)
  }
  return found
}

const readResource = (reader: ProtobufReader) =>
  within(reader, () => collect(reader, bytes(1), readAttribute))
const readScope = (reader: ProtobufReader) => within(reader, () => collect(reader, bytes(2), readMetric))

function readResourceMetrics(reader: ProtobufReader): OtlpResource {
  const attributes: [string, string][] = []
  const metrics: OtlpMetric[] = []
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === bytes(1)) for (const each of readResource(reader)) attributes.push(each)
    else if (tag === bytes(2)) for (const each of readScope(reader)) metrics.push(each)
    else reader.skip(tag)
  }
  reader.leave(outer)
  return { attributes, metrics }
}

function within<Read>(reader: ProtobufReader, read: () => Read): Read {
  const outer = reader.enter()
  const found = read()
  reader.leave(outer)
  return found
}

const metricField = { name: bytes(1), unit: bytes(3) }
const dataField = {
  gauge: bytes(5),
  sum: bytes(7),
  histogram: bytes(9),
  exponential: bytes(10),
  summary: bytes(11),
}

function readMetric(reader: ProtobufReader): OtlpMetric {
  let [name, unit] = ['', '']
  let data: OtlpData = { kind: 'none', points: 0 }
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === metricField.name) name = reader.text()
    else if (tag === metricField.unit) unit = reader.text()
    else data = readData(reader, tag) ?? data
  }
  reader.leave(outer)
  return { name, unit, data }
}

function readData(reader: ProtobufReader, tag: number): OtlpData | undefined {
  if (tag === dataField.gauge) return { kind: 'gauge', points: readPoints(reader, readNumberPoint).points }
  if (tag === dataField.sum) return { kind: 'sum', ...readPoints(reader, readNumberPoint) }
  if (tag === dataField.histogram) return { kind: 'histogram', ...readPoints(reader, readHistogramPoint) }
  if (tag === dataField.summary)
    return { kind: 'summary', points: readPoints(reader, readSummaryPoint).points }
  if (tag === dataField.exponential) {
    return { kind: 'exponential', points: readPoints(reader, passOver).points.length }
  }
  reader.skip(tag)
  return undefined
}

type Points<Each> = Readonly<{ points: Each[]; temporality: number; isMonotonic: boolean }>
const pointsField = { point: bytes(1), temporality: varint(2), isMonotonic: varint(3) }

// The five kinds of data agree in these three fields.
function readPoints<Each>(reader: ProtobufReader, read: (reader: ProtobufReader) => Each): Points<Each> {
  const points: Each[] = []
  let [temporality, isMonotonic] = [0, false]
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === pointsField.point) points.push(read(reader))
    else if (tag === pointsField.temporality) temporality = reader.int64()
    else if (tag === pointsField.isMonotonic) isMonotonic = reader.bool()
    else reader.skip(tag)
  }
  reader.leave(outer)
  return { points, temporality, isMonotonic }
}

const passOver = (reader: ProtobufReader): void => reader.leave(reader.enter())

const time = fixed(3)
const timesOf = (nanos: bigint) => ({ tMs: msOfNanos(nanos), preciseMs: preciseMsOfNanos(nanos) })

const numberField = { attribute: bytes(7), time, double: fixed(4), int: fixed(6), flags: varint(8) }

function readNumberPoint(reader: ProtobufReader): NumberPoint {
  const attributes: [string, string][] = []
  let [nanos, isStale] = [0n, false]
  let value: number | undefined
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === numberField.attribute) attributes.push(readAttribute(reader))
    else if (tag === time) nanos = reader.fixed64()
    else if (tag === numberField.double) value = reader.double()
    else if (tag === numberField.int) value = Number(reader.signedFixed64())
    else if (tag === numberField.flags) isStale = isStaleFlag(reader.int64())
    else reader.skip(tag)
  }
  reader.leave(outer)
  return { attributes, ...timesOf(nanos), isStale, value }
}

const histogramField = { attribute: bytes(9), count: fixed(4), sum: fixed(5), flags: varint(10) }
const bucketField = { count: fixed(6), counts: bytes(6), bound: fixed(7), bounds: bytes(7) }

function readHistogramPoint(reader: ProtobufReader): HistogramPoint {
  const attributes: [string, string][] = []
  const counts: number[] = []
  const bounds: number[] = []
  let [nanos, isStale, count] = [0n, false, 0]
  let sum: number | undefined
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === histogramField.attribute) attributes.push(readAttribute(reader))
    else if (tag === time) nanos = reader.fixed64()
    else if (tag === histogramField.count) count = Number(reader.fixed64())
    else if (tag === histogramField.sum) sum = reader.double()
    else if (tag === histogramField.flags) isStale = isStaleFlag(reader.int64())
    else readBuckets(reader, tag, counts, bounds)
  }
  reader.leave(outer)
  return { attributes, ...timesOf(nanos), isStale, count, sum, counts, bounds }
}

// Lists of numbers come packed into one field, or one by one.
function readBuckets(reader: ProtobufReader, tag: number, counts: number[], bounds: number[]): void {
  if (tag === bucketField.count) counts.push(Number(reader.fixed64()))
  else if (tag === bucketField.bound) bounds.push(reader.double())
  else if (tag === bucketField.counts || tag === bucketField.bounds) {
    const outer = reader.enter()
    while (reader.at < reader.end) {
      if (tag === bucketField.counts) counts.push(Number(reader.fixed64()))
      else bounds.push(reader.double())
    }
    reader.leave(outer)
  } else reader.skip(tag)
}

const summaryField = {
  attribute: bytes(7),
  count: fixed(4),
  sum: fixed(5),
  quantile: bytes(6),
  flags: varint(8),
}

function readSummaryPoint(reader: ProtobufReader): SummaryPoint {
  const attributes: [string, string][] = []
  const quantiles: [number, number][] = []
  let [nanos, isStale, count, sum] = [0n, false, 0, 0]
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === summaryField.attribute) attributes.push(readAttribute(reader))
    else if (tag === time) nanos = reader.fixed64()
    else if (tag === summaryField.count) count = Number(reader.fixed64())
    else if (tag === summaryField.sum) sum = reader.double()
    else if (tag === summaryField.quantile) quantiles.push(readQuantile(reader))
    else if (tag === summaryField.flags) isStale = isStaleFlag(reader.int64())
    else reader.skip(tag)
  }
  reader.leave(outer)
  return { attributes, ...timesOf(nanos), isStale, count, sum, quantiles }
}

function readQuantile(reader: ProtobufReader): [number, number] {
  const pair: [number, number] = [0, 0]
  const outer = reader.enter()
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === fixed(1)) pair[0] = reader.double()
    else if (tag === fixed(2)) pair[1] = reader.double()
    else reader.skip(tag)
  }
  reader.leave(outer)
  return pair
}
