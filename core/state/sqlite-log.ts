// Whether the log beside a SQLite file (its -wal) was damaged where it lay: SQLite takes the first frame that does not fit for
// the end, and forgets without a word what was committed behind it. Called by sqlite.ts before the file is opened.
//
// The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'

const headerBytes = 32
const frameHeaderBytes = 24
const pageBytesMin = 512
const pageBytesMax = 65_536

type Sums = readonly [number, number]

export function damageOfLog(file: string): string | undefined {
  const log = `${file}-wal`
  const bytes = sizeOf(log)
  if (bytes < headerBytes + frameHeaderBytes + pageBytesMin) return undefined
  // The first page is synced before there is a log.
  if (sizeOf(file) === 0) return `${file} is empty or gone, and ${log} goes on from what was in it`
  const handle = openSync(log, 'r')
  try {
    return damageIn(handle, log)
  } finally {
    closeSync(handle)
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

function damageIn(handle: number, log: string): string | undefined {
  const header = read(handle, 0, headerBytes)
  // The last bit of the magic number says in which order the sums take the bytes of a word.
  const isLittle = header.getUint32(0) % 2 === 0
  const pageBytes = header.getUint32(8)
  let sums = sumsOf(header, 24, isLittle, [0, 0])
  // It is synced before the first frame is written.
  if (!isEqual(sums, pairAt(header, 24)) || !isPageSize(pageBytes)) return `the head of ${log} is damaged`
  const frameBytes = frameHeaderBytes + pageBytes
  const frames = Math.floor((fstatSync(handle).size - headerBytes) / frameBytes)
  const salts = pairAt(header, 16)
  let damaged: number | undefined
  let commits = 0
  for (let number = 0; number < frames; number++) {
    const frame = read(handle, headerBytes + number * frameBytes, frameBytes)
    const isOurs = isEqual(pairAt(frame, 8), salts)
    const fits = isOurs && isEqual(sumsOfFrame(frame, isLittle, sums), pairAt(frame, 16))
    // What follows is held against what was written here, not against what is here now.
    sums = pairAt(frame, 16)
    if (!fits) {
      damaged ??= number + 1
      commits = 0
    }
    if (damaged !== undefined && isOurs && isCommit(frame)) commits += 1
    // A single one may be what a loss of power left of the last, which nobody was told of: each is synced before the next.
    if (commits > 1)
      return `frame ${damaged} of ${frames} in ${log} is damaged, and what was committed behind it would be lost`
  }
  return undefined
}

function read(handle: number, at: number, bytes: number): DataView {
  const found = new Uint8Array(bytes)
  readSync(handle, found, 0, bytes, at)
  return new DataView(found.buffer)
}

const isPageSize = (bytes: number): boolean =>
  bytes >= pageBytesMin && bytes <= pageBytesMax && Number.isInteger(Math.log2(bytes))

const isCommit = (frame: DataView): boolean => frame.getUint32(4) !== 0

const pairAt = (bytes: DataView, at: number): Sums => [bytes.getUint32(at), bytes.getUint32(at + 4)]

const isEqual = (a: Sums, b: Sums): boolean => a[0] === b[0] && a[1] === b[1]

// Of the frame's number and size and of its page, as if both went on from what came before.
function sumsOfFrame(frame: DataView, isLittle: boolean, before: Sums): Sums {
  const page = new DataView(frame.buffer, frameHeaderBytes)
  return sumsOf(page, page.byteLength, isLittle, sumsOf(frame, 8, isLittle, before))
}

function sumsOf(bytes: DataView, end: number, isLittle: boolean, before: Sums): Sums {
  let [first, second] = before
  for (let at = 0; at < end; at += 8) {
    first = (first + bytes.getUint32(at, isLittle) + second) >>> 0
    second = (second + bytes.getUint32(at + 4, isLittle) + first) >>> 0
  }
  return [first, second]
}
