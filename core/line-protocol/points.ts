// Line protocol as it stands: measurement, tags and typed fields, before they become series. Called by the
// command line and by tests, which hold the scanner that it shares with decode.ts against the public vectors.
import { readHead } from './head.ts'
import { type LineError, LineErrors } from './line-errors.ts'
import type { Precision } from './precision.ts'
import { carriageReturn, comma, failed, hash, kinds, newline, Scanner, space } from './scan.ts'

export type FieldValue =
  | Readonly<{ float: number }>
  | Readonly<{ int: bigint }>
  | Readonly<{ uint: bigint }>
  | Readonly<{ bool: boolean }>
  | Readonly<{ string: string }>

type Pairs<Value> = readonly (readonly [string, Value])[]

// Tags and fields in the order of the text; no time when the line has none.
export type Point = Readonly<{
  measurement: string
  tags: Pairs<string>
  fields: Pairs<FieldValue>
  timeNs?: bigint
}>

export type Points = Readonly<{ points: readonly Point[]; rejected: number; errors: readonly LineError[] }>

const tagsMax = 1_000

const perUnitNs: Readonly<Record<Precision, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

export function decodePoints(block: Uint8Array, precision: Precision = 'ns'): Points {
  const scan = new Scanner()
  scan.open(block)
  const errors = new LineErrors()
  const points: Point[] = []
  let at = 0
  while (at < scan.end) {
    const c = scan.bytes[at]
    if (c === space || c === newline || (c === carriageReturn && scan.bytes[at + 1] === newline)) {
      at++
      continue
    }
    const next = c === hash ? scan.comment(at) : readPoint(scan, at, precision, points)
    if (next === failed) errors.add(scan)
    at = next === failed ? scan.bytes.indexOf(newline, scan.resumeAt) + 1 : next
  }
  return { points, rejected: errors.count, errors: errors.first }
}

function readPoint(scan: Scanner, from: number, precision: Precision, points: Point[]): number {
  const head = readHead(scan, from, tagsMax)
  if (head === undefined) return failed
  const fields: (readonly [string, FieldValue])[] = []
  let at = head.end
  while (scan.bytes[at] === space) at++
  for (;;) {
    const keyEnd = scan.key(at, 'field')
    if (keyEnd === failed) return failed
    const key = scan.text(at, keyEnd, 'key')
    const valueEnd = scan.value(keyEnd + 1)
    if (valueEnd === failed) return failed
    fields.push([key, fieldValue(scan, keyEnd + 1, valueEnd)])
    at = valueEnd
    if (scan.bytes[at] !== comma) break
    at++
  }
  const next = scan.time(at, precision)
  if (next === failed) return failed
  const time = scan.ascii(at, next).trim()
  const point: Point = { measurement: head.measurement, tags: head.tags, fields }
  points.push(time === '' ? point : { ...point, timeNs: BigInt(time) * perUnitNs[precision] })
  return next
}

function fieldValue(scan: Scanner, from: number, to: number): FieldValue {
  const kind = kinds[scan.kind]
  if (kind === 'string') return { string: scan.string }
  if (kind === 'bool') return { bool: scan.number[0] === 1 }
  if (kind === 'int') return { int: BigInt(scan.ascii(from, to - 1)) }
  if (kind === 'uint') return { uint: BigInt(scan.ascii(from, to - 1)) }
  return { float: scan.number[0]! }
}
