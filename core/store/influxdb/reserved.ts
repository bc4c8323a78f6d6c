// Which lines would InfluxDB take and never give back? A tag with the name of one of its own columns makes every query
// that meets it fail (2.7 panics); a field called `time` is dropped without a word, and so is a measurement with a
// backslash in the wrong place. Called by deliver.ts before anything is sent. An inner loop over every byte that goes
// out: 2 ms a megabyte, 0.05 CPU-s a million values.
import { backslash, comma, newline, quote, space } from '../../line-protocol/scan.ts'
import type { Poisoned } from '../poison.ts'

const equals = 61
const underscore = 95
const letterT = 116

const columns = ['_time', '_value', '_start', '_stop']
const columnKeys = columns.map(column => Buffer.from(`${column}=`))
const timeKey = Buffer.from('time=')
const lostField = 'InfluxDB drops a field called time without a word'
const lostMeasurement =
  'InfluxDB does not give back a measurement with a backslash before a comma, a space, = or "'

export type Checked = Readonly<{
  texts: readonly Uint8Array[]
  unfit: readonly Poisoned<Uint8Array>[]
}>

export function withoutReserved(texts: readonly Uint8Array[]): Checked {
  const unfit: Poisoned<Uint8Array>[] = []
  const kept = texts.flatMap(text => {
    const found = reservedLines(text)
    if (found.length === 0) return [text]
    const between: Uint8Array[] = []
    let from = 0
    for (const { start, end, reason } of found) {
      if (start > from) between.push(text.subarray(from, start))
      unfit.push({ item: text.subarray(start, end), reason })
      from = end
    }
    return from < text.length ? [...between, text.subarray(from)] : between
  })
  return { texts: kept, unfit }
}

type Found = Readonly<{ start: number; end: number; reason: string }>

function reservedLines(text: Uint8Array): Found[] {
  // Always a plain array: code that has seen Buffers too is slower for both.
  const bytes = new Uint8Array(text.buffer, text.byteOffset, text.length)
  const found: Found[] = []
  const { length } = bytes
  let at = 0
  while (at < length) {
    const start = at
    let reason: string | undefined
    // The measurement.
    for (; at < length && bytes[at] !== comma && bytes[at] !== space; at++) {
      if (bytes[at] === backslash) {
        if (losesBackslash(bytes, at)) reason = lostMeasurement
        if (bytes[at + 1] === comma || bytes[at + 1] === space) at++
      }
    }
    // Tags, each from its comma.
    while (at < length && bytes[at] === comma) {
      at++
      if (bytes[at] === underscore) reason ??= reservedTag(bytes, at)
      while (at < length && bytes[at] !== comma && bytes[at] !== space) at += bytes[at] === backslash ? 2 : 1
    }
    // Fields, each from the comma or space before it.
    do {
      at++
      if (bytes[at] === letterT && begins(bytes, at, timeKey)) reason ??= lostField
      while (at < length && bytes[at] !== equals && bytes[at] !== newline)
        at += bytes[at] === backslash ? 2 : 1
      if (bytes[at] === equals && bytes[at + 1] === quote) {
        for (at += 2; at < length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++
      }
      while (at < length && bytes[at] !== comma && bytes[at] !== newline) at++
    } while (at < length && bytes[at] === comma)
    at++
    if (reason !== undefined) found.push({ start, end: Math.min(at, length), reason })
  }
  return found
}

// `\\,` and `\\ ` are a backslash and an escaped character; `=` and `"` need no escape there.
function losesBackslash(bytes: Uint8Array, at: number): boolean {
  const next = bytes[at + 1]
  if (next === equals || next === quote) return true
  return next === backslash && (bytes[at + 2] === comma || bytes[at + 2] === space)
}

function reservedTag(bytes: Uint8Array, at: number): string | undefined {
  const column = columnKeys.findIndex(key => begins(bytes, at, key))
  return column < 0 ? undefined : `a tag called ${columns[column]} makes InfluxDB's queries fail`
}

function begins(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let each = 0; each < key.length; each++) if (bytes[at + each] !== key[each]) return false
  return true
}
