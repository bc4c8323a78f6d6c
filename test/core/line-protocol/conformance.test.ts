// The public vectors of influxdata/line-protocol, held against both decoders and the encoder.
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { RowBuffer } from '#core/batch.ts'
import { Failure } from '#core/errors.ts'
import { LineDecoder, lineLimits } from '#core/line-protocol/decode.ts'
import { pointLine } from '#core/line-protocol/encode.ts'
import { nameOf } from '#core/line-protocol/names.ts'
import { decodePoints, type FieldValue, type Point } from '#core/line-protocol/points.ts'
import { type Precision, precisionOf } from '#core/line-protocol/precision.ts'
import { SeriesTable } from '#core/series.ts'

type Text = string | { binary: string }
type Pair<Value> = { key: Text; value: Value }
type Written = { float?: number | string; int?: string; uint?: string; bool?: boolean; string?: Text }
type WrittenPoint = { time: string; name: Text; tags: Pair<Text>[]; fields: Pair<Written>[] }
type DecodeVector = {
  key: string
  text: Text
  defaultTime: string
  precision: string
  output: { result: WrittenPoint[] } | { error: string }
}
type EncodeVector = {
  key: string
  point: WrittenPoint
  precision: string
  output: { result: Text } | { error: string }
}

const folder = process.env['PLIMSOLL_CONFORMANCE'] ?? '../shared/conformance'
const file = `${folder}/line-protocol/corpus.json`
const isThere = existsSync(file)
if (!isThere) console.log(`line protocol: no vectors, because ${file} is absent`)

// Whole numbers of 64 bits stay text.
const corpus: { decode: DecodeVector[]; encode: EncodeVector[] } = isThere
  ? JSON.parse(readFileSync(file, 'utf8').replace(/"(time|defaultTime|int|uint)": ?(-?\d+)/g, '"$1":"$2"'))
  : { decode: [], encode: [] }

// What we decide otherwise than the vectors, by key, and why. docs/line-protocol.md has the same table.
const otherwise: Readonly<Record<string, string>> = {}

const bytesOf = (text: Text): Buffer =>
  typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.binary, 'base64')
const textOf = (text: Text): string => bytesOf(text).toString()
const precisionFor = (text: string): Precision => precisionOf(text.replace('1', ''))!

const written = ({ float, int, uint, bool, string }: Written): FieldValue => {
  // The vectors write minus zero as 0.
  if (float !== undefined) return { float: Number(float) }
  if (int !== undefined) return { int: BigInt(int) }
  if (uint !== undefined) return { uint: BigInt(uint) }
  return bool === undefined ? { string: textOf(string!) } : { bool }
}
const pointOf = ({ time, name, tags, fields }: WrittenPoint): Point => ({
  measurement: textOf(name),
  tags: tags.map(({ key, value }) => [textOf(key), textOf(value)] as const),
  fields: fields.map(({ key, value }) => [textOf(key), written(value)] as const),
  timeNs: BigInt(time),
})

const perUnit: Readonly<Record<string, bigint>> = { ns: 1n, us: 1_000n, ms: 1_000_000n, s: 1_000_000_000n }

// As the vectors have it: tags sorted, and a line without a time has the default one, cut to the precision.
function decoded(vector: DecodeVector): Point[] {
  const precision = precisionFor(vector.precision)
  const cut = (ns: bigint): bigint => ns - (ns % perUnit[precision]!)
  return decodePoints(bytesOf(vector.text), precision).points.map(point => ({
    ...point,
    tags: [...point.tags].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    fields: point.fields.map(
      ([key, value]) => [key, 'float' in value ? { float: value.float + 0 } : value] as const,
    ),
    timeNs: point.timeNs ?? cut(BigInt(vector.defaultTime)),
  }))
}

const errorOf = (vector: DecodeVector): string | undefined => {
  const first = decodePoints(bytesOf(vector.text), precisionFor(vector.precision)).errors[0]
  return first && `${first.line}:${first.column}: ${first.what}`
}

test.skipIf(!isThere)('reads what the reference reads, and refuses what it refuses', () => {
  const wrong: string[] = []
  let passed = 0
  let sameLine = 0
  for (const vector of corpus.decode) {
    if (vector.key in otherwise) continue
    const { output } = vector
    const error = errorOf(vector)
    const text = bytesOf(vector.text).toString('latin1')
    try {
      if ('error' in output) {
        expect(error).toBeDefined()
        const place = /at line (\d+):/.exec(output.error)?.[1]
        if (place === undefined || error!.startsWith(`${place}:`)) sameLine++
      } else {
        expect(error).toBeUndefined()
        expect(decoded(vector)).toEqual(output.result.map(pointOf))
      }
      passed++
    } catch (failure) {
      wrong.push(
        `${vector.key} ${JSON.stringify(text)} wanted ${JSON.stringify(output)}: ${(failure as Error).message}`,
      )
    }
  }
  const refusals = corpus.decode.filter(({ output }) => 'error' in output).length
  expect(wrong).toEqual([])
  expect(sameLine).toBe(refusals)
  console.log(
    `line protocol: ${passed} decode vectors agree, ${Object.keys(otherwise).length} decided otherwise, ${corpus.encode.length} encode vectors`,
  )
})

// A row for each number and boolean, a note for each string.
function expectedRows(points: readonly Point[]): string[] {
  return points.flatMap(({ measurement, tags, fields, timeNs }) =>
    fields.map(([key, value]) => {
      const labels = JSON.stringify([...tags].sort(([a], [b]) => (a < b ? -1 : 1)))
      const past = ((timeNs! % 1_000_000n) + 1_000_000n) % 1_000_000n
      const tMs = (timeNs! - past) / 1_000_000n
      const [kind, found] = Object.entries(value)[0]!
      return `${nameOf(measurement, key)} ${labels} ${tMs} ${kind === 'string' ? JSON.stringify(found) : Number(found)}`
    }),
  )
}

test.skipIf(!isThere)('makes the same of them as rows, whether a prefix is new or known', () => {
  const table = new SeriesTable()
  const decoder = new LineDecoder(table, { ...lineLimits, tags: 1_000 })
  for (const vector of [...corpus.decode, ...corpus.decode]) {
    const precision = precisionFor(vector.precision)
    const points = decodePoints(bytesOf(vector.text), precision)
    const receivedAtMs = 1_000
    const rows = new RowBuffer(0)
    const notes: { series: number; tMs: number; text: string }[] = []
    const got = decoder.decode(bytesOf(vector.text), { precision, receivedAtMs, anyTime: true }, rows, notes)
    expect(got.rejected, vector.key).toBe(points.rejected)
    expect(got.errors, vector.key).toEqual(points.errors)
    const show = (series: number, tMs: number, value: string): string => {
      const { name, labels } = table.get(series)
      return `${name} ${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))} ${tMs} ${value}`
    }
    const { series, tMs, values } = rows.rows()
    const found = [
      ...[...series].map((id, at) => show(id, tMs[at]!, String(values[at]! + 0))),
      ...notes.map(note => show(note.series, note.tMs, JSON.stringify(note.text))),
    ]
    const wanted = expectedRows(
      points.points.map(point => ({ ...point, timeNs: point.timeNs ?? 1_000_000_000n })),
    )
    expect(found.sort(), vector.key).toEqual(wanted.sort())
  }
})

test.skipIf(!isThere)('writes what the reference writes, and refuses what it refuses', () => {
  for (const { key, point, output } of corpus.encode) {
    if ('error' in output) expect(() => pointLine(pointOf(point)), key).toThrow(Failure)
    else expect(pointLine(pointOf(point)), key).toBe(textOf(output.result))
  }
})
