// What was acknowledged and is not in a segment yet: one file for each flush to come, appended to and synced
// before anyone is told "stored". Called by engine.ts.
//
// A record is a header of 16 bytes, then its payload. One that is cut off at the end was never acknowledged;
// replay drops it. Anything else that is not a record is damage, and replay tells how much.
//
//   magic 4, kind 1, check of the rest of the header 3, length of the payload 4, its crc 4
import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writevSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Rows } from '../../batch.ts'
import type { Labels } from '../../model.ts'
import { syncFolder } from './segment-write.ts'

const magic = 0x524a4c50 // "PLJR", little-endian
const headerBytes = 16
const kinds = { rows: 1, definitions: 2, notes: 3 } as const

// A series that this record and later ones may name by its number.
export type Definition = readonly [id: number, name: string, labels: Labels]
export type NoteRecord = readonly [series: number, tMs: number, text: string]

export type Append = Readonly<{
  definitions: readonly Definition[]
  rows: Rows
  notes: readonly NoteRecord[]
}>

export class Journal {
  readonly #file: number
  #length = 0

  constructor(path: string) {
    this.#file = openSync(path, 'w')
    try {
      syncFolder(dirname(path))
    } catch (error) {
      closeSync(this.#file)
      throw error
    }
  }

  get sizeBytes(): number {
    return this.#length
  }

  // Durable when it returns. When it throws, the file is as it was before.
  append({ definitions, rows, notes }: Append): void {
    const parts: Uint8Array[] = []
    if (definitions.length > 0) parts.push(...record(kinds.definitions, [json(definitions)]))
    if (rows.series.length > 0) parts.push(...record(kinds.rows, columns(rows)))
    if (notes.length > 0) parts.push(...record(kinds.notes, [json(notes)]))
    try {
      this.#write(parts)
      fdatasyncSync(this.#file)
    } catch (error) {
      ftruncateSync(this.#file, this.#length)
      throw error
    }
    for (const part of parts) this.#length += part.length
  }

  close(): void {
    closeSync(this.#file)
  }

  #write(parts: readonly Uint8Array[]): void {
    let rest = [...parts]
    let at = this.#length
    while (rest.length > 0) {
      let written = writevSync(this.#file, rest, at)
      at += written
      while (rest[0] !== undefined && written >= rest[0].length) written -= rest.shift()?.length ?? 0
      if (rest[0] !== undefined && written > 0) rest = [rest[0].subarray(written), ...rest.slice(1)]
    }
  }
}

// Calls back for each whole record. Answers how many bytes are damaged: all that belong to no whole record, but
// for the beginning of one at the end, which a write that was cut off leaves.
export function replay(path: string, each: (append: Append) => void): number {
  const bytes = readFileSync(path)
  let lost = 0
  let at = 0
  while (at < bytes.length) {
    const found = recordAt(bytes, at)
    if (found !== undefined) {
      each(parse(found.kind, found.payload))
      at = found.end
      continue
    }
    const next = nextRecord(bytes, at + 1)
    if (next < bytes.length || !isCutOff(bytes, at)) lost += next - at
    at = next
  }
  return lost
}

const magicBytes = Buffer.from('PLJR')

// Where the next whole record begins, or the end.
function nextRecord(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(magicBytes, from); at !== -1; at = bytes.indexOf(magicBytes, at + 1)) {
    if (recordAt(bytes, at) !== undefined) return at
  }
  return bytes.length
}

// Whether what stands here, up to the end, is the beginning of a record and nothing else.
function isCutOff(bytes: Buffer, at: number): boolean {
  const length = payloadLength(bytes, at)
  if (length !== undefined) return at + headerBytes + length > bytes.length
  const left = bytes.length - at
  return left < headerBytes && bytes.subarray(at, at + 4).equals(magicBytes.subarray(0, left))
}

type Found = Readonly<{ kind: number; payload: Buffer; end: number }>

function recordAt(bytes: Buffer, at: number): Found | undefined {
  const length = payloadLength(bytes, at)
  if (length === undefined) return undefined
  const end = at + headerBytes + length
  const payload = bytes.subarray(at + headerBytes, end)
  if (payload.length < length || crc32(payload) !== bytes.readUInt32LE(at + 12)) return undefined
  return { kind: bytes[at + 4]!, payload, end }
}

// Undefined where no header stands, or a damaged one.
function payloadLength(bytes: Buffer, at: number): number | undefined {
  if (at + headerBytes > bytes.length || bytes.readUInt32LE(at) !== magic) return undefined
  return checkOf(bytes, at) === bytes.readUIntLE(at + 5, 3) ? bytes.readUInt32LE(at + 8) : undefined
}

const checkOf = (bytes: Buffer, at: number): number =>
  crc32(bytes.subarray(at + 8, at + headerBytes), bytes[at + 4]!) & 0xffffff

function record(kind: number, payload: readonly Uint8Array[]): Uint8Array[] {
  const header = Buffer.alloc(headerBytes)
  let [length, crc] = [0, 0]
  for (const part of payload) {
    length += part.length
    crc = crc32(part, crc)
  }
  header.writeUInt32LE(magic, 0)
  header.writeUInt8(kind, 4)
  header.writeUInt32LE(length, 8)
  header.writeUInt32LE(crc, 12)
  header.writeUIntLE(checkOf(header, 0), 5, 3)
  return [header, ...payload]
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

const columns = ({ series, tMs, values }: Rows): Uint8Array[] =>
  [tMs, values, series].map(each => new Uint8Array(each.buffer, each.byteOffset, each.byteLength))

const nothing: Append = {
  definitions: [],
  rows: { series: new Uint32Array(0), tMs: new Float64Array(0), values: new Float64Array(0) },
  notes: [],
}

function parse(kind: number, payload: Buffer): Append {
  if (kind === kinds.definitions) return { ...nothing, definitions: JSON.parse(payload.toString()) }
  if (kind === kinds.notes) return { ...nothing, notes: JSON.parse(payload.toString()) }
  if (kind !== kinds.rows) return nothing
  const count = payload.length / 20
  // A copy of its own begins at an aligned address.
  const { buffer } = new Uint8Array(payload)
  return {
    ...nothing,
    rows: {
      tMs: new Float64Array(buffer, 0, count),
      values: new Float64Array(buffer, count * 8, count),
      series: new Uint32Array(buffer, count * 16, count),
    },
  }
}
