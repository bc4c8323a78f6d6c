// The flat objects of a JSON file, one by one while it comes: a list of them, or the answer of Zabbix' API around one. A
// file of any size needs room for one object. Called by import-file.ts.
import { Failure } from '#core/errors.ts'

type Fields = Readonly<Record<string, unknown>>
export type OnObject = (fields: Fields, place: Readonly<{ line: number; column: number }>) => void

const objectMax = 65_536

const quote = 34
const backslash = 92
const open = 123
const close = 125
const listBegins = 91
const newline = 10

// The objects within the first list; what stands before and behind it is passed over.
export async function readObjects(chunks: AsyncIterable<Uint8Array>, onObject: OnObject): Promise<void> {
  let rest = Buffer.alloc(0)
  let inList = false
  let objects = 0
  let [line, lineStart] = [1, 0]
  // Where the bytes that are held begin in the file.
  let base = 0
  const step = (bytes: Buffer): number => {
    let begins = -1
    let inText = false
    let textBegins = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (inText) {
        if (byte === backslash) at++
        else if (byte === quote) inText = false
        continue
      }
      if (byte === newline && begins < 0) {
        line++
        lineStart = base + at + 1
      } else if (byte === quote) {
        inText = true
        textBegins = at
      } else if (byte === listBegins && !inList) inList = true
      else if (byte === open && inList) {
        if (begins >= 0) throw nested(line)
        begins = at
      } else if (byte === close && begins >= 0) {
        objects++
        onObject(parsed(bytes, begins, at + 1, line), { line, column: base + begins - lineStart + 1 })
        for (let each = begins; each < at; each++) {
          if (bytes[each] !== newline) continue
          line++
          lineStart = base + each + 1
        }
        begins = -1
      }
    }
    // Between objects nothing has to be kept, but for a text that is not over.
    if (begins >= 0) return begins
    return inText ? textBegins : bytes.length
  }
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    const before = line
    const used = step(bytes)
    rest = bytes.subarray(used)
    base += used
    if (rest.length > objectMax)
      throw new Failure('bad_import', `line ${before}: wanted objects of at most 64 KiB`)
  }
  if (!inList)
    throw new Failure('bad_import', 'wanted a list of objects, or the answer of trend.get with `result`')
  if (objects === 0 && rest.length === 0)
    throw new Failure('bad_import', 'wanted objects in the list, found none')
  if (rest.length > 0)
    throw new Failure('bad_import', `line ${line}: wanted the end of an object, found the end of the file`)
}

const nested = (line: number): Failure =>
  new Failure('bad_import', `line ${line}: wanted objects of plain fields, found an object within one`)

function parsed(bytes: Buffer, from: number, to: number, line: number): Fields {
  const text = bytes.toString('utf8', from, to)
  try {
    return JSON.parse(text) as Fields
  } catch (cause) {
    throw new Failure(
      'bad_import',
      `line ${line}: wanted an object of JSON, found ${text.slice(0, 60)}: ${(cause as Error).message}`,
    )
  }
}
