// The bytes of a table as text: UTF-8, or GB18030 as a Chinese Excel saves CSV (GBK is a part of it), found out at the first
// bytes that are not ASCII. Called by text-rows.ts for each chunk.
import { isAscii } from 'node:buffer'
import { Failure } from '#core/errors.ts'

// The last is undefined. Lines that were read so far stand in messages.
export type Decode = (chunk: Uint8Array | undefined, line: number) => string

type Decoder = InstanceType<typeof TextDecoder>

const nothing = Buffer.alloc(0)
const mark = Buffer.from([0xef, 0xbb, 0xbf])

export function openDecoder(): Decode {
  let decided: Decoder | undefined
  // Bytes of which nothing came yet, as the next chunk decides what they are.
  let held: Uint8Array = nothing
  let isBegun = false
  const decide = (bytes: Uint8Array, isLast: boolean): string => {
    const first = bytes.findIndex(byte => !isPlain(byte))
    // By itself it may be anything.
    if (!isLast && first === bytes.length - 1) return hold(bytes, first, asciiOf(bytes.subarray(0, first)))
    const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: isBegun })
    const [decoder, text] = orChinese(utf8, { bytes, first, isLast })
    const isMarked = !isBegun && mark.equals(bytes.subarray(0, mark.length))
    if (decoder === utf8 && !isMarked && isAscii(Buffer.from(text))) return hold(bytes, text.length, text)
    decided = decoder
    held = nothing
    return text
  }
  const hold = (bytes: Uint8Array, from: number, text: string): string => {
    held = bytes.subarray(from)
    isBegun ||= text !== ''
    return text
  }
  return (chunk, line) => {
    if (chunk !== undefined && decided === undefined && held.length === 0 && isAscii(chunk)) {
      isBegun ||= chunk.length > 0
      return asciiOf(chunk)
    }
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk ?? nothing])
    try {
      if (decided !== undefined) return decided.decode(chunk, { stream: chunk !== undefined })
      return bytes === undefined ? '' : decide(bytes, chunk === undefined)
    } catch {
      throw otherBytes(bytes ?? held, line, decided)
    }
  }
}

const isPlain = (byte: number): boolean => byte < 0x80

// Each byte is a character.
const asciiOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

type Undecided = Readonly<{ bytes: Uint8Array; first: number; isLast: boolean }>

// Usual Chinese characters have two bytes that are not ASCII. In the west one stands by itself, between letters.
function orChinese(utf8: Decoder, { bytes, first, isLast }: Undecided): readonly [Decoder, string] {
  const stream = { stream: !isLast }
  try {
    return [utf8, utf8.decode(bytes, stream)]
  } catch (cause) {
    if ((bytes[first + 1] ?? 0) < 0x80) throw cause
    const chinese = new TextDecoder('gb18030', { fatal: true })
    return [chinese, chinese.decode(bytes, stream)]
  }
}

// What a chunk begins with may belong to the one before.
function otherBytes(bytes: Uint8Array, line: number, decided: Decoder | undefined): Failure {
  const own = decided === undefined ? bytes : bytes.subarray(Math.max(0, bytes.findIndex(isPlain)))
  const text = new TextDecoder(decided?.encoding).decode(own)
  const bad = text.indexOf('\ufffd')
  const at = line + (bad < 0 ? 1 : text.slice(0, bad).split('\n').length)
  return new Failure(
    'bad_import',
    `line ${at}: wanted text in UTF-8, found other bytes: save it as CSV UTF-8`,
  )
}
